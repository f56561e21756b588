// Rows: inserted one by one and from CSV files, updated, deleted.
import type { DatabaseName } from '../peer/place.ts'
import type { Kind } from './ground.ts'
import type { Attributes, Change, Column } from './model.ts'
import { nextOf, valueOf } from './value.ts'
import { change, type Made, pickTable, type Table, type TableColumn, type World } from './world.ts'

function isWritable(column: TableColumn): boolean {
  return (
    !column.generated &&
    column.type.kind !== 'binary' &&
    !('foreignKeyName' in (column.written.constraints ?? {})) &&
    column.written.constraints?.['unique'] !== true
  )
}

function isReferring(table: Table, column: TableColumn): boolean {
  return table.parts.some(
    (part) => part.kind === 'foreign key' && part.made.attributes['baseColumnNames'] === column.name,
  )
}

export function insert(world: World): Made | undefined {
  const table = pickTable(world)
  if (!table) return undefined
  const { dice, ground } = world
  const rows = dice.from(1, 3)
  const changes: Change[] = []
  for (let row = 0; row < rows; row += 1) {
    const columns: Column[] = []
    for (const column of table.columns) {
      const key = table.columns[0] === column && !column.generated
      if (key) columns.push({ attributes: { name: column.name, valueNumeric: 1000 + (world.counter += 1) } })
      else if (isWritable(column) && !isReferring(table, column) && (column.required || dice.chance(0.7))) {
        const value = nextOf(world, column.type, 'valueSequenceNext') ?? valueOf(column.type, dice, ground)
        columns.push({ attributes: { name: column.name, ...withoutNull(column, value) } })
      } else if (column.required && !column.generated && !column.preset) return undefined
    }
    if (columns.length === 0) return undefined
    const only: Attributes = dice.chance(0.1)
      ? { dbms: dice.pick([ground.name, `${ground.name}, oracle`, '!oracle', 'all']) }
      : {}
    changes.push(change('insert', { tableName: table.name, ...only }, { columns }))
  }
  table.rows += rows
  return { changes, undo: [change('delete', { tableName: table.name })], automatic: false }
}

function withoutNull(column: TableColumn, value: Attributes): Attributes {
  if (!column.required || typeof value['value'] !== 'string' || !/^null$/i.test(value['value'])) return value
  return { value: 'no' }
}

export function updateRows(world: World): Made | undefined {
  const table = pickTable(world, (one) => one.rows > 0)
  if (!table) return undefined
  const { dice, ground } = world
  const fits = table.columns.filter((column) => isWritable(column) && !column.bound && column !== table.columns[0])
  const columns = dice.some(fits, dice.from(1, 2)).map((column) => ({
    attributes: { name: column.name, ...withoutNull(column, valueOf(column.type, dice, ground)) },
  }))
  if (columns.length === 0) return undefined
  return {
    changes: [change('update', { tableName: table.name }, { columns, ...condition(world, table) })],
    undo: [],
    automatic: false,
  }
}

export function deleteRows(world: World): Made | undefined {
  const table = pickTable(world, (one) => one.rows > 0 && !one.bound)
  if (!table) return undefined
  return { changes: [change('delete', { tableName: table.name }, condition(world, table))], undo: [], automatic: false }
}

function condition(world: World, table: Table): Pick<Change, 'where' | 'parameters'> {
  const { dice } = world
  const key = table.columns[0]?.name ?? ''
  if (dice.chance(0.4) && table.plain) return { where: `${key} > 5 and ${key} <> 7` }
  if (dice.chance(0.3) && table.plain) return { where: `${key} = 1001 or '<a>' = 'it''s &amp;'` }
  if (dice.chance(0.4)) return { where: ':name > :value', parameters: [{ name: key, valueNumeric: 3 }] }
  return {}
}

