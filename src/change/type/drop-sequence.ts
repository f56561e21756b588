// dropSequence
import { defineChange } from '../define.ts'
import { requiredText, text } from '../field.ts'
import { warnWithoutSequences } from '../sequence.ts'

export const dropSequence = defineChange({
  name: 'dropSequence',
  fields: { catalogName: text(), schemaName: text(), sequenceName: requiredText() },
  check: (_attributes, reading) => warnWithoutSequences(reading),
  statements: ({ schemaName, sequenceName }) => [
    { type: 'drop-sequence', sequence: { schemaName, name: sequenceName } },
  ],
})
