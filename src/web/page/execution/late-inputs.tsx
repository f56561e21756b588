// A step or stage that waits for values: a field for each of them.
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useApi } from '../../api.ts'
import { InputField } from '../../part/input-field.tsx'
import { FaultNotice, Notice } from '../../part/notice.tsx'
import { useMay } from '../../session.ts'
import style from './execution.module.css'
import type { StepProps } from './step-detail.tsx'

export function LateInputs({ scope, execution, node, refresh }: StepProps) {
  const api = useApi()
  const mayGive = useMay('pipeline.execute', scope)
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({})
  const given = Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== ''))
  const give = useMutation({
    mutationFn: () =>
      api.giveInputs({ params: { ...scope, execution: execution.id, node: node.id }, body: { inputs: given } }),
    onSuccess: refresh,
  })
  if (!mayGive) {
    return (
      <div className={style.reasons}>
        <Notice tone="wait" title={`Somebody who may run pipelines has to give the inputs of ${node.name}.`} />
      </div>
    )
  }
  function submit(event: FormEvent): void {
    event.preventDefault()
    give.mutate()
  }
  return (
    <form className={style.intervention} onSubmit={submit} aria-label={`Give the inputs of ${node.name}`}>
      <div className={style.asked}>
        {(node.inputs ?? []).map((input) => (
          <InputField
            key={input.name}
            rules={input}
            label={input.name}
            about={undefined}
            value={typed[input.name] ?? ''}
            message={undefined}
            required={input.default === undefined}
            most={65_536}
            type={(value) => setTyped((before) => ({ ...before, [input.name]: value }))}
          />
        ))}
        <Button type="submit" loading={give.isPending}>
          Go on
        </Button>
      </div>
      {give.error ? <FaultNotice error={give.error} /> : null}
    </form>
  )
}