/** The original takes long texts for names of files, and its driver writes dates of SQLite as numbers. */
const loadable: Readonly<Record<DatabaseName, readonly Kind[]>> = {
  postgresql: ['text', 'integer', 'boolean', 'date', 'decimal'],
  mariadb: ['text', 'integer', 'boolean', 'date', 'decimal'],
  sqlite: ['text', 'integer', 'decimal'],
}

export function loadData(world: World): Made | undefined {
  const { dice, ground } = world
  const table = pickTable(
    world,
    (one) =>
      !one.columns.some((column) => column.required && !isWritable(column) && !column.generated && !column.preset),
  )
  if (!table) return undefined
  const columns = table.columns.filter(
    (column) =>
      column === table.columns[0] ||
      (isWritable(column) && !isReferring(table, column) && loadable[ground.name].includes(column.type.kind)),
  )
  if (table.columns.some((column) => column.required && !column.preset && !columns.includes(column))) return undefined
  const separator = dice.pick([',', ',', ';', '|'])
  const rows: string[] = []
  rows.push(columns.map((column) => column.name).join(separator))
  const count = dice.from(1, 4)
  // Never before the header: the original takes the first line for it, whatever it is.
  if (dice.chance(0.2)) rows.push('# a comment')
  for (let row = 0; row < count; row += 1)
    rows.push(columns.map((column) => cell(world, table, column, separator)).join(separator))
  const path = `data/${(world.counter += 1)}.csv`
  const mark = dice.chance(0.1) ? '\uFEFF' : ''
  world.files[path] = mark + rows.join(dice.pick(['\n', '\n', '\r\n'])) + dice.pick(['', '\n', '\n\n'])
  table.rows += count
  const attributes: Attributes = {
    tableName: table.name,
    file: path,
    ...(separator === ',' && dice.chance(0.7) ? {} : { separator }),
    ...(dice.chance(0.2) ? { encoding: 'UTF-8' } : {}),
  }
  // Without types the original's scripts know those of tables that are there, Sluice's also those of the changelog.
  const listed = {
    columns: columns.map((column) => ({
      attributes: { name: column.name, ...(dice.chance(0.2) ? { header: column.name } : {}), type: loadType(column) },
    })),
  }
  const undo = [change('delete', { tableName: table.name })]
  if (dice.chance(0.25)) {
    // Nothing but the key is nothing to update: the original sends MariaDB an empty statement.
    const updates = ground.name === 'postgresql' || (ground.name === 'mariadb' && columns.length > 1)
    const more: Attributes = updates && dice.chance(0.2) ? { onlyUpdate: true } : {}
    return {
      changes: [change('loadUpdateData', { ...attributes, primaryKey: columns[0]?.name ?? '', ...more }, listed)],
      undo,
      automatic: false,
    }
  }
  return { changes: [change('loadData', attributes, listed)], undo, automatic: false }
}

function loadType({ type }: TableColumn): string {
  if (type.kind === 'boolean') return 'BOOLEAN'
  if (type.kind === 'integer' || type.kind === 'decimal') return 'NUMERIC'
  return type.kind === 'date' ? 'DATE' : 'STRING'
}

function cell(world: World, table: Table, column: TableColumn, separator: string): string {
  const { dice } = world
  if (column === table.columns[0]) return String(3000 + (world.counter += 1))
  if (!column.required && dice.chance(0.15)) return dice.pick(['NULL', 'null', ''])
  const { kind, length } = column.type
  const plain = { integer: String(dice.from(0, 90)), decimal: dice.pick(['1.5', '10.00', '-2']), date: '2020-02-03' }
  if (kind === 'integer' || kind === 'decimal' || kind === 'date') return plain[kind]
  if (kind === 'boolean') return dice.pick(['true', 'false', '1', '0', 'TRUE'])
  if ((length ?? 99) < 20) return dice.pick(['abc', '"d"', "i's"])
  return dice.pick([
    'plain',
    '"quoted"',
    `"with ${separator} in it"`,
    '"say ""hi"""',
    "it's",
    'größe',
    ' pad ',
    '"a;b"',
    '100%',
    'C:\\x',
  ])
}
