// Texts of the database name schemas in many ways; only those are renamed.
import { expect, test } from 'vitest'
import type { Schema, Snapshot } from '#database/snapshot/model'
import { withSchemaNames } from './rename.ts'

const empty = { tables: [], views: [], sequences: [], routines: [], types: [] }
const view = (query: string): Schema['views'][number] => ({
  name: 'v',
  remarks: undefined,
  columns: [],
  query,
  definition: undefined,
  materialized: false,
  indexes: [],
  triggers: [],
})
const snapshot = (query: string): Snapshot => ({
  database: { shortName: 'postgresql', productName: '', productVersion: '', url: '', user: '' },
  catalogName: undefined,
  defaultSchemaName: 'public',
  schemas: [
    { ...empty, name: 'a', views: [view(query), { ...view(''), name: 't' }] },
    { ...empty, name: 'B c', views: [{ ...view(''), name: 'T"x' }] },
    { ...empty, name: 'kept', views: [{ ...view(''), name: 't' }] },
  ],
  dependencies: [{ from: 'view:a.v', on: 'view:B c.T"x' }],
})
const names = new Map([
  ['a', 'Other One'],
  ['B c', 'plain'],
  ['kept', 'kept'],
])

test.each([
  ['select * from a.t', 'select * from "Other One".t'],
  ['select * from "a"."t"', 'select * from "Other One"."t"'],
  ['select * from `a`.`t`', 'select * from `Other One`.`t`'],
  ['select * from [a].[t]', 'select * from [Other One].[t]'],
  ['select * from "B c"."T""x"', 'select * from "plain"."T""x"'],
  ['select a.id from kept.t a', 'select a.id from kept.t a'],
  ["select 'a.t' from a.t", 'select \'a.t\' from "Other One".t'],
  ["nextval('a.t'::regclass)", 'nextval(\'"Other One".t\'::regclass)'],
  ['select x.a.t, data.t', 'select x.a.t, data.t'],
])('%s', (query, expected) => {
  expect(withSchemaNames(snapshot(query), names).schemas[0]?.views[0]?.query).toBe(expected)
})

test('names, references and dependencies follow', () => {
  const renamed = withSchemaNames(snapshot(''), names)
  expect(renamed.schemas.map(({ name }) => name)).toEqual(['Other One', 'plain', 'kept'])
  expect(renamed.dependencies).toEqual([{ from: 'view:Other One.v', on: 'view:plain.T"x' }])
  const same = snapshot('')
  expect(withSchemaNames(same, new Map([['a', 'a']]))).toBe(same)
})
