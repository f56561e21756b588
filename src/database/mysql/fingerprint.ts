// A canonical text of a database of MySQL or MariaDB: two with the same text are the same to their users.
import type { Row, SqlValue } from '../port.ts'

const notHistory = "lower(TABLE_NAME) not in ('databasechangelog', 'databasechangeloglock', 'sluice_journal')"

/** One query for each kind, with one parameter: the name of the database. */
const queries: readonly string[] = [
  `select 'table' as kind, concat_ws(' ', TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_COLLATION, 'remarks', TABLE_COMMENT) as text
    from information_schema.TABLES where TABLE_SCHEMA = ? and ${notHistory}`,
  `select 'column' as kind, concat_ws(' ', TABLE_NAME, ORDINAL_POSITION, COLUMN_NAME, COLUMN_TYPE,
      if(IS_NULLABLE = 'NO', 'not null', 'null'), 'default', COLUMN_DEFAULT, EXTRA, COLLATION_NAME, 'remarks', COLUMN_COMMENT)
      as text
    from information_schema.COLUMNS where TABLE_SCHEMA = ? and ${notHistory}`,
  `select 'index' as kind, concat_ws(' ', TABLE_NAME, INDEX_NAME, if(NON_UNIQUE = 0, 'unique', ''), INDEX_TYPE,
      group_concat(concat_ws(' ', COLUMN_NAME, SUB_PART, COLLATION) order by SEQ_IN_INDEX)) as text
    from information_schema.STATISTICS where TABLE_SCHEMA = ? and ${notHistory}
    group by TABLE_NAME, INDEX_NAME, NON_UNIQUE, INDEX_TYPE`,
  `select 'constraint' as kind, concat_ws(' ', TABLE_NAME, CONSTRAINT_NAME, CONSTRAINT_TYPE) as text
    from information_schema.TABLE_CONSTRAINTS where TABLE_SCHEMA = ? and ${notHistory}`,
  `select 'foreign key' as kind, concat_ws(' ', k.TABLE_NAME, k.CONSTRAINT_NAME,
      group_concat(concat(k.COLUMN_NAME, '=', k.REFERENCED_TABLE_NAME, '.', k.REFERENCED_COLUMN_NAME)
        order by k.ORDINAL_POSITION), r.UPDATE_RULE, r.DELETE_RULE) as text
    from information_schema.KEY_COLUMN_USAGE k
    join information_schema.REFERENTIAL_CONSTRAINTS r on r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA
      and r.CONSTRAINT_NAME = k.CONSTRAINT_NAME and r.TABLE_NAME = k.TABLE_NAME
    where k.TABLE_SCHEMA = ? and k.REFERENCED_TABLE_NAME is not null
    group by k.TABLE_NAME, k.CONSTRAINT_NAME, r.UPDATE_RULE, r.DELETE_RULE`,
  `select 'view' as kind, concat_ws(' ', TABLE_NAME, VIEW_DEFINITION, CHECK_OPTION) as text
    from information_schema.VIEWS where TABLE_SCHEMA = ?`,
  `select 'routine' as kind, concat_ws(' ', ROUTINE_TYPE, ROUTINE_NAME, DTD_IDENTIFIER, ROUTINE_DEFINITION,
      (select group_concat(concat_ws(' ', PARAMETER_MODE, PARAMETER_NAME, p.DTD_IDENTIFIER) order by ORDINAL_POSITION)
        from information_schema.PARAMETERS p
        where p.SPECIFIC_SCHEMA = r.ROUTINE_SCHEMA and p.SPECIFIC_NAME = r.SPECIFIC_NAME)) as text
    from information_schema.ROUTINES r where ROUTINE_SCHEMA = ?`,
  `select 'trigger' as kind, concat_ws(' ', EVENT_OBJECT_TABLE, TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION,
      ACTION_STATEMENT) as text
    from information_schema.TRIGGERS where TRIGGER_SCHEMA = ?`,
  `select 'event' as kind, concat_ws(' ', EVENT_NAME, EVENT_DEFINITION) as text
    from information_schema.EVENTS where EVENT_SCHEMA = ?`,
]

type RowsOf = (sql: string, parameters: readonly SqlValue[]) => Promise<readonly Row[]>

export async function fingerprint(rowsOf: RowsOf, schemaName: string | undefined): Promise<string> {
  const [row] = await rowsOf('select database() as name', [])
  const present = typeof row?.['name'] === 'string' ? row['name'] : ''
  const schema = schemaName ?? present
  const lines: string[] = []
  for (const query of queries) {
    for (const row of await rowsOf(query, [schema])) lines.push(`${String(row['kind'])}: ${String(row['text'])}`)
  }
  lines.push(...(await sequences(rowsOf, schema)))
  return lines.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)).join('\n')
}

/** A sequence of MariaDB is a table of one row that holds how it counts; where it stands is not part of the structure. */
async function sequences(rowsOf: RowsOf, schema: string): Promise<readonly string[]> {
  const names = await rowsOf(
    "select TABLE_NAME as name from information_schema.TABLES where TABLE_SCHEMA = ? and TABLE_TYPE = 'SEQUENCE'",
    [schema],
  )
  const lines: string[] = []
  for (const { name } of names) {
    const quoted = [schema, String(name)].map((part) => `\`${part.replaceAll('`', '``')}\``).join('.')
    const [row] = await rowsOf(
      `select minimum_value, maximum_value, start_value, increment, cache_size, cycle_option from ${quoted}`,
      [],
    )
    lines.push(`sequence: ${String(name)} ${JSON.stringify(row)}`)
  }
  return lines
}
