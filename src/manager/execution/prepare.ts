// From a stored pipeline and the inputs of a start to the very document that is run: inputs supplied, loops expanded.
import type { StartBody } from '#contract/api/pipeline'
import type { Diagnostic } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import type { PipelineDocument } from '#pipeline/document'
import { expandLoops } from '#pipeline/expand'
import { readPipeline, type StartInputs } from '#pipeline/read/pipeline'
import type { Facts } from '#pipeline/state'
import { supplyFacts } from '#pipeline/trigger/fact'
import { invalidDocument } from '../entity/document.ts'
import { readSets } from '../input-set/sets.ts'
import type { Executor } from '../store/port.ts'

export type GivenInputs = Pick<StartBody, 'input_set_refs' | 'inputs_yaml' | 'inputs'>
interface StoredPipeline {
  readonly id: string
  readonly identifier: string
  readonly yaml: string
}
export interface Prepared {
  readonly document: PipelineDocument
  readonly diagnostics: readonly Diagnostic[]
  /** The texts of the sets as they were: a run can be understood, and repeated, after they changed. */
  readonly inputs: StartInputs
}

/** Raises `invalid-input` with every finding, and `not-found` for a set that is not there. */
export async function prepare(
  db: Executor,
  pipeline: StoredPipeline,
  given: GivenInputs,
  facts: Facts,
): Promise<Prepared> {
  const { input_set_refs: references = [], inputs_yaml: yaml, inputs: typed = {} } = given
  const sets = [...(await readSets(db, pipeline.id, references))]
  if (yaml !== undefined && yaml.trim() !== '') sets.push({ file: 'inputs.yaml', source: yaml })
  const { trigger } = facts
  const supplied = trigger ? sets.map((set) => ({ ...set, source: supplyFacts(set.source, trigger) })) : sets
  return prepareDocument(pipeline, { sets: supplied, typed }, facts)
}

export function prepareDocument(
  { identifier, yaml }: Pick<StoredPipeline, 'identifier' | 'yaml'>,
  inputs: StartInputs,
  facts: Facts,
): Prepared {
  const { pipeline, diagnostics } = readPipeline(yaml, `${identifier}.yaml`, inputs)
  if (!pipeline) throw invalidPipeline(identifier, diagnostics)
  const expanded = expandLoops(pipeline.document, facts)
  if ('document' in expanded) return { document: expanded.document, diagnostics, inputs }
  throw new Fault('invalid-input', `The pipeline ${identifier} cannot be started: ${expanded.problem}.`, {
    hint: 'Correct the loop, or give the values that it goes over.',
  })
}

export const invalidPipeline = (identifier: string, diagnostics: readonly Diagnostic[]): Fault =>
  invalidDocument(`The pipeline ${identifier}`, diagnostics)
