import { expect, test } from 'vitest'
import { dialectFor } from '../dialect.ts'
import { withSchema } from '../procedure.ts'

const names = { schemaName: undefined, changelogTable: 'DATABASECHANGELOG', lockTable: 'DATABASECHANGELOGLOCK' }

test('booleans come with version 23', () => {
  expect(dialectFor('oracle', { productVersion: '19.3.0.0.0' }).createLockTable(names)).toBe(
    'CREATE TABLE DATABASECHANGELOGLOCK (ID INTEGER NOT NULL, LOCKED NUMBER(1) NOT NULL, LOCKGRANTED TIMESTAMP, LOCKEDBY VARCHAR2(255), CONSTRAINT PK_DATABASECHANGELOGLOCK PRIMARY KEY (ID))',
  )
  expect(dialectFor('oracle', { productVersion: '23.4' }).createLockTable(names)).toContain('LOCKED BOOLEAN')
  expect(dialectFor('oracle').createLockTable(names)).toContain('LOCKED BOOLEAN')
})

test('a server gets reserved words in quotes, a script made offline has them as the original engine', () => {
  const quoted = (word: string, live: boolean): string => dialectFor('oracle', { live }).quoteObject(word, 'LEGACY')
  expect(['order', 'date', 'comment', 'name'].map((word) => quoted(word, true))).toEqual([
    '"order"',
    '"date"',
    '"comment"',
    'name',
  ])
  expect(['order', 'date', 'comment'].map((word) => quoted(word, false))).toEqual(['"order"', 'date', 'comment'])
})

test('a script has a slash after a stored program and no second end after anything', () => {
  const { script } = dialectFor('oracle')
  const finish = (sql: string, endDelimiter = ';'): string | undefined => script?.finish?.(sql, endDelimiter, 'apply')
  expect(finish('create procedure p as begin null; end;', '\n/')).toBe('create procedure p as begin null; end;\n/')
  expect(finish('begin null; end;\n/')).toBe('begin null; end;')
  expect(finish('select 1 from dual')).toBe('select 1 from dual;')
})

test.each([
  ['create procedure p as select 1', 'create procedure s.p as select 1'],
  [
    '-- p\nCREATE OR REPLACE  EDITIONABLE PACKAGE BODY "p" IS',
    '-- p\nCREATE OR REPLACE  EDITIONABLE PACKAGE BODY s."p" IS',
  ],
  ['create or alter proc dbo.p as select 1', 'create or alter proc s.p as select 1'],
  ['create view v as select 1', 'create view v as select 1'],
])('the schema of a change goes into %s', (text, expected) => {
  expect(withSchema(text, 's')).toBe(expected)
  expect(withSchema(text, undefined)).toBe(text)
})
