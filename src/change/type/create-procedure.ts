// createProcedure: a procedure or function; its whole text stands in the changelog or in a file and is never split.
import { bodyChecksum, bodyText } from '../body.ts'
import { dbmsMatches } from '../dbms.ts'
import { defineChange } from '../define.ts'
import { boolean, given, hashedAs, report, text, textPlace } from '../field.ts'

export const createProcedure = defineChange({
  name: 'createProcedure',
  fields: {
    catalogName: text(),
    schemaName: text(),
    procedureName: text(),
    procedureText: text({ direct: true, alias: 'procedureBody', hashed: 'never' }),
    path: text({ hashed: 'version-8' }),
    relativeToChangelogFile: boolean({ hashed: 'version-8' }),
    encoding: text({ hashed: 'version-8' }),
    comment: text({ hashed: 'version-8' }),
    dbms: text({ hashed: 'version-8' }),
    replaceIfExists: boolean(),
    procedureBody: hashedAs(),
    namedBody: given('procedureBody'),
    place: textPlace('procedureText', 'procedureBody'),
  },
  notAllowed: { catalogName: { on: ['mssql'] }, replaceIfExists: { on: ['oracle'] } },
  check({ procedureText, path }, reading) {
    if (procedureText !== undefined || path !== undefined) return
    report(reading, 'change/missing-attribute', 'createProcedure has neither a text nor "path"', reading.node.span, {
      fix: 'Write the text as "procedureText" (XML: as the text of the element), or name a file with "path".',
    })
  },
  async statements(attributes, context) {
    // SQLite has no procedures; the change is left out there, as the original engine does.
    if (!dbmsMatches(attributes.dbms, context.dbms) || context.dbms === 'sqlite') return []
    const { catalogName, schemaName, procedureName, replaceIfExists, place } = attributes
    return [
      {
        type: 'create-procedure',
        procedure: procedureName === undefined ? undefined : { catalogName, schemaName, name: procedureName },
        text: await bodyText({ ...attributes, text: attributes.procedureText }, context),
        replace: replaceIfExists ?? false,
        span: place.span,
      },
    ]
  },
  hashed(attributes, form) {
    if (form.version === 9) return attributes
    const { procedureText, namedBody } = attributes
    const procedureBody = form.procedure === 'named-body' && !namedBody ? undefined : procedureText
    return {
      ...attributes,
      procedureBody,
      comment: form.procedure === 'text-and-comment' ? attributes.comment : undefined,
    }
  },
  checksum: (attributes, form, context, printed) =>
    bodyChecksum('createProcedure', { ...attributes, text: attributes.procedureText }, printed, form, context),
})
