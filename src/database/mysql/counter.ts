// How far AUTO_INCREMENT columns of MySQL and MariaDB and sequences of MariaDB have come.
import type { CounterReader } from '../snapshot/reader.ts'
import { textOf } from '../snapshot/group.ts'
import { quoteName } from './quote.ts'
import { literal } from './value.ts'

const quote = (name: string): string => quoteName(name, 'QUOTE_ALL_OBJECTS')
const qualified = (schemaName: string | undefined, name: string): string =>
  schemaName === undefined ? quote(name) : `${quote(schemaName)}.${quote(name)}`

export const mysqlCounters: CounterReader = async (rows, schemaNames) => {
  const list = schemaNames.map((name) => literal(name)).join(', ')
  const relations = await rows(`
    select table_schema as \`schema\`, table_name as name, table_type as kind, cast(auto_increment as char) as next
    from information_schema.tables
    where table_schema in (${list}) and (auto_increment > 1 or table_type = 'SEQUENCE') order by table_schema, table_name`)
  const sequences = relations.filter((row) => row['kind'] === 'SEQUENCE')
  const tables = relations.filter((row) => row['kind'] !== 'SEQUENCE')
  // Numbers that the server holds ready and has not given out are lost, as when it is started again.
  const values =
    sequences.length === 0
      ? []
      : await rows(
          sequences
            .map((row) => {
              const [schema, name] = [textOf(row['schema']), textOf(row['name'])]
              return `select ${literal(schema)} as \`schema\`, ${literal(name)} as name, cast(next_not_cached_value as char) as next from ${qualified(schema, name)}`
            })
            .join(' union all '),
        )
  return [
    ...tables.map((row) => ({
      schemaName: textOf(row['schema']),
      tableName: textOf(row['name']),
      sequenceName: undefined,
      statement: (schemaName: string | undefined) =>
        `ALTER TABLE ${qualified(schemaName, textOf(row['name']))} AUTO_INCREMENT = ${textOf(row['next'])}`,
    })),
    ...values.map((row) => ({
      schemaName: textOf(row['schema']),
      tableName: undefined,
      sequenceName: textOf(row['name']),
      statement: (schemaName: string | undefined) =>
        `SELECT SETVAL(${qualified(schemaName, textOf(row['name']))}, ${textOf(row['next'])}, 0)`,
    })),
  ]
}
