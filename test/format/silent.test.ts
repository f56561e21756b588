// What the original engine takes in silence and what is probably not meant: a warning with its place, and nothing else changes.
import { expect, test } from 'vitest'
import { parseChange } from '#change/registry'
import { read } from './read.ts'

async function findings(file: string, text: string): Promise<readonly string[]> {
  const { changelog, diagnostics } = await read(file, text)
  const nodes = (changelog?.changeSets ?? []).flatMap(({ changes }) => changes)
  return [...diagnostics, ...nodes.flatMap((node) => parseChange(node, 'postgresql').diagnostics)].map(
    ({ severity, code, span, fix }) => `${severity} ${code} ${span?.line}:${span?.column} ${fix}`,
  )
}

const set = (rest: string) => `databaseChangeLog:\n- changeSet:\n    id: 1\n    author: a\n    ${rest}\n`
const insert = (column: string) => set(`changes: [insert: {tableName: t, columns: [column: {name: c, ${column}}]}]`)

test.each([
  ['id: 010', 'Write "010" in quotes.'],
  ['id: 1.10', 'Write "1.10" in quotes.'],
  ['id: 1_000', 'Write "1_000" in quotes.'],
  ['id: 12:30', 'Write "12:30" in quotes.'],
  ['id: 2020-01-02', 'Write "2020-01-02" in quotes.'],
  ['id: yes', 'Write "yes" in quotes.'],
  ['id: 0x1f', 'Write "0x1f" in quotes.'],
])('YAML reads %s as something else', async (written, fix) => {
  const text = `databaseChangeLog:\n- changeSet:\n    ${written}\n    author: a\n`
  expect(await findings('f.yaml', text)).toEqual([`warning changelog/surprising-scalar 3:9 ${fix}`])
  expect(await findings('f.yaml', text.replace(written, `id: "${written.slice(4)}"`))).toEqual([])
})

test.each([
  ['valueNumeric: 010', 'warning changelog/surprising-scalar 5:80 Write "010" in quotes.'],
  ['valueNumeric: 10.50', undefined],
  ['valueDate: "2020-02-30"', 'warning change/not-a-date 5:66 Write yyyy-MM-ddTHH:mm:ss.'],
  ['valueDate: now()', undefined],
  ['valueBoolean: "1"', 'warning change/not-a-boolean 5:66 Write true or false.'],
])('a column with %s', async (written, expected) => {
  expect(await findings('f.yaml', insert(written))).toEqual(expected === undefined ? [] : [expected])
})

test.each([
  ['columns: [colum: {name: b, type: int}, column: {name: a, type: int}]', 'Did you mean "column"?'],
  ['columns: [{name: b}, column: {name: a, type: int}]', 'Remove it.'],
])('what is no column in %s', async (columns, fix) => {
  const text = set(`changes: [createTable: {tableName: t, ${columns}}]`)
  expect(await findings('f.yaml', text)).toEqual([
    `warning change/unknown-attribute 5:${columns.includes('colum:') ? 53 : 54} ${fix}`,
  ])
})

test('contextFilter of a property in YAML and JSON', async () => {
  const told = 'warning changelog/no-effect 2:42 Write context instead.'
  const yaml = 'databaseChangeLog:\n- property: {name: n, value: "v",        contextFilter: x}\n'
  expect(await findings('f.yaml', yaml)).toEqual([told])
  const json = '{"databaseChangeLog": [\n{"property": {"name": "n", "value": "v", "contextFilter": "x"}}]}'
  expect(await findings('f.json', json)).toEqual([told])
})

test('a rollback that is nearly empty', async () => {
  const told = 'warning changelog/misspelt-directive 5:5 Write "empty" where nothing is to be done.'
  expect(await findings('f.yaml', set('rollback: emtpy'))).toEqual([told])
  expect(await findings('f.yaml', set('rollback: empty'))).toEqual([])
  expect(await findings('f.yaml', set('rollback: commit'))).toEqual([])
})

test.each([
  ['--liquibase formated sql\n--changeset a:1\nselect 1', '2:1'],
  ['-- licence\n--liquibase formatted sql\n--changeset a:1\nselect 1', '2:1'],
  ['select 1;\n-- changeset a:1\nselect 1', '2:1'],
])('a plain file that looks formatted: %j', async (text, place) => {
  expect(await findings('f.sql', text)).toEqual([
    `warning changelog/no-header ${place} Make "--liquibase formatted sql" its first line, or remove this directive.`,
  ])
})

test('a plain file', async () => {
  expect(await findings('f.sql', '-- the change set of a\nselect 1; -- changeset a:1\n')).toEqual([])
  // The script of an update has this line.
  expect(await findings('f.sql', '-- Changeset db/root.yaml::1::amy\nselect 1;\n')).toEqual([])
})
