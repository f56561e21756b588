// The runtime inputs of a pipeline as a form: what each field is called, and which message of the server belongs to which field.
import type { Api } from '#contract/api/index'
import type { Diagnostic } from '#contract/diagnostic'
import type { ReplyOf } from '#contract/endpoint'

export type PipelineInput = ReplyOf<Api['listPipelineInputs']>[number]
/** Path → what a person typed. */
export type TypedInputs = Readonly<Record<string, string>>

/** Words of the document that say nothing to a person who fills in a form. */
const structure: ReadonlySet<string> = new Set(['stages', 'spec', 'execution', 'steps', 'rollbackSteps', 'variables'])

/** `variables.env.value` is `env`, `stages.prod.spec.execution.steps.apply.spec.tag` is `prod › apply › tag`. */
export function inputLabel(path: string): string {
  const parts = path.split('.')
  const isVariable = parts.at(-3) === 'variables' && parts.at(-1) === 'value'
  const told = (isVariable ? parts.slice(0, -1) : parts).filter((part) => !structure.has(part))
  return told.length > 0 ? told.join(' › ') : path
}

/** What is sent: an empty field is left to the input sets and the default. */
export function givenInputs(typed: TypedInputs): Record<string, string> {
  return Object.fromEntries(Object.entries(typed).filter(([, value]) => value !== ''))
}

export interface PlacedMessages {
  /** Path → messages of that field. */
  readonly atInput: ReadonlyMap<string, string>
  readonly elsewhere: readonly Diagnostic[]
}

/** A finding belongs to the input that it names, or to the only one on its line of the pipeline. */
export function placeMessages(
  pipeline: string,
  inputs: readonly PipelineInput[],
  diagnostics: readonly Diagnostic[],
): PlacedMessages {
  const atInput = new Map<string, string>()
  const elsewhere: Diagnostic[] = []
  for (const diagnostic of diagnostics) {
    const { message, span, severity } = diagnostic
    const named = inputs.find(({ path }) => message.startsWith(`The input ${path} `))
    const onLine = span?.file === `${pipeline}.yaml` ? inputs.filter(({ line }) => line === span.line) : []
    const input = named ?? (onLine.length === 1 ? onLine[0] : undefined)
    if (!input || severity !== 'error') elsewhere.push(diagnostic)
    else {
      const before = atInput.get(input.path)
      atInput.set(input.path, before === undefined ? message : `${before} ${message}`)
    }
  }
  return { atInput, elsewhere }
}
