// What is asked before a run: input sets, runtime inputs and a note for reviewers; below them what would run with these. Leads to
// the page of the execution.
import { Button, Textarea } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { type FormEvent, useEffect, useMemo, useRef, useState } from 'react'
import type { Diagnostic } from '#contract/diagnostic'
import type { Fault } from '#contract/fault'
import { toFault, useApi } from '../../api.ts'
import { givenInputs, placeMessages, type TypedInputs } from '../../model/run-input.ts'
import { FaultNotice, Loading, Notice } from '../../part/notice.tsx'
import { dryRunQuery, pipelineInputsQuery } from '../../query.ts'
import { useScope } from '../../shell/scope.ts'
import style from './pipeline.module.css'
import { InputSetField, RunInputFields } from './run-inputs.tsx'
import { RunPreview } from './run-preview.tsx'

/** Milliseconds without a change before the server is asked what would run. */
const pause = 400

export function RunForm({ pipeline, close }: { readonly pipeline: string; readonly close: () => void }) {
  const api = useApi()
  const scope = useScope()
  const navigate = useNavigate()
  const form = useRef<HTMLFormElement>(null)
  const asked = useQuery(pipelineInputsQuery(api, scope, pipeline))
  const [typed, setTyped] = useState<TypedInputs>({})
  const [sets, setSets] = useState<string[]>([])
  const [notes, setNotes] = useState('')
  const given = useMemo(() => ({ inputs: givenInputs(typed), input_set_refs: sets }), [typed, sets])
  const [settled] = useDebouncedValue(given, pause)
  const dryRun = useQuery(dryRunQuery(api, scope, pipeline, settled))
  const run = useMutation({
    mutationFn: () =>
      api.executePipeline({
        params: { ...scope, pipeline },
        body: { ...given, ...(notes.trim() === '' ? {} : { notes: notes.trim() }) },
      }),
    onSuccess: ({ execution_details }) =>
      navigate({
        to: '/orgs/$org/projects/$project/executions/$execution',
        params: { ...scope, execution: execution_details.execution_id },
      }),
  })
  const { inputs = [], sets: offered = [] } = asked.data ?? {}
  // What was refused stays to be read until something is changed; before that, what the dry run found.
  const refused = run.error ? toFault(run.error) : undefined
  const fault = refused ?? (dryRun.error ? toFault(dryRun.error) : undefined)
  const { atInput, elsewhere } = placeMessages(pipeline, inputs, fault?.diagnostics ?? [])
  // Nobody is told that a field is missing while they are on their way to it.
  const messages = refused ? atInput : new Map([...atInput].filter(([path]) => path in given.inputs))
  useEffect(() => {
    if (refused) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()
  }, [refused])
  function change(update: () => void): void {
    run.reset()
    update()
  }
  function submit(event: FormEvent): void {
    event.preventDefault()
    run.mutate()
  }
  if (asked.error) return <FaultNotice error={asked.error} retry={() => void asked.refetch()} />
  if (!asked.data) return <Loading rows={5} />
  return (
    // The server says what is wrong, in its own words; the browser does not hold the form back.
    <form ref={form} onSubmit={submit} className={style.form} noValidate>
      <p className="soft">The saved document runs, against the changelog as it stands in the repository now.</p>
      {offered.length > 0 ? (
        <InputSetField sets={offered} chosen={sets} choose={(chosen) => change(() => setSets(chosen))} />
      ) : null}
      <RunInputFields
        inputs={inputs}
        typed={typed}
        messages={messages}
        hasSets={sets.length > 0}
        type={(path, value) => change(() => setTyped((before) => ({ ...before, [path]: value })))}
      />
      <Textarea
        label="Note for reviewers"
        placeholder="Optional"
        autosize
        minRows={2}
        maxLength={1024}
        data-autofocus={inputs.length === 0 ? true : undefined}
        value={notes}
        onChange={(event) => setNotes(event.currentTarget.value)}
      />
      <div>
        <h3 id="what-would-run">What would run</h3>
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard */}
        <div className={style.previewBox} tabIndex={0} role="region" aria-labelledby="what-would-run">
          {fault ? (
            <WhyNot
              fault={fault}
              elsewhere={elsewhere}
              marked={messages.size}
              open={atInput.size - messages.size}
              refused={refused !== undefined}
            />
          ) : null}
          {!fault && dryRun.data ? <RunPreview nodes={dryRun.data.nodes} /> : null}
          {!fault && !dryRun.data ? <Loading rows={4} /> : null}
        </div>
      </div>
      <div className={style.formEnd}>
        <Button variant="default" onClick={close}>
          Cancel
        </Button>
        <Button type="submit" loading={run.isPending}>
          Run
        </Button>
      </div>
    </form>
  )
}

/** Why nothing would run, apart from what is said at the fields. */
function WhyNot({
  fault: { code, message, hint, diagnostics },
  elsewhere,
  marked,
  open,
  refused,
}: {
  readonly fault: Fault
  readonly elsewhere: readonly Diagnostic[]
  /** Fields that have a message. */
  readonly marked: number
  /** Fields that are wrong and not marked yet. */
  readonly open: number
  readonly refused: boolean
}) {
  const whatToDo = marked > 0 ? 'Correct the fields that are marked' : open > 0 ? 'Fill in what is required' : undefined
  return (
    <>
      {whatToDo === undefined ? null : refused ? (
        <Notice tone="bad" title={`Not started. ${whatToDo}.`} />
      ) : (
        <p className="soft">{whatToDo} to see what would run.</p>
      )}
      {elsewhere.length > 0 || diagnostics.length === 0 ? (
        <FaultNotice error={{ code, message, hint, diagnostics: elsewhere }} />
      ) : null}
    </>
  )
}
