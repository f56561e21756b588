// SQLite as a place: a file in a temporary folder, emptied by removing it.
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import Libsql from 'libsql'
import { shortLivedFolder } from '../folder.ts'
import { type Cells, historyLine, isEngineTable, line, type Place, type Server } from './place.ts'

type Connection = InstanceType<typeof Libsql>

export function sqliteServer(): Server {
  return {
    name: 'sqlite',
    async open(label) {
      const folder = mkdtempSync(join(shortLivedFolder(), `sluice-differential-${label}-`))
      return placeOf(folder)
    },
  }
}

function placeOf(folder: string): Place {
  const file = join(folder, 'place.db')
  const using = <T>(use: (connection: Connection) => T): T => {
    // The Java machine closes some of its connections later.
    const connection: Connection = new Libsql(file, { timeout: 5000 })
    try {
      return use(connection)
    } finally {
      connection.close()
    }
  }
  return {
    url: `jdbc:sqlite:${file}`,
    username: undefined,
    password: undefined,
    label: file,
    async empty() {
      for (const end of ['', '-journal', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true })
    },
    look: async () =>
      using((connection) => {
        const query = (sql: string): readonly Cells[] => connection.prepare(sql).all([]) as readonly Cells[]
        const tables = query("select name from sqlite_master where type = 'table'").map(({ name }) => String(name))
        const rows = (name: string, order = ''): readonly Cells[] => {
          const table = tables.find((one) => one.toLowerCase() === name)
          return table === undefined ? [] : query(`select * from ${table}${order}`)
        }
        return {
          objects: lookAt(query),
          history: rows('databasechangelog', ' order by ORDEREXECUTED, DATEEXECUTED, ID').map(historyLine),
          locked: rows('databasechangeloglock').some((row) => Number(row['LOCKED']) !== 0),
        }
      }),
    async setChecksums(sums) {
      using((connection) => {
        const sql = 'update DATABASECHANGELOG set MD5SUM = ? where ID = ? and AUTHOR = ? and FILENAME = ?'
        for (const { checksum, id, author, path } of sums) connection.prepare(sql).run([checksum, id, author, path])
      })
    },
    close: async () => rmSync(folder, { recursive: true }),
  }
}

/** Not the text of CREATE TABLE: ALTER TABLE edits it in other ways than a new table would be written. */
function lookAt(query: (sql: string) => readonly Cells[]): readonly string[] {
  const lines: string[] = []
  for (const { type, name: named, tbl_name: owner, sql } of query(
    'select type, name, tbl_name, sql from sqlite_master',
  )) {
    const name = String(named)
    if (isEngineTable(String(owner)) || name === 'sqlite_sequence') continue
    const table = `"${name.replaceAll('"', '""')}"`
    if (type === 'view' || type === 'trigger') lines.push(line(type, { name, sql }))
    if (type === 'view') lines.push(...columnsOf(query, name))
    if (type !== 'table') continue
    lines.push(line('table', { name, autoincrement: /\bAUTOINCREMENT\b/i.test(String(sql)) }))
    lines.push(...query(`pragma table_xinfo(${table})`).map((row) => line(`column of ${name}`, row)))
    // Numbered in the order of their text, which the original takes from a set without order.
    lines.push(
      ...query(`pragma foreign_key_list(${table})`).map((row) => line(`foreign key of ${name}`, { ...row, id: null })),
    )
    for (const index of query(`pragma index_list(${table})`)) {
      const { name: indexName, unique, origin, partial } = index
      const columns = query(`pragma index_xinfo("${String(indexName).replaceAll('"', '""')}")`)
        .filter((row) => Number(row['key']) === 1)
        .map((row) => `${String(row['name'])}${row['desc'] === 0 ? '' : ' DESC'}`)
      // Indexes of constraints are numbered in the order of their making.
      const shown = origin === 'c' ? indexName : undefined
      lines.push(line(`index of ${name}`, { name: shown, unique, origin, partial, columns: columns.join() }))
    }
    lines.push(...query(`select * from ${table}`).map((row) => line(`row of ${name}`, row)))
  }
  return lines.toSorted()
}

/** A view may refer to what is not there any more. */
function columnsOf(query: (sql: string) => readonly Cells[], view: string): readonly string[] {
  try {
    return query(`pragma table_xinfo("${view.replaceAll('"', '""')}")`).map((row) => line(`column of ${view}`, row))
  } catch {
    return [`broken view ${view}`]
  }
}
