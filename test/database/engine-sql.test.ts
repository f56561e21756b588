// The -sql commands: the text that Liquibase prints, with only host, time, version and deployment our own.
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/port'
import { toPayload } from '#engine/payload'
import { rollbackSql, updateSql } from '#engine/sql'
import { update } from '#engine/update'
import { changeSet, sql, table, yaml } from './changelog.ts'
import { engineOn, faultOf, listen, openSuite, type Suite } from './engine.ts'
import { isMysql, mariadbUrl, sayWhatIsMissing, targetNames } from './target.ts'

sayWhatIsMissing('the -sql commands')

const files = {
  'root.yaml': `databaseChangeLog:
  - include: { file: main.sql }
  - changeSet:
      id: 4
      author: amy
      comment: |
        two
        lines
      changes:
        - createTable: { tableName: t4, columns: [ { column: { name: id, type: int } } ] }
        - createIndex: { tableName: t4, indexName: i4, columns: [ { column: { name: id } } ] }
      modifySql: [ { append: { value: " /* x */" } } ]
  - changeSet: { id: 5, author: amy, changes: [ { tagDatabase: { tag: v1 } } ] }
`,
  'main.sql': `-- liquibase formatted sql

-- changeset bob:1 context:"x or y" labels:A,b
-- comment: my comment
create table person (id int primary key, name varchar(50));
insert into person values (1, 'it''s');
-- rollback drop table person;

-- changeset bob:2 endDelimiter:/
create table q2 (id int)
/
create table q3 (id int)
/
-- rollback drop table q2;
-- rollback drop table q3;

-- changeset bob:3 runAlways:true
update person set name = 'y';
-- rollback empty
`,
}

/** Masks what differs from run to run. */
const masked = (text: string): string =>
  text
    .replaceAll(/LOCKEDBY = '[^']*'/g, "LOCKEDBY = 'HOST'")
    .replaceAll(/(--  ?)Ran at: .*/g, '$1Ran at: NOW')
    .replaceAll(/(--  ?)Against: .*/g, '$1Against: HERE')
    .replaceAll(/\bsluice_[\da-f]{32}\b/g, 'shop')
    .replaceAll(/sluice-[\d.]+/g, 'VERSION')
    .replaceAll(/'\d{10}'/g, "'DEPLOYMENT'")

