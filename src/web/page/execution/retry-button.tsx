// Goes on where an execution failed: a new one keeps the stages that are done, and leads to its page.
import { Button, Modal, Select, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useState } from 'react'
import type { Execution } from '#contract/api/execution'
import { useApi } from '../../api.ts'
import { retryStages } from '../../model/retry-stage.ts'
import { FaultNotice } from '../../part/notice.tsx'
import type { Scope } from '../../query.ts'
import { useMay } from '../../session.ts'
import style from './execution.module.css'

export function RetryButton({ scope, execution }: { readonly scope: Scope; readonly execution: Execution }) {
  const mayRun = useMay('pipeline.execute', scope)
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button
        variant="default"
        disabled={!mayRun}
        title={mayRun ? undefined : 'You may not run pipelines'}
        onClick={() => setOpen(true)}
      >
        Retry
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={`Go on with ${execution.pipelineName} #${execution.number}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <RetryForm scope={scope} execution={execution} close={() => setOpen(false)} />
      </Modal>
    </>
  )
}

function RetryForm({
  scope,
  execution,
  close,
}: {
  readonly scope: Scope
  readonly execution: Execution
  readonly close: () => void
}) {
  const api = useApi()
  const navigate = useNavigate()
  const stages = retryStages(execution)
  const [stage, setStage] = useState(stages.at(-1)?.value ?? null)
  const [notes, setNotes] = useState('')
  const retry = useMutation({
    mutationFn: () =>
      api.retryExecution({
        params: { ...scope, execution: execution.id },
        body: { ...(stage === null ? {} : { stage }), ...(notes.trim() === '' ? {} : { notes: notes.trim() }) },
      }),
    onSuccess: async ({ execution_details }) => {
      close()
      await navigate({
        to: '/orgs/$org/projects/$project/executions/$execution',
        params: { ...scope, execution: execution_details.execution_id },
      })
    },
  })
  function submit(event: FormEvent): void {
    event.preventDefault()
    retry.mutate()
  }
  return (
    <form onSubmit={submit} className={style.form}>
      <p className="soft">
        A new execution runs the same document with the same inputs. It keeps the stages before this one as they ended,
        with what was approved in them, and runs this one and what follows anew.
      </p>
      <Select
        label="Begin with the stage"
        data={stages}
        value={stage}
        allowDeselect={false}
        data-autofocus
        onChange={setStage}
      />
      <Textarea
        label="Note for reviewers"
        placeholder="Optional"
        autosize
        minRows={2}
        maxLength={1024}
        value={notes}
        onChange={(event) => setNotes(event.currentTarget.value)}
      />
      {retry.error ? <FaultNotice error={retry.error} /> : null}
      <div className={style.formEnd}>
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" loading={retry.isPending}>
          Go on
        </Button>
      </div>
    </form>
  )
}
