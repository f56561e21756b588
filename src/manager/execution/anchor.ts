// Names the tag that marks the state before an apply.
import type { Run } from './run.ts'

/** TAG of the history table has 255 characters; this leaves room and keeps it readable. */
const LONGEST = 200

/**
 * Readable, the same for every attempt of a step in one run, and never the same for two: numbers of runs begin again when a pipeline
 * is deleted and created anew, so a part of the id of the run is in it.
 */
export function anchorName(run: Pick<Run, 'id' | 'pipeline' | 'number'>, node: string): string {
  const id = run.id.replaceAll(/[^0-9a-zA-Z]/g, '').slice(-8)
  const tail = `-${run.number}-${node}`
  const room = LONGEST - id.length - 1
  const readable = `before-${run.pipeline}${tail}`
  return `${readable.length > room ? shorten(readable, room) : readable}-${id}`
}

/** Keeps the end, which tells the step, and a number made of the whole, so that different names stay different. */
function shorten(text: string, room: number): string {
  let sum = 0
  for (const character of text) sum = (Math.imul(sum, 31) + (character.codePointAt(0) ?? 0)) >>> 0
  const mark = `before-${sum.toString(36)}-`
  return `${mark}${text.slice(-(room - mark.length))}`
}