describe.each(targetNames.filter((kind) => kind !== 'sqlite' && !isMysql(kind)))('scripts for %s', (kind) => {
  let suite: Suite
  let database: Database
  beforeAll(async () => {
    suite = await openSuite(kind)
  })
  afterAll(async () => await suite.close())

  test('update-sql on an empty database makes the tables, locks, and records', async () => {
    database = await suite.fresh()
    const { sql: script, plan } = await updateSql(await engineOn(database, { files }))
    // As Liquibase 4.28.0 prints it, without the SET SEARCH_PATH lines of that version.
    expect(masked(script)).toBe(`-- Create Database Lock Table
CREATE TABLE public.databasechangeloglock (ID INTEGER NOT NULL, LOCKED BOOLEAN NOT NULL, LOCKGRANTED TIMESTAMP WITHOUT TIME ZONE, LOCKEDBY VARCHAR(255), CONSTRAINT databasechangeloglock_pkey PRIMARY KEY (ID));

-- Initialize Database Lock Table
DELETE FROM public.databasechangeloglock;

INSERT INTO public.databasechangeloglock (ID, LOCKED) VALUES (1, FALSE);

-- Lock Database
UPDATE public.databasechangeloglock SET LOCKED = TRUE, LOCKEDBY = 'HOST', LOCKGRANTED = NOW() WHERE ID = 1 AND LOCKED = FALSE;

-- Create Database Change Log Table
CREATE TABLE public.databasechangelog (ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL, DATEEXECUTED TIMESTAMP WITHOUT TIME ZONE NOT NULL, ORDEREXECUTED INTEGER NOT NULL, EXECTYPE VARCHAR(10) NOT NULL, MD5SUM VARCHAR(35), DESCRIPTION VARCHAR(255), COMMENTS VARCHAR(255), TAG VARCHAR(255), LIQUIBASE VARCHAR(20), CONTEXTS VARCHAR(255), LABELS VARCHAR(255), DEPLOYMENT_ID VARCHAR(10));

-- *********************************************************************
-- Update Database Script
-- *********************************************************************
-- Change Log: root.yaml
-- Ran at: NOW
-- Against: HERE
-- Liquibase version: VERSION
-- *********************************************************************

-- Changeset main.sql::1::bob
-- my comment
create table person (id int primary key, name varchar(50));

insert into person values (1, 'it''s');

INSERT INTO public.databasechangelog (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, DESCRIPTION, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ('1', 'bob', 'main.sql', NOW(), 1, '9:1ffe5a76b595bab270e6b74ea0066531', 'sql', 'my comment', 'EXECUTED', '(x or y)', 'a,b', 'VERSION', 'DEPLOYMENT');

-- Changeset main.sql::2::bob
create table q2 (id int);

create table q3 (id int);

INSERT INTO public.databasechangelog (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, DESCRIPTION, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ('2', 'bob', 'main.sql', NOW(), 2, '9:f8efa5ebd0459c92ca74bd3a67b2d264', 'sql', '', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT');

-- Changeset main.sql::3::bob
update person set name = 'y';

INSERT INTO public.databasechangelog (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, DESCRIPTION, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ('3', 'bob', 'main.sql', NOW(), 3, '9:35ad5ce7b280bc94457db16f5cb6ca4b', 'sql', '', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT');

-- Changeset root.yaml::4::amy
-- two
-- lines
CREATE TABLE public.t4 (id INTEGER) /* x */;

CREATE INDEX i4 ON public.t4(id) /* x */;

INSERT INTO public.databasechangelog (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, DESCRIPTION, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID) VALUES ('4', 'amy', 'root.yaml', NOW(), 4, '9:31ff5a3ef791267ef193cd87eb4ee593', 'createTable tableName=t4; createIndex indexName=i4, tableName=t4', 'two
lines', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT');

-- Changeset root.yaml::5::amy
INSERT INTO public.databasechangelog (ID, AUTHOR, FILENAME, DATEEXECUTED, ORDEREXECUTED, MD5SUM, DESCRIPTION, COMMENTS, EXECTYPE, CONTEXTS, LABELS, LIQUIBASE, DEPLOYMENT_ID, TAG) VALUES ('5', 'amy', 'root.yaml', NOW(), 5, '9:635ff1e577e13420abaf0552fb77ab20', 'tagDatabase', '', 'EXECUTED', NULL, NULL, 'VERSION', 'DEPLOYMENT', 'v1');

-- Release Database Lock
UPDATE public.databasechangeloglock SET LOCKED = FALSE, LOCKEDBY = NULL, LOCKGRANTED = NULL WHERE ID = 1;

`)
    expect(await database.hasTable(database.defaultSchemaName, 'DATABASECHANGELOG')).toBe(false)
    const payload = toPayload(plan, script)
    expect(payload.digest).toBe(plan.digest)
    expect(payload.changeSets.map((one) => [one.id, one.irreversible === undefined])).toEqual([
      ['1', true],
      ['2', true],
      ['3', true],
      ['4', true],
      ['5', true],
    ])
  })

  test('afterwards it prints the update of a row, and rollback-sql the way back', async () => {
    database = await suite.fresh()
    await update(await engineOn(database, { files }), {}, listen(), undefined)
    const { sql: again } = await updateSql(await engineOn(database, { files }))
    const head = (title: string): string => `-- Lock Database
UPDATE public.databasechangeloglock SET LOCKED = TRUE, LOCKEDBY = 'HOST', LOCKGRANTED = NOW() WHERE ID = 1 AND LOCKED = FALSE;

-- *********************************************************************
-- ${title}
-- *********************************************************************
-- Change Log: root.yaml
-- Ran at: NOW
-- Against: HERE
-- Liquibase version: VERSION
-- *********************************************************************

`
    const tail = `-- Release Database Lock
UPDATE public.databasechangeloglock SET LOCKED = FALSE, LOCKEDBY = NULL, LOCKGRANTED = NULL WHERE ID = 1;

`
    expect(masked(again)).toBe(`${head('Update Database Script')}-- Changeset main.sql::3::bob
update person set name = 'y';

UPDATE public.databasechangelog SET COMMENTS = '', CONTEXTS = NULL, DATEEXECUTED = NOW(), DEPLOYMENT_ID = 'DEPLOYMENT', DESCRIPTION = 'sql', EXECTYPE = 'RERAN', LABELS = NULL, LIQUIBASE = 'VERSION', MD5SUM = '9:35ad5ce7b280bc94457db16f5cb6ca4b', ORDEREXECUTED = 6 WHERE ID = '3' AND AUTHOR = 'bob' AND FILENAME = 'main.sql';

${tail}`)
    const { sql: back } = await rollbackSql(await engineOn(database, { files }), { count: 4 })
    expect(masked(back)).toBe(`${head('Rollback 4 Change(s) Script')}-- Rolling Back ChangeSet: root.yaml::5::amy
DELETE FROM public.databasechangelog WHERE ID = '5' AND AUTHOR = 'amy' AND FILENAME = 'root.yaml';

-- Rolling Back ChangeSet: root.yaml::4::amy
DROP INDEX public.i4;

DROP TABLE public.t4;

DELETE FROM public.databasechangelog WHERE ID = '4' AND AUTHOR = 'amy' AND FILENAME = 'root.yaml';

-- Rolling Back ChangeSet: main.sql::3::bob
DELETE FROM public.databasechangelog WHERE ID = '3' AND AUTHOR = 'bob' AND FILENAME = 'main.sql';

-- Rolling Back ChangeSet: main.sql::2::bob
drop table q2;

drop table q3;

DELETE FROM public.databasechangelog WHERE ID = '2' AND AUTHOR = 'bob' AND FILENAME = 'main.sql';

${tail}`)
    const { sql: tagged } = await rollbackSql(await engineOn(database, { files }), { tag: 'v1' })
    expect(tagged).toContain("-- Rollback to 'v1' Script\n")
  })
})

