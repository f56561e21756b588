// The changelogs of the workloads, the same for both engines, and the scripts of the physical limit with the same work.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const columns = [
  'id bigint not null primary key',
  'name varchar(100) not null',
  'created timestamp null',
  'amount numeric(12,2)',
  'note text',
]
const createTable = (name: string): string => `create table ${name} (\n  ${columns.join(',\n  ')}\n)`

export const loadRows = 100_000
export const historyFiles = 50
export const historyPerFile = 100

/** Writes everything below `folder`. `large`: also the history of 50,000. */
export function writeChangelogs(folder: string, large: boolean): void {
  mkdirSync(folder, { recursive: true })
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text)
  write('w1.sql', formattedSql(['one']))
  write('w2.sql', formattedSql(names('t', 1000)))
  write('w2.xml', xml(names('x', 1000)))
  writeHistory(folder, 'w3', historyFiles)
  if (large) writeHistory(folder, 'w3-large', historyFiles * 10)
  writeLoad(folder)
}

const names = (prefix: string, count: number, from = 1): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}_${from + index}`)

function formattedSql(tables: readonly string[]): string {
  const changeSets = tables.map(
    (name) => `-- changeset bench:${name}\n${createTable(name)};\n-- rollback drop table ${name};\n`,
  )
  return `-- liquibase formatted sql\n\n${changeSets.join('\n')}`
}

const schema = 'http://www.liquibase.org/xml/ns/dbchangelog'
const xmlFile = (content: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<databaseChangeLog xmlns="${schema}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:schemaLocation="${schema} ${schema}/dbchangelog-latest.xsd">
${content}
</databaseChangeLog>
`

function xml(tables: readonly string[]): string {
  const changeSets = tables.map(
    (name) => `  <changeSet id="${name}" author="bench">
    <createTable tableName="${name}">
      <column name="id" type="bigint"><constraints primaryKey="true" nullable="false"/></column>
      <column name="name" type="varchar(100)"><constraints nullable="false"/></column>
      <column name="created" type="timestamp"/>
      <column name="amount" type="numeric(12,2)"/>
      <column name="note" type="text"/>
    </createTable>
  </changeSet>`,
  )
  return xmlFile(changeSets.join('\n'))
}

/** `<name>-sql.xml` and `<name>-xml.xml`, each including as many files of 100 change sets. */
function writeHistory(folder: string, name: string, files: number): void {
  for (const [format, text] of [
    ['sql', formattedSql],
    ['xml', xml],
  ] as const) {
    mkdirSync(join(folder, `${name}-${format}`), { recursive: true })
    const includes: string[] = []
    for (let file = 0; file < files; file += 1) {
      const path = `${name}-${format}/${String(file).padStart(4, '0')}.${format}`
      writeFileSync(join(folder, path), text(names(`h_${format}`, historyPerFile, file * historyPerFile + 1)))
      includes.push(`  <include file="${path}"/>`)
    }
    writeFileSync(join(folder, `${name}-${format}.xml`), xmlFile(includes.join('\n')))
  }
}

const loadTable = `create table person (id int not null primary key, name varchar(100) not null, email varchar(200), born timestamp null, balance numeric(12,2), active boolean)`

function writeLoad(folder: string): void {
  const rows = Array.from({ length: loadRows }, (_, row) => {
    const day = String((row % 28) + 1).padStart(2, '0')
    return `${row},"Person ${row}, the ${row % 7}th",p${row}@example.com,20${10 + (row % 15)}-0${(row % 9) + 1}-${day} 10:20:30,${(row * 7) % 10_000}.${10 + (row % 90)},${row % 2 === 0}`
  })
  writeFileSync(join(folder, 'person.csv'), `id,name,email,born,balance,active\n${rows.join('\n')}\n`)
  const column = (name: string, type: string): string => `      <column name="${name}" type="${type}"/>`
  const types = {
    id: 'NUMERIC',
    name: 'STRING',
    email: 'STRING',
    born: 'DATETIME',
    balance: 'NUMERIC',
    active: 'BOOLEAN',
  }
  writeFileSync(
    join(folder, 'w6.xml'),
    xmlFile(`  <changeSet id="table" author="bench"><sql>${loadTable}</sql></changeSet>
  <changeSet id="load" author="bench">
    <loadData file="person.csv" tableName="person" usePreparedStatements="true">
${Object.entries(types)
  .map(([name, type]) => column(name, type))
  .join('\n')}
    </loadData>
  </changeSet>`),
  )
}

const historyTable = `create table history (id varchar(255), author varchar(255), filename varchar(255), executed timestamp null, position int, exectype varchar(10), md5sum varchar(35), description varchar(255), comments varchar(255), engine varchar(20), deployment varchar(10))`

/** What a database client is given: the same transactions as those of an engine. */
export function limitScript(workload: 'w2' | 'w5' | 'w6', folder: string, kind: 'postgresql' | 'mariadb'): string {
  const record = (name: string, order: number): string =>
    `insert into history values ('${name}', 'bench', 'w2.sql', now(), ${order}, 'EXECUTED', '9:0123456789abcdef0123456789abcdef', 'sql', '', '4.33.0', '1234567890')`
  if (workload === 'w2') {
    const each = names('t', 1000).map(
      (name, index) => `begin;\n${createTable(name)};\n${record(name, index)};\ncommit;`,
    )
    return `${historyTable};\n${each.join('\n')}\n`
  }
  if (workload === 'w5') {
    const each = names('t', 200, 801).map(
      (name) => `begin;\ndrop table ${name};\ndelete from history where id = '${name}';\ncommit;`,
    )
    return `${each.toReversed().join('\n')}\n`
  }
  const file = join(folder, 'person.csv')
  const load =
    kind === 'postgresql'
      ? `\\copy person from '${file}' with (format csv, header)`
      : `load data local infile '${file}' into table person fields terminated by ',' optionally enclosed by '"' ignore 1 lines;`
  return `${loadTable};\n${load}\n`
}
