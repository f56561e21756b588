// Stops an execution, after asking: what runs is cancelled and rolled back, what is done stays done.
import { Button, Modal, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import type { Execution } from '#contract/api/execution'
import { useApi } from '../../api.ts'
import { FaultNotice } from '../../part/notice.tsx'
import type { Scope } from '../../query.ts'
import { useMay } from '../../session.ts'
import style from './execution.module.css'

export function AbortButton({
  scope,
  execution,
  refresh,
}: {
  readonly scope: Scope
  readonly execution: Execution
  readonly refresh: () => Promise<unknown>
}) {
  const api = useApi()
  const mayAbort = useMay('pipeline.execute', scope)
  const [isOpen, setOpen] = useState(false)
  const [reason, setReason] = useState('')
  const abort = useMutation({
    mutationFn: () =>
      api.abortExecution({
        params: { ...scope, execution: execution.id },
        body: reason.trim() === '' ? {} : { reason: reason.trim() },
      }),
    onSuccess: async () => {
      setOpen(false)
      await refresh()
    },
  })
  function submit(event: FormEvent): void {
    event.preventDefault()
    abort.mutate()
  }
  return (
    <>
      <Button
        variant="default"
        disabled={!mayAbort}
        title={mayAbort ? undefined : 'You may not abort executions'}
        onClick={() => setOpen(true)}
      >
        Abort
      </Button>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        title={`Abort ${execution.pipelineName} #${execution.number}?`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <form onSubmit={submit} className={style.form}>
          <p className="soft">
            A running statement is cancelled and its transaction rolled back. Change sets that are finished stay
            deployed.
          </p>
          <TextInput
            label="Reason"
            placeholder="Optional; kept in the audit trail"
            maxLength={1024}
            data-autofocus
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {abort.error ? <FaultNotice error={abort.error} /> : null}
          <div className={style.formEnd}>
            <Button variant="default" onClick={() => setOpen(false)}>
              Keep running
            </Button>
            <Button type="submit" color="red" loading={abort.isPending}>
              Abort
            </Button>
          </div>
        </form>
      </Modal>
    </>
  )
}
