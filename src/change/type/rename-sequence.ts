// renameSequence
import { defineChange } from '../define.ts'
import { requiredText, text } from '../field.ts'
import { changeNode } from '../inverse.ts'

export const renameSequence = defineChange({
  name: 'renameSequence',
  fields: { catalogName: text(), schemaName: text(), oldSequenceName: requiredText(), newSequenceName: requiredText() },
  notOn: ['sqlite', 'mysql'],
  statements: ({ catalogName, schemaName, oldSequenceName, newSequenceName }) => [
    { type: 'rename-sequence', sequence: { catalogName, schemaName, name: oldSequenceName }, newName: newSequenceName },
  ],
  inverse({ catalogName, schemaName, oldSequenceName, newSequenceName }, _dbms, span) {
    const swapped = { oldSequenceName: newSequenceName, newSequenceName: oldSequenceName }
    return [changeNode('renameSequence', { catalogName, schemaName, ...swapped }, span)]
  },
})
