// A step that cannot go on by itself: a person looks at the database and says what is true.
import { Button, Select, TextInput } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useApi } from '../../api.ts'
import { FaultNotice, Notice } from '../../part/notice.tsx'
import { useMay } from '../../session.ts'
import style from './execution.module.css'
import type { StepProps } from './step-detail.tsx'

type Action = 'Retry' | 'MarkAsSuccess' | 'MarkAsFailure'
const actions: readonly { readonly value: Action; readonly label: string; readonly meaning: string }[] = [
  { value: 'Retry', label: 'Run the step again', meaning: 'What the history table holds is not run twice.' },
  { value: 'MarkAsSuccess', label: 'Count it as a success', meaning: 'The execution goes on with the next step.' },
  {
    value: 'MarkAsFailure',
    label: 'Count it as a failure',
    meaning: 'The failure strategy of the stage decides what follows.',
  },
]

export function Intervention({ scope, execution, node, refresh }: StepProps) {
  const api = useApi()
  const mayResolve = useMay('pipeline.execute', scope)
  const [action, setAction] = useState<Action>('Retry')
  const [reason, setReason] = useState('')
  const resolve = useMutation({
    mutationFn: () =>
      api.resolveNode({
        params: { ...scope, execution: execution.id, node: node.id },
        body: { action, reason: reason.trim() },
      }),
    onSuccess: refresh,
  })
  if (!mayResolve) {
    return (
      <div className={style.reasons}>
        <Notice tone="wait" title="Somebody who may run pipelines has to decide how this step goes on." />
      </div>
    )
  }
  function submit(event: FormEvent): void {
    event.preventDefault()
    resolve.mutate()
  }
  return (
    <form className={style.intervention} onSubmit={submit} aria-label="Decide how this step goes on">
      <div className={style.decide}>
        <Select
          label="How does this step go on?"
          data={actions}
          value={action}
          allowDeselect={false}
          onChange={(value) => setAction(value ?? 'Retry')}
        />
        <TextInput
          label="Reason"
          placeholder="What the history table and the log show"
          required
          withAsterisk={false}
          maxLength={1024}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        <Button type="submit" disabled={reason.trim() === ''} loading={resolve.isPending}>
          Decide
        </Button>
      </div>
      <p className="soft">
        {actions.find((one) => one.value === action)?.meaning} Look at the log and the history table first; the reason
        is kept in the audit trail.
      </p>
      {resolve.error ? <FaultNotice error={resolve.error} /> : null}
    </form>
  )
}
