import { describe, expect, test } from 'vitest'
import type { ColumnDefinition, Statement } from '#change/statement'
import type { Database } from '#database/port'
import { TableTypes } from './table-types.ts'

const table = (tableName: string) => ({ catalogName: undefined, schemaName: undefined, tableName })

function typesOver(live: Readonly<Record<string, Readonly<Record<string, string>>>>): TableTypes {
  const columnTypes = (_schema: string | undefined, name: string) =>
    Promise.resolve(new Map(Object.entries(live[name] ?? {})))
  const database: unknown = { defaultSchemaName: 'public', inspect: { columnTypes } }
  return new TableTypes(database as Database)
}

const column = (name: string, type: string) => ({ name, type }) as ColumnDefinition
const created = (name: string, ...columns: ColumnDefinition[]) =>
  ({ type: 'create-table', table: table(name), columns }) as unknown as Statement

describe('types of columns along a plan', () => {
  test('are those of the live table until the plan changes it', async () => {
    const types = typesOver({ ship: { id: 'integer', name: 'text' } })
    expect(await types.of(table('ship'))).toEqual(
      new Map([
        ['id', 'integer'],
        ['name', 'text'],
      ]),
    )
    await types.observe({ type: 'modify-type', table: table('ship'), column: 'ID', newType: 'bigint' })
    await types.observe({
      type: 'rename-column',
      table: table('ship'),
      oldName: 'Name',
      newName: 'title',
      columnType: undefined,
      remarks: undefined,
    })
    expect(await types.of(table('SHIP'))).toEqual(
      new Map([
        ['id', 'bigint'],
        ['title', 'text'],
      ]),
    )
  })

  test('come with tables that the plan makes, and go with those that it drops', async () => {
    const types = typesOver({})
    expect(await types.of(table('boat'))).toBeUndefined()
    await types.observe(created('boat', column('Id', 'int')))
    await types.observe({ type: 'rename-table', table: table('boat'), newName: 'ferry' })
    expect(await types.of({ ...table('ferry'), schemaName: 'public' })).toEqual(new Map([['id', 'int']]))
    expect(await types.of(table('boat'))).toBeUndefined()
    await types.observe({ type: 'drop-table', table: table('ferry'), cascade: false })
    expect(await types.of(table('ferry'))).toBeUndefined()
  })
})
