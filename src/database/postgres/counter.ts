// How far the sequences of PostgreSQL have come.
import { quoteText } from '../function-name.ts'
import type { CounterReader } from '../snapshot/reader.ts'
import { optional, textOf } from '../snapshot/group.ts'
import { quoteName } from './quote.ts'

/** Sequences that were never asked have no last value. */
const counterQuery = `
  select s.schemaname::text as schema, s.sequencename::text as name, s.last_value::text as last, t.relname::text as relation,
    a.attname::text as "column", d.deptype::text as kind
  from pg_catalog.pg_sequences s
  join pg_catalog.pg_namespace n on n.nspname = s.schemaname
  join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = s.sequencename
  left join pg_catalog.pg_depend d on d.objid = c.oid and d.classid = 'pg_catalog.pg_class'::regclass
    and d.refclassid = 'pg_catalog.pg_class'::regclass and d.deptype in ('a', 'i')
  left join pg_catalog.pg_class t on t.oid = d.refobjid
  left join pg_catalog.pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
  where s.schemaname = any($1::text[]) and s.last_value is not null order by 1, 2`

export const postgresCounters: CounterReader = async (rows, schemaNames) => {
  const array = `{${schemaNames.map((name) => `"${name.replaceAll(/["\\]/g, '\\$&')}"`).join(',')}}`
  return (await rows(counterQuery, [array])).map((row) => {
    const name = textOf(row['name'])
    const tableName = optional(row['relation'])
    const last = textOf(row['last'])
    const shown = (schemaName: string | undefined, object: string): string =>
      quoteText([schemaName, object].flatMap((part) => (part === undefined ? [] : quoteAll(part))).join('.'))
    return {
      schemaName: textOf(row['schema']),
      tableName,
      sequenceName: name,
      statement: (schemaName) => {
        // The sequence of an identity column is called as the database likes.
        const sequence =
          row['kind'] === 'i' && tableName !== undefined
            ? `pg_get_serial_sequence(${shown(schemaName, tableName)}, ${quoteText(textOf(row['column']))})`
            : shown(schemaName, name)
        return `SELECT setval(${sequence}, ${last}, true)`
      },
    }
  })
}

const quoteAll = (name: string): string => quoteName(name, 'QUOTE_ALL_OBJECTS')
