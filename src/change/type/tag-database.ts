// tagDatabase: no SQL of its own, the engine writes the tag into the row of the change set.
import { defineChange } from '../define.ts'
import { boolean, requiredText } from '../field.ts'

export const tagDatabase = defineChange({
  name: 'tagDatabase',
  fields: { tag: requiredText(), keepTagOnRollback: boolean({ hashed: 'never' }) },
  statements: () => [],
  inverse: () => [],
})
