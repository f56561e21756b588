// sqlFile: statements of the user in a file of their own.
import { withoutBlanks, withSingleBlanks } from '../blank.ts'
import { dbmsMatches } from '../dbms.ts'
import { defineChange } from '../define.ts'
import { md5OfBytes } from '../digest.ts'
import { boolean, requiredText, text } from '../field.ts'
import { readFileBytes, readFileText, resolvePath } from '../file.ts'
import { lowerSql, placeInFile } from '../lower.ts'
import { sqlChecksumHeader } from './sql.ts'

export const sqlFile = defineChange({
  name: 'sqlFile',
  fields: {
    dbms: text(),
    path: requiredText(),
    relativeToChangelogFile: boolean(),
    encoding: text(),
    splitStatements: boolean(),
    stripComments: boolean(),
    endDelimiter: text(),
    ignoreOriginalSplitStatements: boolean(),
  },
  async statements(attributes, context) {
    if (!dbmsMatches(attributes.dbms, context.dbms)) return []
    const { path, encoding, relativeToChangelogFile: relative } = attributes
    const written = await readFileText(context, { path, encoding, relative })
    const { splitStatements = true, stripComments = false, endDelimiter } = attributes
    const place = placeInFile(resolvePath(context.expand(path), context.changelogPath, relative))
    return lowerSql(context.expand(written), { splitStatements, stripComments, endDelimiter }, place)
  },
  // The file counts as it is, properties not expanded.
  async checksum(attributes, form, context) {
    const { path, encoding, relativeToChangelogFile: relative } = attributes
    if (form.version === 9) {
      const written = await readFileText(context, { path, encoding, relative })
      return `9:${md5OfBytes(Buffer.from(withoutBlanks(written), 'utf8'))}`
    }
    // One character for each byte, so that bytes of any encoding go through unchanged.
    const bytes = Buffer.from(await readFileBytes(context, path, relative)).toString('latin1')
    return `8:${md5OfBytes(Buffer.from(sqlChecksumHeader(attributes) + withSingleBlanks(bytes), 'latin1'))}`
  },
})
