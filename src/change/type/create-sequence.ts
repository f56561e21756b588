// createSequence
import { defineChange } from '../define.ts'
import { requiredText, text } from '../field.ts'
import { changeNode } from '../inverse.ts'
import { optionsOf, sequenceFields, warnWithoutSequences } from '../sequence.ts'

export const createSequence = defineChange({
  name: 'createSequence',
  fields: {
    catalogName: text(),
    schemaName: text(),
    sequenceName: requiredText(),
    ...sequenceFields,
    startValue: sequenceFields.minValue,
  },
  notAllowed: { dataType: { on: ['mariadb', 'oracle'] }, ordered: { on: ['mssql', 'postgresql'] } },
  check: (_attributes, reading) => warnWithoutSequences(reading),
  statements: (attributes) => [
    {
      type: 'create-sequence',
      sequence: {
        catalogName: attributes.catalogName,
        schemaName: attributes.schemaName,
        name: attributes.sequenceName,
      },
      options: { ...optionsOf(attributes), startValue: attributes.startValue },
    },
  ],
  inverse: ({ catalogName, schemaName, sequenceName }, _dbms, span) => [
    changeNode('dropSequence', { catalogName, schemaName, sequenceName }, span),
  ],
})
