// A snapshot tells all that is in a schema, on every database that can be reached, in the shape that readers of Liquibase's know.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '#database/port'
import type { Snapshot } from '#database/snapshot/model'
import { readSnapshot } from '#database/snapshot/read'
import { selected, selectionOf } from '#engine/snapshot/select'
import { formatSnapshot } from '#engine/snapshot/snapshot'
import { openSuite, type Suite } from './engine.ts'
import { makeSchema } from './schema.ts'
import { isMysql, sayWhatIsMissing, targetNames } from './target.ts'

sayWhatIsMissing('snapshots')

const everything = selectionOf({})
const tableNamed = (snapshot: Snapshot, name: string) => {
  const table = snapshot.schemas[0]?.tables.find((one) => one.name === name)
  if (!table) throw new Error(`no table ${name}`)
  return table
}
const columnNamed = (snapshot: Snapshot, table: string, name: string) => {
  const column = tableNamed(snapshot, table).columns.find((one) => one.name === name)
  if (!column) throw new Error(`no column ${table}.${name}`)
  return column
}

describe.each(targetNames)('on %s', (name) => {
  let suite: Suite
  let database: Database
  let snapshot: Snapshot
  beforeAll(async () => {
    suite = await openSuite(name)
    database = await suite.fresh()
    await makeSchema(database)
    snapshot = await readSnapshot(database, undefined)
  })
  afterAll(async () => await suite.close())

  if (name === 'postgresql') {
    test('a schema is found by any name', async () => {
      const odd = `it's "a\\b", {$1}`
      await database.session.execute(`create schema "${odd.replaceAll('"', '""')}" create table one (id int)`)
      const { schemas } = await readSnapshot(database, [odd])
      expect(schemas.map((schema) => [schema.name, ...schema.tables.map((table) => table.name)])).toEqual([
        [odd, 'one'],
      ])
      await database.session.execute(`drop schema "${odd.replaceAll('"', '""')}" cascade`)
      await expect(readSnapshot(database, [odd])).rejects.toMatchObject({ code: 'database-not-found' })
    })
  }

  test('keys, constraints and indexes come with their columns in order', () => {
    const line = tableNamed(snapshot, 'Order Line')
    expect(line.primaryKey).toMatchObject({
      name: isMysql(name) ? 'PRIMARY' : 'pk_line',
      columns: ['order_id', 'pos'],
      definition: undefined,
    })
    const unique = line.uniqueConstraints.map((one) => [one.name, ...one.columns])
    expect(unique).toEqual([name === 'sqlite' ? ['uq_line', 'pos', 'customer_id'] : ['uq_two', 'pos', 'qty']])
    const table = name === 'sqlite' ? 'Order Line' : 'orders'
    const key = tableNamed(snapshot, table).foreignKeys.find((one) => one.name === 'fk_customer')
    expect(key).toMatchObject({
      columns: ['customer_id'],
      referencedTable: 'customer',
      referencedColumns: ['id'],
      onDelete: 'CASCADE',
      deferrable: !isMysql(name),
      initiallyDeferred: !isMysql(name),
      definition: undefined,
    })
    const index = tableNamed(snapshot, table).indexes.find((one) => /^ix_(?:line|orders_customer)$/.test(one.name))
    expect(index?.columns[0]).toMatchObject({ name: 'customer_id', descending: true, computed: false })
    expect(index?.definition).toBeUndefined()
    const partial = snapshot.schemas[0]?.tables
      .flatMap((one) => one.indexes)
      .find((one) => /^ux_(?:part|orders_no)$/.test(one.name))
    if (isMysql(name)) {
      // No conditions there, but lengths and directions, which make an index of what would be a constraint.
      expect(partial).toMatchObject({ unique: true, backsConstraint: false, definition: undefined })
      const prefix = tableNamed(snapshot, 'customer').indexes.find((one) => one.name === 'ix_prefix')
      expect(prefix?.definition).toBe('CREATE INDEX `ix_prefix` ON `customer` (`name`(10))')
    } else expect(partial?.definition).toMatch(/where \(?(?:amount|no) > [35]/i)
  })

  test('checks, generated columns, collations and triggers are there', () => {
    expect(
      tableNamed(snapshot, 'customer')
        .checks.filter((one) => one.column === undefined)
        .map((one) => [one.name, /check \(.*amount/i.test(one.definition)]),
    ).toEqual([[name === 'sqlite' ? 'positive' : 'amount_positive', true]])
    const [table, column] = name === 'sqlite' ? (['customer', 'doubled'] as const) : (['orders', 'gross'] as const)
    expect(columnNamed(snapshot, table, column)).toMatchObject({ defaultValue: undefined, generated: { stored: true } })
    const collated =
      name === 'sqlite' ? columnNamed(snapshot, 'customer', 'email') : columnNamed(snapshot, 'customer', 'sorted')
    expect(collated.collation).toBe(
      { sqlite: 'nocase', mariadb: 'utf8mb4_bin', mysql: 'utf8mb4_bin' }[name as string] ?? '"pg_catalog"."C"',
    )
    expect(tableNamed(snapshot, table).triggers).toHaveLength(1)
  })

  test('defaults are told apart from expressions', () => {
    const kinds = (table: string, ...columns: readonly string[]) =>
      columns.map((column) => {
        const value = columnNamed(snapshot, table, column).defaultValue
        return value && `${value.kind} ${value.text}`
      })
    if (name === 'sqlite') {
      expect(kinds('customer', 'name', 'amount', 'born', 'created', 'flag', 'email')).toEqual([
        "text it's",
        'number 1.5',
        'date 2020-01-31',
        'function current_timestamp',
        'function 1',
        undefined,
      ])
      return
    }
    if (isMysql(name)) {
      expect(
        kinds('customer', 'code', 'amount', 'feeling', 'flag', 'created', 'updated', 'born', 'ratio', 'note'),
      ).toEqual([
        "text a'b",
        'number 0.00',
        'text sad',
        'function 1',
        ...(name === 'mariadb'
          ? ['function current_timestamp() on update current_timestamp()', 'function current_timestamp(3)']
          : ['function CURRENT_TIMESTAMP on update current_timestamp', 'function CURRENT_TIMESTAMP(3)']),
        'date 2020-01-31',
        'number 1.5',
        name === 'mariadb' ? 'text NULL' : "function (_utf8mb4'none')",
      ])
      expect(kinds('orders', 'placed', 'no', 'id')).toEqual([
        'timestamp 2020-01-01T00:00:00',
        name === 'mariadb' ? 'sequence-next order_no' : 'function ((40 + 2))',
        undefined,
      ])
      if (name === 'mysql') {
        // The catalog escapes what is in quotes.
        expect(kinds('customer', 'made')).toEqual([String.raw`function (concat(_utf8mb4'it\'s ',uuid()))`])
      }
      return
    }
    expect(kinds('customer', 'note', 'amount', 'feeling', 'flag', 'created', 'updated', 'data', 'ratio')).toEqual([
      "text it's",
      'function 0.00',
      'text ok',
      'boolean true',
      'function now()',
      'function 2020-01-01 10:00:00+00',
      'function {}',
      'number 1.5',
    ])
    expect(kinds('orders', 'placed', 'no', 'id')).toEqual([
      'timestamp 2020-01-01T00:00:00',
      'sequence-next order_no',
      'sequence-next orders_id_seq',
    ])
  })

  test('the JSON is in the shape of Liquibase: classes, references, Java types', () => {
    const text = formatSnapshot(snapshot, everything, 'json', 0)
    const { snapshot: document } = JSON.parse(text) as {
      snapshot: { created: string; objects: Record<string, readonly Record<string, Record<string, unknown>>[]> }
    }
    expect(document.created).toBe('1970-01-01T00:00:00.000')
    const listed = (kind: string) =>
      (document.objects[`liquibase.structure.core.${kind}`] ?? []).map((item) => Object.values(item)[0] ?? {})
    const customer = listed('Table').find((table) => table['name'] === 'customer')
    const columns = listed('Column').filter(
      (column) => column['relation'] === `liquibase.structure.core.Table#${String(customer?.['snapshotId'])}`,
    )
    expect(columns.map((column) => column['order'])).toEqual(
      columns.map((_column, index) => `${index + 1}!{java.lang.Integer}`),
    )
    expect(columns.find((column) => column['name'] === 'name')).toMatchObject({
      nullable: false,
      type: { columnSize: `${name === 'sqlite' ? 20 : 50}!{java.lang.Integer}` },
    })
    const key = listed('ForeignKey').find((one) => one['name'] === 'fk_customer')
    expect(key).toMatchObject({ deleteRule: 'importedKeyCascade!{liquibase.structure.core.ForeignKeyConstraintType}' })
    const primary = listed('PrimaryKey').find(
      (one) =>
        one['name'] === (isMysql(name) ? 'PRIMARY' : 'pk_line') && (one['columns'] as readonly string[]).length === 2,
    )
    const reference = String((primary?.['columns'] as readonly string[] | undefined)?.[1])
    const second = listed('Column').find((one) => reference.endsWith(`#${String(one['snapshotId'])}`))
    expect(second?.['name']).toBe('pos')
    expect(formatSnapshot(snapshot, everything, 'yaml', 0)).toContain('- table:\n')
    expect(formatSnapshot(snapshot, everything, 'txt', 0)).toContain('    liquibase.structure.core.PrimaryKey:\n')
  })

  test('what is excluded is in no form of it', () => {
    const selection = selectionOf({ excludeObjects: '(?i)CUSTOMER, table:.*Line' })
    const text = formatSnapshot(selected(snapshot, selection), selection, 'json', 0)
    expect(text).not.toMatch(/"name": "(?:customer|Order Line|uq_email|pk_line)"/)
    expect(text).toContain(
      '"name": "names"'.replace(
        'names',
        { sqlite: 'names', mariadb: 'z_orders', mysql: 'z_orders' }[name as string] ?? 'big_orders',
      ),
    )
  })
})

describe('on PostgreSQL', () => {
  test('what the original leaves out is kept: types, routines, partitions, materialized views, options', async () => {
    const suite = await openSuite('pglite')
    try {
      const database = await suite.fresh()
      await makeSchema(database)
      const snapshot = await readSnapshot(database, ['public'])
      const [schema] = snapshot.schemas
      expect(schema?.types.map((type) => `${type.kind} ${type.definition}`)).toEqual([
        "enum CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s fine')",
        'composite CREATE TYPE pair AS (a integer, b text)',
        'domain CREATE DOMAIN positive AS integer DEFAULT 1 NOT NULL CONSTRAINT is_positive CHECK ((VALUE > 0))',
      ])
      expect(schema?.routines.map((one) => `${one.kind} ${one.name}(${one.signature ?? ''})`)).toEqual([
        'procedure empty_orders()',
        'function note_change()',
        'function twice(a integer)',
      ])
      expect(tableNamed(snapshot, 'measure').partition).toEqual({ by: 'RANGE (logdate)', of: undefined })
      expect(tableNamed(snapshot, 'measure_2020').partition?.of).toEqual({
        schemaName: 'public',
        tableName: 'measure',
        bound: "FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
      })
      expect(tableNamed(snapshot, 'scratch').options).toEqual(['UNLOGGED', 'WITH (fillfactor=70)'])
      expect(schema?.views.map((view) => [view.name, view.materialized])).toEqual([
        ['a_view_on_a_view', false],
        ['big_orders', false],
        ['totals', true],
      ])
      expect(columnNamed(snapshot, 'counted', 'id').autoIncrement).toEqual({
        startWith: '10',
        incrementBy: '3',
        generation: 'ALWAYS',
        options: 'MAXVALUE 100 CYCLE',
      })
      expect(snapshot.dependencies).toContainEqual({
        from: 'view:public.a_view_on_a_view',
        on: 'view:public.big_orders',
      })
      expect(snapshot.dependencies).toContainEqual({
        from: 'table:public.customer',
        on: 'routine:public.twice(a integer)',
      })
      expect(snapshot.dependencies).toContainEqual({ from: 'table:public.customer', on: 'type:public.mood' })
      await expect(readSnapshot(database, ['Public'])).rejects.toThrow(/no schema "Public"/)
    } finally {
      await suite.close()
    }
  })
})
