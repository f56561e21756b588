// SchemaDiff: in what the instance differs from another database, or from a snapshot that was taken earlier.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SchemaSide, StepWork } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { readSnapshotFile } from '#database/snapshot/file'
import type { Snapshot } from '#database/snapshot/model'
import { readSnapshot } from '#database/snapshot/read'
import { diffOf } from '#engine/diff/diff'
import { diffText } from '#engine/diff/text'
import { withoutHistory } from '#engine/snapshot/history-table'
import { selectionOf } from '#engine/snapshot/select'
import type { WorkResult } from './context.ts'
import { type LookContext, withTarget } from './look.ts'

export type CompareSchemas = Extract<StepWork, { type: 'SchemaDiff' }>

const readDatabase = (
  context: LookContext<CompareSchemas>,
  connection: CompareSchemas['connection'],
): Promise<Snapshot> =>
  withTarget(context, connection, async ({ database, names }) =>
    withoutHistory(await readSnapshot(database, undefined, context.signal), names),
  )

/** The document of a snapshot, from the manager that keeps it. */
async function readKept({ document, wire, signal }: LookContext): Promise<Snapshot> {
  const { attempt, fence } = wire
  const parts: string[] = []
  for (let offset = 0; ; ) {
    const reply = await wire.call(
      (stop) => wire.client.readReference({ params: { attempt }, query: { fence, offset } }, stop),
      signal,
    )
    parts.push(reply.text)
    if (reply.closed && reply.text === '') break
    if (reply.text === '') throw new Fault('conflict', 'The snapshot to compare with is not complete.')
    offset = reply.nextOffset
  }
  const path = join(document.folder, 'reference.json')
  await writeFile(path, parts.join(''), { mode: 0o600 })
  return readSnapshotFile(path)
}

const readSide = (context: LookContext<CompareSchemas>, side: SchemaSide): Promise<Snapshot> =>
  'snapshot' in side ? readKept(context) : readDatabase(context, side.connection)

export async function compareSchemas(context: LookContext<CompareSchemas>): Promise<WorkResult> {
  const { work, line, streams, masking } = context
  const reference = await readSide(context, work.reference)
  const comparison = await readDatabase(context, work.connection)
  const [one, other] = [reference.database, comparison.database]
  if (one.shortName !== other.shortName)
    throw new Fault('not-offered', `${one.productName} cannot be compared with ${other.productName}.`, {
      hint: 'Compare two databases of the same kind.',
    })
  const selection = selectionOf({})
  const { items, ...diff } = diffOf(reference, comparison, selection)
  const text = diffText({ ...diff, items }, selection.types)
  streams.open('diff').write(`${text}\n`)
  const count = (state: string): number => items.filter((item) => item.state === state).length
  const counts = { missing: count('missing'), unexpected: count('unexpected'), changed: count('changed') }
  line(
    items.length === 0
      ? 'Nothing differs'
      : `${counts.missing} missing, ${counts.unexpected} unexpected, ${counts.changed} changed`,
  )
  const shown = items.slice(0, 500).map(({ type, state, title, name, differences }) => ({
    type,
    state,
    name: title || name,
    differences: differences.slice(0, 20),
  }))
  return { output: { equal: items.length === 0, ...counts, differences: masking.value(shown) } }
}
