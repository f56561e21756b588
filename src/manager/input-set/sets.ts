// The input sets that a start names, as texts: an overlay stands for the sets that it lists.
import { Fault } from '#contract/fault'
import { parse } from 'yaml'
import { missing } from '../entity/scope.ts'
import type { Executor } from '../store/port.ts'

export interface InputSetText {
  readonly file: string
  readonly source: string
}

/** An overlay that lists overlays that list overlays … is a mistake. */
const DEEPEST = 5
const MOST_SETS = 50

/** In the order in which they are laid over each other. Raises `not-found` and `invalid-input`. */
export async function readSets(
  db: Executor,
  pipelineId: string,
  identifiers: readonly string[],
  depth = 0,
): Promise<readonly InputSetText[]> {
  if (depth > DEEPEST) throw new Fault('invalid-input', 'Overlays of input sets list each other too deeply.')
  const found: InputSetText[] = []
  for (const identifier of identifiers) {
    const row = await db
      .selectFrom('input_set')
      .where('pipeline_id', '=', pipelineId)
      .where('identifier', '=', identifier)
      .select('yaml')
      .executeTakeFirst()
    if (!row) throw missing('Input set', identifier)
    const overlaid = overlayReferences(row.yaml)
    if (overlaid) found.push(...(await readSets(db, pipelineId, overlaid, depth + 1)))
    else found.push({ file: `${identifier}.yaml`, source: row.yaml })
    if (found.length > MOST_SETS) throw new Fault('invalid-input', `More than ${MOST_SETS} input sets at once.`)
  }
  return found
}

/** What an overlay lists; undefined when the text is none. */
export function overlayReferences(yaml: string): readonly string[] | undefined {
  let parsed: unknown
  try {
    parsed = parse(yaml, { maxAliasCount: 0 })
  } catch {
    return undefined
  }
  const overlay = (parsed as { readonly overlayInputSet?: { readonly inputSetReferences?: unknown } } | null)
    ?.overlayInputSet
  if (overlay === undefined) return undefined
  const { inputSetReferences: references } = overlay
  return Array.isArray(references) ? references.filter((one): one is string => typeof one === 'string') : []
}
