// Snapshot: what is in the database, as a document for later comparisons and as objects to look at.
import type { SnapshotObject } from '#contract/delegate/payload'
import type { StepWork } from '#contract/delegate/step-spec'
import type { Snapshot } from '#database/snapshot/model'
import { readSnapshot } from '#database/snapshot/read'
import { snapshotDocument } from '#engine/snapshot/document'
import { withoutHistory } from '#engine/snapshot/history-table'
import { selectionOf } from '#engine/snapshot/select'
import { formatSnapshot } from '#engine/snapshot/snapshot'
import type { WorkResult } from './context.ts'
import { type LookContext, withTarget } from './look.ts'

export type TakeSnapshot = Extract<StepWork, { type: 'Snapshot' }>

/** Of one report. */
const part = { objects: 500, bytes: 4_194_304 } as const
/** A stream takes text in pieces; this many characters of the document at once. */
const pieceCharacters = 65_536

const selection = selectionOf({})

/** The objects under the last part of their class names; what has a name that is taken gets a number. */
function objectsOf(snapshot: Snapshot, created: number): SnapshotObject[] {
  const { objects } = snapshotDocument(snapshot, selection.types, created).snapshot
  const seen = new Map<string, number>()
  return Object.entries(objects).flatMap(([className, list]) => {
    const type = className.slice(className.lastIndexOf('.') + 1)
    return list.map((entry) => {
      const value = Object.values(entry)[0] as Record<string, unknown>
      const name = nameOf(value, type).slice(0, 480)
      const count = (seen.get(`${type} ${name}`) ?? 0) + 1
      seen.set(`${type} ${name}`, count)
      return { type, name: count === 1 ? name : `${name} (${count})`, value }
    })
  })
}

function nameOf({ name, snapshotId }: Record<string, unknown>, type: string): string {
  if (typeof name === 'string' && name !== '') return name
  return typeof snapshotId === 'string' ? snapshotId : type
}

function report({ outbox, masking }: LookContext, objects: readonly SnapshotObject[]): void {
  let rest = objects
  do {
    let bytes = 0
    const taken = rest.findIndex((object, index) => {
      bytes += JSON.stringify(object).length
      return index > 0 && (index >= part.objects || bytes > part.bytes)
    })
    const head = taken === -1 ? rest : rest.slice(0, taken)
    rest = taken === -1 ? [] : rest.slice(taken)
    outbox.payload({ kind: 'snapshot', objects: masking.value([...head]), last: rest.length === 0 })
  } while (rest.length > 0)
}

export function takeSnapshot(context: LookContext<TakeSnapshot>): Promise<WorkResult> {
  const { work, line, streams, signal, wire } = context
  return withTarget(context, work.connection, async ({ database, names }) => {
    const found = withoutHistory(await readSnapshot(database, undefined, signal), names)
    const created = wire.clock.now()
    const stream = streams.open('snapshot')
    const text = formatSnapshot(found, selection, 'json', created)
    for (let at = 0; at < text.length; at += pieceCharacters) stream.write(text.slice(at, at + pieceCharacters))
    const objects = objectsOf(found, created)
    report(context, objects)
    const counts: Record<string, number> = {}
    for (const { type } of objects) counts[type] = (counts[type] ?? 0) + 1
    line(
      `The snapshot has ${objects.length} objects: ${Object.entries(counts)
        .map(([type, count]) => `${type} ${count}`)
        .join(', ')}`,
    )
    return { output: { objects: objects.length, counts } }
  })
}
