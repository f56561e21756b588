// Runs the bundled command line through its usual work, so that the code V8 made of it can be kept (src/cli/process/compiled.ts). It
// is kept after the work and not before: V8 compiles a function when it is first called, and only what is called is worth loading.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { startServer } from './warm-server.mjs'

const entry = process.argv[2]
const { codeFile, partsOf } = await import(resolve('dist/cli-module/process/compiled.js'))
const { tuneForShort } = await import(resolve('dist/cli-module/process/tune.js'))
tuneForShort([], setFlagsFromString)
// Otherwise what has not run for a while is forgotten.
setFlagsFromString('--no-flush-bytecode')

const folder = mkdtempSync(join(tmpdir(), 'sluice-build-'))
const parts = partsOf(undefined)
const { run } = parts.load(resolve('dist/chunk', entry))

const schema = 'http://www.liquibase.org/xml/ns/dbchangelog'
const column = (name, type, more = '') => `<column name="${name}" type="${type}">${more}</column>`
const xmlTable = (name) => `<changeSet id="${name}" author="build"><createTable tableName="${name}">
  ${column('id', 'bigint', '<constraints primaryKey="true" nullable="false"/>')}${column('name', 'varchar(100)', '<constraints nullable="false"/>')}
  <column name="note" type="text" defaultValue="x"/><column name="at" type="timestamp"/></createTable></changeSet>`
const files = {
  'root.xml': `<?xml version="1.0" encoding="UTF-8"?>
<databaseChangeLog xmlns="${schema}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="${schema} ${schema}/dbchangelog-latest.xsd">
  <property name="size" value="20"/>
  <include file="tables.xml"/><include file="statements.sql"/><include file="more.yaml"/>
</databaseChangeLog>`,
  'tables.xml': `<?xml version="1.0" encoding="UTF-8"?>
<databaseChangeLog xmlns="${schema}">
  ${xmlTable('t1')}
  ${xmlTable('t2')}
  <changeSet id="key" author="build"><createIndex tableName="t2" indexName="t2_name"><column name="name"/></createIndex></changeSet>
  <changeSet id="column" author="build"><preConditions onFail="MARK_RAN"><tableExists tableName="t1"/></preConditions><addColumn tableName="t1"><column name="size" type="varchar(\${size})"/></addColumn></changeSet>
  <changeSet id="rows" author="build"><loadData file="rows.csv" tableName="t2" usePreparedStatements="true"><column name="id" type="NUMERIC"/><column name="name" type="STRING"/></loadData></changeSet>
</databaseChangeLog>`,
  'rows.csv': 'id,name\n1,"one, two"\n2,three\n',
  'statements.sql': `-- liquibase formatted sql
-- changeset build:s1
create table s1 (
  id bigint not null primary key,
  name varchar(100) not null
);
insert into s1 values (1, 'it''s');
-- rollback drop table s1;

-- changeset build:s2
create index s1_name on s1 (name);
-- rollback drop index s1_name;
`,
  'more.yaml': `databaseChangeLog:
  - changeSet:
      id: y1
      author: build
      changes:
        - createTable:
            tableName: y1
            columns:
              - column: { name: id, type: int, constraints: { primaryKey: true, nullable: false } }
  - changeSet:
      id: y2
      author: build
      changes:
        - sql: { sql: "update s1 set name = 'x'" }
      rollback:
        - sql: { sql: select 1 }
`,
}
for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)

const said = []
const terminal = {
  out: () => {},
  err: (text) => said.push(text),
  live: undefined,
  color: false,
  environment: { SLUICE_CACHE: join(folder, 'cache') },
  folder,
  signal: new AbortController().signal,
  clock: Date.now,
}
async function sluice(...args) {
  said.length = 0
  const code = await run(args, terminal)
  if (code !== 0)
    throw new Error(`sluice ${args.join(' ')} ended with ${code} while the program was built:\n${said.join('\n')}`)
}

const changelog = '--changelog-file=root.xml'
const server = await startServer()
try {
  const url = `--url=jdbc:postgresql://127.0.0.1:${server.port}/build?user=build`
  for (const command of ['update-sql', 'update']) await sluice(command, url, changelog)
  for (const database of ['postgresql', 'mariadb'])
    await sluice('update-sql', changelog, `--url=offline:${database}?changeLogFile=${join(folder, database)}.csv`)
  const [one, two] = ['one', 'two'].map((name) => `--url=jdbc:sqlite:${join(folder, name)}.db`)
  for (const command of ['validate', 'status', 'update', 'update', 'update', 'history', 'snapshot'])
    await sluice(command, one, ...(/history|snapshot/.test(command) ? [] : [changelog]))
  await sluice('generate-changelog', one, '--changelog-file=generated.xml')
  await sluice('update', two, '--changelog-file=statements.sql')
  await sluice('diff', two, `--reference-url=${one.slice('--url='.length)}`)
  await sluice('rollback-count', one, changelog, '--count=3')
  setFlagsFromString('--flush-bytecode')
  writeFileSync(codeFile('dist/chunk'), parts.code())
} finally {
  server.stop()
  rmSync(folder, { recursive: true, force: true })
}
