// MariaDB as a place: two databases of its own on the server that SLUICE_TEST_MARIADB_URL names.
import { type Connection, createConnection } from 'mysql2/promise'
import { type Cells, historyLine, isEngineTable, line, type Place, type Server } from './place.ts'

/** `%` stands for the name of the database. */
const looks: Readonly<Record<string, string>> = {
  relation: `select table_name as owner, table_type as kind, engine, table_collation, table_comment as remarks, auto_increment as next
    from information_schema.tables where table_schema = %`,
  column: `select table_name as owner, column_name as name, ordinal_position as position, column_type as type, is_nullable as nullable,
      column_default as preset, extra, column_key as part, column_comment as remarks, collation_name
    from information_schema.columns where table_schema = %`,
  index: `select table_name as owner, index_name as name, seq_in_index as position, column_name, non_unique, collation, index_type
    from information_schema.statistics where table_schema = %`,
  'foreign key': `select k.table_name as owner, k.constraint_name as name, k.column_name, k.referenced_table_name, k.referenced_column_name,
      r.update_rule, r.delete_rule
    from information_schema.key_column_usage k join information_schema.referential_constraints r
      on r.constraint_schema = k.constraint_schema and r.constraint_name = k.constraint_name and r.table_name = k.table_name
    where k.constraint_schema = % and k.referenced_table_name is not null`,
  view: 'select table_name as owner, view_definition from information_schema.views where table_schema = %',
  routine: `select routine_name as owner, routine_type, dtd_identifier, routine_definition,
      replace(sql_mode, 'IGNORE_SPACE,', '') as sql_mode from information_schema.routines
    where routine_schema = %`,
  sequence: `select table_name as owner from information_schema.tables where table_schema = % and table_type = 'SEQUENCE'`,
}

export function mariadbServer(serverUrl: string): Server {
  return {
    name: 'mariadb',
    async open(label) {
      const url = new URL(serverUrl)
      const database = `sluice_differential_${label}_${process.pid}`
      const connection = await createConnection({
        host: url.hostname,
        port: Number(url.port || '3306'),
        user: decodeURIComponent(url.username),
        password: decodeURIComponent(url.password),
        multipleStatements: true,
        dateStrings: true,
        supportBigNumbers: true,
        bigNumberStrings: true,
      })
      return await placeOf(connection, database, url)
    },
  }
}

async function placeOf(connection: Connection, database: string, url: URL): Promise<Place> {
  const query = async (sql: string): Promise<readonly Cells[]> => {
    const [rows] = await connection.query(sql)
    return rows as readonly Cells[]
  }
  const empty = async (): Promise<void> => {
    await query(
      `drop database if exists ${database}; create database ${database} character set utf8mb4; use ${database}`,
    )
  }
  await empty()
  const named = async (table: string): Promise<string | undefined> => {
    const found = await query(
      `select table_name as name from information_schema.tables where table_schema = '${database}' and lower(table_name) = '${table}'`,
    )
    return found[0]?.['name'] as string | undefined
  }
  return {
    url: `jdbc:mariadb://${url.host}/${database}`,
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    label: database,
    empty,
    async look() {
      const lines: string[] = []
      const tables: string[] = []
      for (const [kind, sql] of Object.entries(looks)) {
        for (const row of await query(sql.replace('%', `'${database}'`))) {
          const owner = String(row['owner'])
          if (isEngineTable(owner)) continue
          if (kind === 'relation' && row['kind'] === 'BASE TABLE') tables.push(owner)
          if (kind !== 'sequence') lines.push(line(kind, row))
          else
            lines.push(
              ...(await query(`select * from \`${owner}\``)).map((values) => line(`sequence ${owner}`, values)),
            )
        }
      }
      for (const table of tables) {
        const rows = await query(`select * from \`${table}\``)
        lines.push(...rows.map((row) => line(`row of ${table}`, row)))
      }
      return lines.map((text) => text.replaceAll(database, '<place>')).toSorted()
    },
    async history() {
      const table = await named('databasechangelog')
      if (table === undefined) return []
      return (await query(`select * from ${table} order by ORDEREXECUTED, DATEEXECUTED, ID`)).map(historyLine)
    },
    async setChecksums(sums) {
      const table = await named('databasechangelog')
      for (const { checksum, id, author, path } of sums) {
        const sql = `update ${table} set MD5SUM = ? where ID = ? and AUTHOR = ? and FILENAME = ?`
        await connection.query(sql, [checksum, id, author, path])
      }
    },
    async locked() {
      const table = await named('databasechangeloglock')
      if (table === undefined) return undefined
      return (await query(`select LOCKED + 0 as locked from ${table}`)).some((row) => Number(row['locked']) !== 0)
    },
    async close() {
      await query(`drop database if exists ${database}`)
      await connection.end()
    },
  }
}
