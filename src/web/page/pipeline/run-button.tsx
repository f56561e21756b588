// Opens the form that starts an execution.
import { Button, Modal } from '@mantine/core'
import { useState } from 'react'
import { Icon } from '../../part/icon.tsx'
import { useMay } from '../../session.ts'
import { useScope } from '../../shell/scope.ts'
import { RunForm } from './run-form.tsx'

export function RunButton({
  pipeline,
  name,
  valid,
}: {
  readonly pipeline: string
  readonly name: string
  readonly valid: boolean
}) {
  const mayRun = useMay('pipeline.execute', { ...useScope(), identifier: pipeline })
  const [isOpen, setOpen] = useState(false)
  const why = !mayRun ? 'You may not run pipelines' : !valid ? 'The saved document has errors' : undefined
  return (
    <>
      <Button
        leftSection={<Icon name="play" size={13} />}
        disabled={why !== undefined}
        title={why}
        onClick={() => setOpen(true)}
      >
        Run
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        size="lg"
        title={`Run ${name}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <RunForm pipeline={pipeline} close={() => setOpen(false)} />
      </Modal>
    </>
  )
}
