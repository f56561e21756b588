// renameView
import { defineChange } from '../define.ts'
import { requiredText, text } from '../field.ts'
import { changeNode } from '../inverse.ts'

export const renameView = defineChange({
  name: 'renameView',
  fields: {
    catalogName: text(),
    schemaName: text(),
    oldViewName: requiredText(),
    newViewName: requiredText(),
  },
  // The original engine writes SQL here that SQLite does not know.
  notOn: ['sqlite'],
  notAllowed: { schemaName: { on: ['oracle'] } },
  statements: ({ catalogName, schemaName, oldViewName, newViewName }) => [
    { type: 'rename-view', view: { catalogName, schemaName, name: oldViewName }, newName: newViewName },
  ],
  inverse: ({ catalogName, schemaName, oldViewName, newViewName }, _dbms, span) => [
    changeNode('renameView', { catalogName, schemaName, oldViewName: newViewName, newViewName: oldViewName }, span),
  ],
})
