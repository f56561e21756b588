// MariaDB as a place: two databases of its own on the server that SLUICE_TEST_MARIADB_URL names.
import { type Connection, createConnection } from 'mysql2/promise'
import { type Cells, historyLine, isEngineTable, line, type Place, type Server } from './place.ts'

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

/** `information_schema` opens every table for every query; what SHOW prints costs a twentieth. */
const survey = [
  'show full tables',
  `select routine_name as owner, routine_type, dtd_identifier, routine_definition,
    replace(sql_mode, 'IGNORE_SPACE,', '') as sql_mode from information_schema.routines where routine_schema = database()`,
]

async function placeOf(connection: Connection, database: string, url: URL): Promise<Place> {
  /** One list of rows for each statement. */
  const query = async (list: readonly string[]): Promise<readonly (readonly Cells[])[]> => {
    if (list.length === 0) return []
    const [found] = await connection.query(list.join(';'))
    return (list.length === 1 ? [found] : found) as readonly (readonly Cells[])[]
  }
  const empty = async (): Promise<void> => {
    await connection.query(
      `drop database if exists ${database}; create database ${database} character set utf8mb4; use ${database}`,
    )
  }
  await empty()
  return {
    url: `jdbc:mariadb://${url.host}/${database}`,
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    label: database,
    commitsChanges: true,
    empty,
    async look() {
      const [relations = [], routines = []] = await query(survey)
      const lines = routines.map((row) => line('routine', row))
      const kinds = relations.map((row) => Object.values(row).map(String) as [string, string])
      const found = await query(kinds.flatMap(([name, kind]) => questions(name, kind)))
      const history: string[] = []
      let locked = false
      for (const [index, [name, kind]] of kinds.entries()) {
        const [shape = [], rows = []] = found.slice(index * 2, index * 2 + 2)
        if (/^databasechangelog$/i.test(name)) history.push(...rows.map(historyLine))
        if (/^databasechangeloglock$/i.test(name)) locked = rows.some((row) => Number(row['locked']) !== 0)
        if (isEngineTable(name)) continue
        if (kind === 'BASE TABLE') lines.push(...shape.flatMap((row) => partsOf(name, String(row['Create Table']))))
        else lines.push(...shape.map((row) => line(kind, { name, ...row })))
        lines.push(...rows.map((row) => line(kind === 'VIEW' ? `column of ${name}` : `row of ${name}`, row)))
      }
      return { objects: lines.map((text) => text.replaceAll(database, '<place>')).toSorted(), history, locked }
    },
    async setChecksums(sums) {
      for (const { checksum, id, author, path } of sums) {
        const sql = 'update DATABASECHANGELOG set MD5SUM = ? where ID = ? and AUTHOR = ? and FILENAME = ?'
        await connection.query(sql, [checksum, id, author, path])
      }
    },
    async close() {
      await connection.query(`drop database if exists ${database}`)
      await connection.end()
    },
  }
}

/** What a table or view is, and what it holds: two questions, whatever it is. A view may refer to what is not there any more. */
function questions(name: string, kind: string): readonly [shape: string, content: string] {
  const quoted = `\`${name.replaceAll('`', '``')}\``
  if (/^databasechangelog$/i.test(name))
    return [`show create table ${quoted}`, `select * from ${quoted} order by ORDEREXECUTED, DATEEXECUTED, ID`]
  if (/^databasechangeloglock$/i.test(name))
    return [`show create table ${quoted}`, `select LOCKED + 0 as locked from ${quoted}`]
  if (kind === 'VIEW') {
    const view = `'${name.replaceAll("'", "''")}'`
    return [
      `show create view ${quoted}`,
      `select column_name as name, ordinal_position as position, column_type as type, is_nullable as nullable, collation_name
        from information_schema.columns where table_schema = database() and table_name = ${view}`,
    ]
  }
  return [`show create table ${quoted}`, `select * from ${quoted}`]
}

/** Columns with their places; keys and constraints in any order, as they were sorted when they were queried. */
function partsOf(name: string, text: string): readonly string[] {
  return text.split('\n').map((part, index) => {
    const plain = part.trim().replace(/,$/, '')
    return `part of ${name}: ${plain.startsWith('`') ? `${index} ` : ''}${plain}`
  })
}
