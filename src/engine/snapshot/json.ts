// The shape of Liquibase as JSON, piece by piece: of a large database all of it would be held as one text, and again as bytes.
import type { SnapshotDocument } from './document.ts'

/** So many objects become text at once. */
const enough = 200

/** Whole lines, without the line end between the pieces; the document is left open after its part, for another one. */
export function* snapshotJson({ snapshot }: SnapshotDocument): Generator<string> {
  const around = JSON.stringify({ snapshot: { ...snapshot, objects: {} } }, undefined, 2)
  const lists = Object.entries(snapshot.objects)
  if (lists.length === 0) {
    yield open(around)
    return
  }
  // Quotes inside of a value would have a backslash before them.
  const [before = '', after = ''] = around.split('"objects": {}')
  yield `${before}"objects": {`
  for (const [list, [className, objects]] of lists.entries()) {
    yield `      ${JSON.stringify(className)}: [`
    for (let start = 0; start < objects.length; start += enough) {
      const end = start + enough
      yield `${elements(objects.slice(start, end))}${end < objects.length ? ',' : ''}`
    }
    yield `      ]${list + 1 < lists.length ? ',' : ''}`
  }
  yield open(`    }${after}`)
}

const open = (text: string): string => `${text.slice(0, -'\n}'.length)},`

/** The lines of a list that stands four deep, without its brackets. */
function elements(list: readonly unknown[]): string {
  return JSON.stringify([[[list]]], undefined, 2).slice(
    '[\n  [\n    [\n      [\n'.length,
    -'\n      ]\n    ]\n  ]\n]'.length,
  )
}
