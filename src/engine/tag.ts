// `tag` and `tag-exists`: names on the newest row of the history.
import { Fault } from '#contract/fault'
import type { OfflineHistory } from '#database/port'
import type { TargetContext } from './context.ts'
import { ensureHistoryTable, findTag, type History, newestRow, nextOrder, readHistory } from './history/table.ts'
import { tagOffline } from './history/offline.ts'
import { historyKey } from './history/row.ts'
import { deleteRowText, isTagMarker, tagCarrierText, tagMarkerText, tagText } from './history/write.ts'
import { underLock } from './lock/acquire.ts'

/** Puts the tag on the newest row, over one that is there; an empty history gets a row for it. Takes the lock. */
export async function tag(target: TargetContext, name: string, signal?: AbortSignal): Promise<void> {
  const { offline } = target.database
  if (offline) await setTagOffline(target, offline, name)
  else await underLock(target, async () => await setTag(target, name, signal), signal)
}

async function setTagOffline(target: TargetContext, offline: OfflineHistory, name: string): Promise<void> {
  checkTag(name)
  const row = newestRow(await readHistory(target))
  if (!row) throw new Fault('not-found', `The history file ${offline.file} has no row that could be tagged.`)
  await tagOffline(offline, historyKey(row.fileName, row.id, row.author), name)
}

function checkTag(name: string): void {
  if (name !== '' && name.length <= 255) return
  throw new Fault('invalid-input', `A tag has 1 to 255 characters, this one has ${name.length}.`)
}

/** The same for who holds the lock. */
export async function setTag(target: TargetContext, name: string, signal?: AbortSignal): Promise<void> {
  checkTag(name)
  await ensureHistoryTable(target, signal)
  const row = newestRow(await readHistory(target, signal))
  const text = row ? tagText(target, row, name) : tagCarrierText(target, name)
  await target.database.session.execute(text, [], signal)
}

/**
 * The tag that marks the present state: the one on the newest row, or `name`, which is put there. When `name` is in the history
 * already, an earlier attempt of the same work put it or found it: it stays where it is. For who holds the lock.
 */
export async function ensureTag(
  target: TargetContext,
  history: History,
  name: string,
  signal?: AbortSignal,
): Promise<string> {
  if (findTag(history, { tag: name }) !== undefined) return name
  const present = newestRow(history)?.tag
  if (present !== undefined && present !== '') return present
  await setTag(target, name, signal)
  return name
}

/**
 * A further name for a state that may have one already: a row of its own when another tag stands on the newest row, which stays where
 * it is. For who holds the lock.
 */
export async function tagUnchanged(target: TargetContext, name: string, signal?: AbortSignal): Promise<void> {
  checkTag(name)
  const history = await readHistory(target, signal)
  const present = newestRow(history)?.tag
  if (present === name) return
  if (present === undefined || present === '') return await setTag(target, name, signal)
  await target.database.session.execute(tagMarkerText(target, name, nextOrder(history)), [], signal)
}

/** Takes away the rows that only carry tags and are newer than the tag that was gone back to. For who holds the lock. */
export async function removeMarkers(target: TargetContext, name: string, signal?: AbortSignal): Promise<void> {
  const history = await readHistory(target, signal)
  const boundary = findTag(history, { tag: name })
  if (!boundary) return
  for (const row of history.rows.slice(history.rows.indexOf(boundary) + 1).filter(isTagMarker)) {
    target.log(`Rolling Back Changeset: ${row.id}`)
    await target.database.session.execute(deleteRowText(target, row), [], signal)
  }
}

/** Letter case counts here, as in the original engine, though not when rolling back to a tag. */
export async function tagExists(target: TargetContext, name: string, signal?: AbortSignal): Promise<boolean> {
  return (await readHistory(target, signal)).rows.some((row) => row.tag === name)
}
