// Starts an execution, with a note for those who will review it, and leads to its page.
import { Button, Modal, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import { useApi } from '../../api.ts'
import { Icon } from '../../part/icon.tsx'
import { FaultNotice } from '../../part/notice.tsx'
import { useMay } from '../../session.ts'
import { useScope } from '../../shell/scope.ts'
import style from './pipeline.module.css'

export function RunButton({
  pipeline,
  name,
  valid,
}: {
  readonly pipeline: string
  readonly name: string
  readonly valid: boolean
}) {
  const api = useApi()
  const scope = useScope()
  const navigate = useNavigate()
  const mayRun = useMay('pipeline.execute')
  const [isOpen, setOpen] = useState(false)
  const [notes, setNotes] = useState('')
  const run = useMutation({
    mutationFn: () =>
      api.executePipeline({ params: { ...scope, pipeline }, body: notes.trim() === '' ? {} : { notes: notes.trim() } }),
    onSuccess: ({ execution_details }) =>
      navigate({
        to: '/orgs/$org/projects/$project/executions/$execution',
        params: { ...scope, execution: execution_details.execution_id },
      }),
  })
  function submit(event: FormEvent): void {
    event.preventDefault()
    run.mutate()
  }
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
        title={`Run ${name}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form onSubmit={submit} className={style.form}>
          <p className="soft">The saved document runs, against the changelog as it stands in the repository now.</p>
          <Textarea
            label="Note for reviewers"
            placeholder="Optional"
            autosize
            minRows={2}
            maxLength={1024}
            value={notes}
            onChange={(event) => setNotes(event.currentTarget.value)}
          />
          {run.error ? <FaultNotice error={run.error} /> : null}
          <div className={style.formEnd}>
            <Button variant="default" onClick={() => setOpen(false)}>
              Cancel
            </Button>
            <Button type="submit" loading={run.isPending} data-autofocus>
              Run
            </Button>
          </div>
        </form>
      </Modal>
    </>
  )
}
