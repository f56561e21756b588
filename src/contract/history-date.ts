// A moment of the history as people write it for `rollback-to-date`: without a zone it is UTC, as DATEEXECUTED is read.

const pattern = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?(?:\.\d+)?))?Z?$/

/** What to write instead of a text that is none. */
export const historyDateExample = '2026-11-20 or 2026-11-20T18:00:00'

/** Epoch milliseconds; undefined for a text that is no date. */
export function readHistoryDate(text: string): number | undefined {
  const found = pattern.exec(text.trim())
  const time = found ? Date.parse(`${found[1]}T${found[2] ?? '00:00:00'}Z`) : Number.NaN
  return Number.isNaN(time) ? undefined : time
}
