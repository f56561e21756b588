// createView: the query stands in the changelog or in a file.
import { defineChange } from '../define.ts'
import { boolean, report, requiredText, text } from '../field.ts'
import { changeNode } from '../inverse.ts'
import { bodyChecksum, bodyText } from '../body.ts'

export const createView = defineChange({
  name: 'createView',
  fields: {
    catalogName: text(),
    schemaName: text(),
    viewName: requiredText(),
    selectQuery: text({ direct: true, hashed: 'version-8' }),
    path: text({ hashed: 'version-8' }),
    relativeToChangelogFile: boolean({ hashed: 'version-8' }),
    encoding: text({ hashed: 'version-8' }),
    fullDefinition: boolean(),
    remarks: text(),
    replaceIfExists: boolean(),
  },
  check({ selectQuery, path }, reading) {
    if (selectQuery !== undefined || path !== undefined) return
    report(reading, 'change/missing-attribute', 'createView has neither a query nor "path"', reading.node.span, {
      fix: 'Write the query as "selectQuery" (XML: as the text of the element), or name a file with "path".',
    })
  },
  async statements(attributes, context) {
    const { catalogName, schemaName, viewName, remarks, fullDefinition, replaceIfExists } = attributes
    return [
      {
        type: 'create-view',
        view: { catalogName, schemaName, name: viewName },
        query: (await bodyText({ ...attributes, text: attributes.selectQuery }, context)).trimEnd(),
        fullDefinition: fullDefinition ?? false,
        replace: replaceIfExists ?? false,
        remarks,
      },
    ]
  },
  inverse: ({ catalogName, schemaName, viewName }, _dbms, span) => [
    changeNode('dropView', { catalogName, schemaName, viewName }, span),
  ],
  checksum: (attributes, form, context, printed) =>
    bodyChecksum('createView', { ...attributes, text: attributes.selectQuery }, printed, form, context),
})
