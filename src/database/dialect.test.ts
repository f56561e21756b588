import { expect, test } from 'vitest'
import { capabilities } from './capability.ts'
import { dialectFor } from './dialect.ts'
import { literalDefault } from './type-name.ts'

const names = { schemaName: 'public', changelogTable: 'DATABASECHANGELOG', lockTable: 'DATABASECHANGELOGLOCK' }

test('history tables as other engines create them', () => {
  const postgres = dialectFor('postgresql')
  expect(postgres.createChangelogTable(names)).toBe(
    'CREATE TABLE public.databasechangelog (ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL, DATEEXECUTED TIMESTAMP WITHOUT TIME ZONE NOT NULL, ORDEREXECUTED INTEGER NOT NULL, EXECTYPE VARCHAR(10) NOT NULL, MD5SUM VARCHAR(35), DESCRIPTION VARCHAR(255), COMMENTS VARCHAR(255), TAG VARCHAR(255), LIQUIBASE VARCHAR(20), CONTEXTS VARCHAR(255), LABELS VARCHAR(255), DEPLOYMENT_ID VARCHAR(10))',
  )
  expect(postgres.createLockTable(names)).toContain('CONSTRAINT databasechangeloglock_pkey PRIMARY KEY (ID)')
  const sqlite = dialectFor('sqlite')
  expect(sqlite.historyTable(names, 'lock')).toBe('DATABASECHANGELOGLOCK')
  expect(sqlite.createLockTable(names)).toContain('CONSTRAINT PK_DATABASECHANGELOGLOCK PRIMARY KEY (ID)')
})

test('MySQL and MariaDB differ in what a boolean is', () => {
  const [mysql, mariadb] = [dialectFor('mysql'), dialectFor('mariadb')]
  const here = { ...names, schemaName: 'shop' }
  expect(mysql.createChangelogTable(here)).toBe(
    'CREATE TABLE shop.DATABASECHANGELOG (ID VARCHAR(255) NOT NULL, AUTHOR VARCHAR(255) NOT NULL, FILENAME VARCHAR(255) NOT NULL, DATEEXECUTED datetime NOT NULL, ORDEREXECUTED INT NOT NULL, EXECTYPE VARCHAR(10) NOT NULL, MD5SUM VARCHAR(35) NULL, `DESCRIPTION` VARCHAR(255) NULL, COMMENTS VARCHAR(255) NULL, TAG VARCHAR(255) NULL, LIQUIBASE VARCHAR(20) NULL, CONTEXTS VARCHAR(255) NULL, LABELS VARCHAR(255) NULL, DEPLOYMENT_ID VARCHAR(10) NULL)',
  )
  expect(mariadb.createChangelogTable(here)).toBe(mysql.createChangelogTable(here))
  expect(mysql.createLockTable(here)).toBe(
    'CREATE TABLE shop.DATABASECHANGELOGLOCK (ID INT NOT NULL, `LOCKED` TINYINT NOT NULL, LOCKGRANTED datetime NULL, LOCKEDBY VARCHAR(255) NULL, CONSTRAINT PK_DATABASECHANGELOGLOCK PRIMARY KEY (ID))',
  )
  expect(mariadb.createLockTable(here)).toContain('`LOCKED` TINYINT(1) NOT NULL')
  expect(mysql.literal("it's \\")).toBe("'it''s \\\\'")
})

test('each has its literals and capabilities', () => {
  expect(dialectFor('postgresql')).toMatchObject({ now: 'NOW()', capability: capabilities.postgresql })
  expect(dialectFor('sqlite')).toMatchObject({ now: 'CURRENT_TIMESTAMP', capability: capabilities.sqlite })
  expect(dialectFor('postgresql').literal("it's \\")).toBe("'it''s \\'")
  expect([true, null, 1.5].map((value) => dialectFor('sqlite').literal(value))).toEqual(['1', 'NULL', '1.5'])
})

test('the schema for output goes before names without one', () => {
  const drop = {
    type: 'drop-table',
    table: { catalogName: undefined, schemaName: undefined, tableName: 't' },
    cascade: false,
  } as const
  expect(dialectFor('postgresql', { outputSchemaName: 'public' }).write(drop, 'LEGACY')).toEqual([
    { sql: 'DROP TABLE public.t', endDelimiter: ';' },
  ])
})

test('statements of the user keep delimiter and place', () => {
  const span = { file: 'a.sql', line: 3, column: 1 }
  expect(dialectFor('sqlite').write({ type: 'raw-sql', sql: 'select 1', endDelimiter: '//', span }, 'LEGACY')).toEqual([
    { sql: 'select 1', endDelimiter: '//', span },
  ])
})

test('a large file of data becomes statements of bearable size', () => {
  const table = { catalogName: undefined, schemaName: undefined, tableName: 't' }
  const rows = Array.from({ length: 1200 }, (_, index) => [{ kind: 'numeric', text: String(index) } as const])
  const texts = dialectFor('postgresql').write({ type: 'load-data', table, columns: ['a'], rows }, 'LEGACY')
  expect(texts.map(({ sql }) => sql.split('),(').length)).toEqual([500, 500, 200])
})

test('a default of a column for long texts may be a literal already', () => {
  expect(['clob', 'LONGTEXT', 'varchar(9)'].map((type) => literalDefault("'a''b'", type))).toEqual([
    "'a''b'",
    "'a''b'",
    undefined,
  ])
  expect(literalDefault("'a'b'", 'text')).toBeUndefined()
})

test('text that holds a dollar quote gets another one', () => {
  const table = { catalogName: undefined, schemaName: undefined, tableName: 't' }
  const row = [{ kind: 'numeric', text: '1' } as const, { kind: 'text', text: '$$ drop' } as const]
  const [text] = dialectFor('postgresql').write(
    {
      type: 'merge-data',
      table,
      columns: ['a', 'b'],
      keyColumns: ['a'],
      fixedColumns: [],
      onlyUpdate: false,
      rows: [row],
    },
    'LEGACY',
  )
  expect(text?.sql.startsWith('DO\n$sluice1$\n')).toBe(true)
})

test('a database that is not there', () => {
  expect(() => dialectFor('db2')).toThrow(expect.objectContaining({ code: 'not-offered' }) as Error)
})