/** Recorded from Liquibase 4.28.0, masked, with the delimiters that 4.33 prints. */
const recorded = async (name: string): Promise<string> =>
  await readFile(new URL(`golden/mariadb-${name}.sql`, import.meta.url), 'utf8')

test.runIf(mariadbUrl !== undefined)('on MariaDB the scripts are those of Liquibase', async () => {
  const suite = await openSuite('mariadb')
  try {
    const database = await suite.fresh()
    const context = await engineOn(database, { files })
    expect(masked((await updateSql(context)).sql)).toBe(await recorded('update-empty'))
    await update(context, {}, listen(), undefined)
    expect(masked((await updateSql(context)).sql)).toBe(await recorded('update-again'))
    expect(masked((await rollbackSql(context, { count: 4 })).sql)).toBe(await recorded('rollback'))
  } finally {
    await suite.close()
  }
})

describe.each(targetNames)('what a script leaves out on %s', (kind) => {
  let suite: Suite
  beforeAll(async () => {
    suite = await openSuite(kind)
  })
  afterAll(async () => await suite.close())

  test('preconditions are tested only when they say so', async () => {
    const database = await suite.fresh()
    const guarded = (id: string, output: string): string =>
      changeSet(
        id,
        table(id),
        `preConditions: [ { onFail: MARK_RAN, onSqlOutput: ${output} }, { tableExists: { tableName: nope } } ]`,
      )
    const some = yaml(guarded('a', 'IGNORE'), guarded('b', 'TEST'))
    const { sql: script, plan } = await updateSql(await engineOn(database, { files: some }))
    // Recorded as ran, but not its SQL.
    const printed = [/TABLE .*\ba\b/, /TABLE .*\bb\b/, /'MARK_RAN'/].map((text) => text.test(script))
    expect([...printed, plan.steps.length]).toEqual([true, false, true, 2])
    const failing = yaml(guarded('c', 'FAIL'))
    const fault = await faultOf(updateSql(await engineOn(database, { files: failing })), 'precondition-failed')
    expect(fault.diagnostics).toMatchObject([{ severity: 'error', span: { file: 'root.yaml', line: 5 } }])
  })

  test('a check that writes changes nothing while a script is made, of the changelog or of a change set', async () => {
    const database = await suite.fresh()
    const writes = (id: number): string =>
      `{ sqlCheck: { expectedResult: 1, sql: insert into seen (id) values (${id}) } }`
    const one = changeSet('a', table('a'), `preConditions: [ { onFail: MARK_RAN, onSqlOutput: TEST }, ${writes(1)} ]`)
    const whole = `databaseChangeLog:\n  - preConditions: [ { onFail: WARN }, ${writes(2)} ]\n${one}`
    const engine = await engineOn(database, { files: { 'root.yaml': whole } })
    const { session } = engine.database
    await session.execute('create table seen (id int)')
    const { sql: script } = await updateSql(engine)
    expect(script).toContain("'MARK_RAN'")
    expect((await session.execute('select id from seen')).rows).toEqual([])
  })

  test('a check that commits by itself is not asked while a script is made', async () => {
    const database = await suite.fresh()
    const check = '{ sqlCheck: { expectedResult: 1, sql: "insert into seen (id) values (1); commit; select 1" } }'
    const one = changeSet('a', table('a'), `preConditions: [ { onError: MARK_RAN, onSqlOutput: TEST }, ${check} ]`)
    const engine = await engineOn(database, { files: yaml(one) })
    await engine.database.session.execute('create table seen (id int)')
    expect((await updateSql(engine)).sql).toContain("'MARK_RAN'")
    expect((await engine.database.session.execute('select id from seen')).rows).toEqual([])
  })

  test('a change set that cannot be undone says why in the payload', async () => {
    const database = await suite.fresh()
    const { plan, sql: script } = await updateSql(
      await engineOn(database, { files: yaml(changeSet('1', sql('select 1'))) }),
    )
    expect(toPayload(plan, script).changeSets[0]).toMatchObject({ statements: ['select 1'], description: 'sql' })
    expect(toPayload(plan, script).changeSets[0]?.irreversible).toContain('"sql"')
  })
})
