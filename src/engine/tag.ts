// `tag` and `tag-exists`: names on the newest row of the history.
import { Fault } from '#contract/fault'
import type { TargetContext } from './context.ts'

/** Puts the tag on the newest row, over one that is there; an empty history gets a row for it. Takes the lock. */
export async function tag(_target: TargetContext, _name: string, _signal?: AbortSignal): Promise<void> {
  throw new Fault('not-offered', 'It is being written.')
}

export async function tagExists(_target: TargetContext, _name: string, _signal?: AbortSignal): Promise<boolean> {
  throw new Fault('not-offered', 'It is being written.')
}
