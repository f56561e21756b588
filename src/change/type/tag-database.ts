// tagDatabase: no SQL of its own, the engine writes the tag into the row of the change set.
import { defineChange } from '../define.ts'
import { boolean, report, text } from '../field.ts'

export const tagDatabase = defineChange({
  name: 'tagDatabase',
  fields: { tag: text(), keepTagOnRollback: boolean({ hashed: 'never' }) },
  check({ tag }, reading) {
    if (tag !== undefined && tag !== '') return
    const message = 'tagDatabase has no "tag" and sets none'
    const fix = 'Add the attribute "tag", or remove the change.'
    report(reading, 'change/missing-attribute', message, reading.node.span, { severity: 'warning', fix })
  },
  statements: () => [],
  inverse: () => [],
})
