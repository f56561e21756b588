// alterSequence
import { defineChange } from '../define.ts'
import { requiredText, text } from '../field.ts'
import { optionsOf, sequenceFields, warnWithoutSequences } from '../sequence.ts'

export const alterSequence = defineChange({
  name: 'alterSequence',
  fields: { catalogName: text(), schemaName: text(), sequenceName: requiredText(), ...sequenceFields },
  notAllowed: { dataType: { on: ['mariadb', 'mssql', 'oracle'] }, ordered: { on: ['mssql'] } },
  check: (_attributes, reading) => warnWithoutSequences(reading),
  statements: (attributes) => [
    {
      type: 'alter-sequence',
      sequence: {
        catalogName: attributes.catalogName,
        schemaName: attributes.schemaName,
        name: attributes.sequenceName,
      },
      options: optionsOf(attributes),
    },
  ],
})
