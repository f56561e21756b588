// The decision of one person: the values that they are asked for, a comment, approve or reject.
import { Button, Textarea } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { Approval } from '#contract/api/approval'
import { toFault, useApi } from '../../api.ts'
import { Icon } from '../../part/icon.tsx'
import { InputField } from '../../part/input-field.tsx'
import { FaultNotice, Notice } from '../../part/notice.tsx'
import type { Scope } from '../../query.ts'
import style from './approval-panel.module.css'
import type { Plan } from './plan-view.tsx'

export function ApprovalDecision({
  scope,
  approval,
  plans,
  decided,
}: {
  readonly scope: Scope
  readonly approval: Approval
  readonly plans: readonly Plan[]
  readonly decided: () => Promise<unknown>
}) {
  const api = useApi()
  const queries = useQueryClient()
  const section = useRef<HTMLDivElement>(null)
  const [comments, setComments] = useState('')
  const [changed, setChanged] = useState<Readonly<Record<string, string>>>({})
  const { inputs, givenInputs } = approval
  // What others gave stands there to be confirmed or changed: the last approver's values count.
  const valueOf = (name: string): string => changed[name] ?? givenInputs[name] ?? ''
  const decide = useMutation({
    mutationFn: (action: 'APPROVE' | 'REJECT') =>
      api.decideApproval({
        params: { ...scope, approval: approval.id },
        body: {
          action,
          comments: comments.trim(),
          planDigests: plans.map((plan) => plan.digest),
          ...(action === 'APPROVE' ? { inputs: changed } : {}),
        },
      }),
    onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: ['approval'] }), decided()]),
  })
  const fault = decide.error ? toFault(decide.error) : undefined
  const wrong = fault && inputs.find(({ name }) => fault.message.startsWith(`The input ${name} `))
  const wrongName = wrong?.name
  useEffect(() => {
    if (wrongName !== undefined) section.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [wrongName, fault])
  if (!approval.decidable) {
    return (
      <div className={style.decision}>
        <Notice tone="calm" title={approval.notDecidableBecause ?? 'You may not decide this.'}>
          <p className="soft">Somebody else has to review the SQL and decide.</p>
        </Notice>
      </div>
    )
  }
  return (
    <div className={style.decision} ref={section}>
      {fault && !wrong ? <FaultNotice error={fault} /> : null}
      {inputs.length > 0 ? (
        <div className={style.asked} role="group" aria-label="Asked of approvers">
          {inputs.map((input) => (
            <InputField
              key={input.name}
              rules={input}
              label={input.name}
              about={input.description}
              value={valueOf(input.name)}
              message={wrong === input ? fault?.message : undefined}
              required={input.required && input.default === undefined}
              most={4096}
              type={(value) => {
                decide.reset()
                setChanged((before) => ({ ...before, [input.name]: value }))
              }}
            />
          ))}
        </div>
      ) : null}
      <div className={style.form}>
        <Textarea
          className={style.comments}
          label="Comment"
          placeholder="Optional; kept with the decision"
          autosize
          minRows={1}
          maxRows={4}
          maxLength={4096}
          value={comments}
          onChange={(event) => setComments(event.currentTarget.value)}
        />
        <Button
          variant="outline"
          color="red"
          leftSection={<Icon name="close" size={13} />}
          loading={decide.isPending && decide.variables === 'REJECT'}
          disabled={decide.isPending}
          onClick={() => decide.mutate('REJECT')}
        >
          Reject
        </Button>
        <Button
          leftSection={<Icon name="check" size={14} />}
          loading={decide.isPending && decide.variables === 'APPROVE'}
          disabled={decide.isPending}
          onClick={() => decide.mutate('APPROVE')}
        >
          {plans.length > 0 ? 'Approve this SQL' : 'Approve'}
        </Button>
      </div>
    </div>
  )
}
