// dropProcedure
import { defineChange } from '../define.ts'
import { requiredText, text } from '../field.ts'

export const dropProcedure = defineChange({
  name: 'dropProcedure',
  fields: { catalogName: text(), schemaName: text(), procedureName: requiredText() },
  notOn: ['sqlite'],
  notAllowed: { catalogName: { on: ['mssql'] } },
  statements: ({ catalogName, schemaName, procedureName }) => [
    { type: 'drop-procedure', procedure: { catalogName, schemaName, name: procedureName } },
  ],
})
