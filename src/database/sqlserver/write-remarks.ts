// Remarks in SQL Server's SQL: extended properties, set anew when they are there.
import { quoteText } from '../function-name.ts'
import { unicode } from './naming.ts'

export interface Described {
  readonly schemaName: string
  readonly kind: 'TABLE' | 'VIEW'
  readonly name: string
  readonly column?: string
}

/** One batch: the blanks are those of the original engine. */
export function remarksText({ schemaName, kind, name, column }: Described, remarks: string): string {
  const object = `OBJECT_ID(${quoteText(`${schemaName}.${name}`)})`
  const minor =
    column === undefined
      ? '0'
      : `( SELECT column_id FROM sys.columns WHERE name = ${quoteText(column)} AND object_id = ${object})`
  const levels = [
    `@level0type = N'SCHEMA' , @level0name = ${unicode(schemaName)}`,
    `@level1type = N'${kind}' , @level1name = ${unicode(name)}`,
    ...(column === undefined ? [] : [`@level2type = N'COLUMN' , @level2name = ${unicode(column)}`]),
  ]
  const values = [`@name = N'MS_Description' , @value = ${unicode(remarks)}`, ...levels].join(' , ')
  const found = `SELECT extended_properties.value FROM sys.extended_properties WHERE major_id = ${object} AND name = N'MS_DESCRIPTION' AND minor_id = ${minor}`
  return `IF EXISTS(  ${found} ) BEGIN  EXEC sys.sp_updateextendedproperty ${values} END  ELSE  BEGIN  EXEC sys.sp_addextendedproperty ${values} END`
}
