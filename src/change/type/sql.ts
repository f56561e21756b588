// sql: statements of the user, written in the changelog itself.
import { withoutBlanks, withSingleBlanks } from '../blank.ts'
import { defineChange } from '../define.ts'
import { md5OfBytes } from '../digest.ts'
import { dbmsMatches } from '../dbms.ts'
import { boolean, integer, requiredText, text, textPlace } from '../field.ts'
import { lowerSql } from '../lower.ts'

/** Before version 9 the way of splitting was part of the checksum. */
export function sqlChecksumHeader(attributes: {
  readonly endDelimiter: string | undefined
  readonly splitStatements: boolean | undefined
  readonly stripComments: boolean | undefined
}): string {
  const { endDelimiter = 'null', splitStatements = true, stripComments = false } = attributes
  return `${endDelimiter}:${splitStatements}:${stripComments}:`
}

export const sql = defineChange({
  name: 'sql',
  fields: {
    dbms: text(),
    sql: requiredText({ direct: true }),
    comment: text(),
    splitStatements: boolean(),
    stripComments: boolean(),
    endDelimiter: text(),
    ignoreOriginalSplitStatements: boolean(),
    sqlStartLine: integer(),
    sqlEndLine: integer(),
    place: textPlace('sql'),
  },
  statements(attributes, context) {
    if (!dbmsMatches(attributes.dbms, context.dbms)) return []
    const { splitStatements = true, stripComments = false, endDelimiter } = attributes
    return lowerSql(attributes.sql, { splitStatements, stripComments, endDelimiter }, attributes.place)
  },
  checksum(attributes, form) {
    const hashed =
      form.version === 9
        ? withoutBlanks(attributes.sql)
        : sqlChecksumHeader(attributes) + withSingleBlanks(attributes.sql)
    return Promise.resolve(`${form.version}:${md5OfBytes(Buffer.from(hashed, 'utf8'))}`)
  },
})
