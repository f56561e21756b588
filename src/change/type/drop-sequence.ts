// dropSequence
import { defineChange } from '../define.ts'
import { requiredText, text } from '../field.ts'
import { warnWithoutSequences } from '../sequence.ts'

export const dropSequence = defineChange({
  name: 'dropSequence',
  fields: { catalogName: text(), schemaName: text(), sequenceName: requiredText() },
  check: (_attributes, reading) => warnWithoutSequences(reading),
  statements: ({ catalogName, schemaName, sequenceName }) => [
    { type: 'drop-sequence', sequence: { catalogName, schemaName, name: sequenceName } },
  ],
})
