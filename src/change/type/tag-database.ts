// tagDatabase: no SQL of its own, the engine writes the tag into the row of the change set.
import type { Change } from '../change.ts'
import { defineChange } from '../define.ts'
import { boolean, requiredText } from '../field.ts'

export const tagDatabase = defineChange({
  name: 'tagDatabase',
  fields: { tag: requiredText(), keepTagOnRollback: boolean({ hashed: 'never' }) },
  statements: () => [],
  inverse: () => [],
})

export interface Tag {
  readonly tag: string
  /** Is the row with the tag to stay when rolling back to it? */
  readonly keepTagOnRollback: boolean
}

/** The tag that a change set sets, if one of its changes is a tagDatabase. */
export function tagOf(changes: readonly Change[]): Tag | undefined {
  const found = changes.find((change) => change.type.name === tagDatabase.name)
  if (!found) return undefined
  const { tag, keepTagOnRollback } = found.attributes as { tag: string; keepTagOnRollback: boolean | undefined }
  return { tag, keepTagOnRollback: keepTagOnRollback ?? false }
}
