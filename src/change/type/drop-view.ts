// dropView
import { defineChange } from '../define.ts'
import { boolean, requiredText, text } from '../field.ts'

export const dropView = defineChange({
  name: 'dropView',
  fields: { catalogName: text(), schemaName: text(), viewName: requiredText(), ifExists: boolean() },
  notAllowed: { ifExists: { on: ['oracle'] } },
  statements: ({ catalogName, schemaName, viewName, ifExists }) => [
    { type: 'drop-view', view: { catalogName, schemaName, name: viewName }, ifExists: ifExists ?? false },
  ],
})
