// The tables as Kysely sees them are the tables of the changelog: names, nullability, and the kinds of values.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, type TestPlace } from './store.ts'

interface Column {
  readonly name: string
  readonly type: string
  readonly nullable: boolean
  readonly generated: 'identity' | 'default' | 'no'
}

const files = [
  'tables',
  'table-entity',
  'table-identity',
  'table-execution',
  'table-work',
  'table-access',
  'table-pipeline',
  'table-trigger',
  'table-freeze',
  'table-notification',
]

/** Reads the interfaces; the files are plain enough for that. */
function declaredTables(): Map<string, Map<string, string>> {
  const text = files
    .map((name) => readFileSync(fileURLToPath(import.meta.resolve(`#manager/store/${name}`)), 'utf8'))
    .join('\n')
  const interfaces = new Map<string, Map<string, string>>()
  for (const [, name = '', body = ''] of text.matchAll(/export interface (\w+) \{\n([^}]*)\}/g)) {
    interfaces.set(
      name,
      new Map([...body.matchAll(/^ {2}(\w+): (.+)$/gm)].map(([, key = '', type = '']) => [key, type])),
    )
  }
  const tables = interfaces.get('Tables') ?? new Map<string, string>()
  return new Map([...tables].map(([table, name]) => [table, interfaces.get(name) ?? new Map<string, string>()]))
}

/** What the type of a column in tables.ts must look like. */
function expected({ type, nullable, generated }: Column): RegExp {
  const none = nullable ? '.*\\| null' : ''
  if (generated === 'identity') return /^Identity$/
  switch (type) {
    case 'bigint':
      return new RegExp(`^ColumnType<string${nullable ? ' \\| null' : ''}, `)
    case 'jsonb':
      return generated === 'default' ? /^GeneratedJson$/ : nullable ? /^ColumnType<unknown, string \| null/ : /^Json$/
    case 'timestamp with time zone':
      return generated === 'default' ? /^GeneratedTime$/ : new RegExp(`^Date${none}$`)
    default: {
      const plain =
        { text: 'string', integer: 'number', boolean: 'boolean', bytea: 'Uint8Array' }[type] ?? 'forbidden type'
      return generated === 'default' ? new RegExp(`^Generated<${plain}>$`) : new RegExp(`^${plain}${none}$`)
    }
  }
}

describe('tables.ts', () => {
  let place: TestPlace
  let store: Store
  beforeAll(async () => {
    place = await newPlace('embedded')
    store = await openPlace(place)
  })
  afterAll(async () => {
    await store.close()
    await place.remove()
  })

  test('says of each column what the changelog says', async () => {
    const { rows } = await sql<Column & { table: string }>`
      select c.table_name as table, c.column_name as name, c.data_type as type, c.is_nullable = 'YES' as nullable,
        case when is_identity = 'YES' then 'identity' when column_default is not null then 'default' else 'no' end as generated
      from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
      where c.table_schema = 'public' and t.table_type = 'BASE TABLE'
        and c.table_name not like 'databasechangelog%' order by 1, c.ordinal_position`.execute(store.db)
    const declared = declaredTables()
    const actual = new Map<string, Column[]>()
    for (const { table, ...column } of rows) actual.set(table, [...(actual.get(table) ?? []), column])
    expect([...declared.keys()].toSorted()).toEqual([...actual.keys()].toSorted())
    const wrong = [...actual].flatMap(([table, columns]) =>
      columns.flatMap((column) => {
        const type = declared.get(table)?.get(column.name)
        return type !== undefined && expected(column).test(type) ? [] : [`${table}.${column.name}: ${type}`]
      }),
    )
    expect(wrong).toEqual([])
    for (const [table, columns] of declared) {
      expect([...columns.keys()].toSorted(), table).toEqual(
        actual
          .get(table)
          ?.map(({ name }) => name)
          .toSorted(),
      )
    }
  })
})
