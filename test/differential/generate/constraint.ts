// Indexes and constraints that are added to tables, and dropped.
import type { Attributes, Change } from './model.ts'
import { anyName, plainName } from './name.ts'
import { change, type Made, type Part, pickColumn, pickTable, type TableColumn, type World } from './world.ts'

/** A database can index these without a prefix length. */
function canBeKey({ type }: TableColumn): boolean {
  return ['text', 'integer', 'decimal', 'date', 'uuid'].includes(type.kind) && (type.length ?? 0) <= 60
}

export function createIndex(world: World): Made | undefined {
  const table = pickTable(world, (one) => one.columns.some(canBeKey))
  if (!table) return undefined
  const { dice, ground } = world
  const columns = dice.some(table.columns.filter(canBeKey), dice.from(1, 3))
  for (const column of columns) column.bound = true
  const name = dice.chance(0.8) ? `ix_${(world.counter += 1)}` : anyName(dice, ground, world.taken)
  const unique: Attributes = table.rows === 0 && columns.some((one) => one.generated) ? { unique: true } : {}
  const made = change(
    'createIndex',
    {
      tableName: table.name,
      indexName: name,
      ...(dice.chance(0.3) ? unique : dice.chance(0.2) ? { unique: false } : {}),
    },
    {
      columns: columns.map((column) => ({
        attributes: {
          name: column.name,
          ...(dice.chance(0.25) ? { descending: true } : {}),
          ...(dice.chance(0.1) ? { type: column.type.name } : {}),
        },
      })),
    },
  )
  table.parts.push({ kind: 'index', name, made })
  return { changes: [made], undo: [dropOf('index', name, table.name)], automatic: true }
}

function dropOf(kind: 'index' | 'unique' | 'foreign key', name: string, table: string): Change {
  if (kind === 'index') return change('dropIndex', { indexName: name, tableName: table })
  if (kind === 'unique') return change('dropUniqueConstraint', { constraintName: name, tableName: table })
  return change('dropForeignKeyConstraint', { constraintName: name, baseTableName: table })
}

export function dropPart(world: World): Made | undefined {
  const kinds = world.ground.constraints ? ['index', 'unique', 'foreign key'] : ['index']
  const fits = (part: { readonly kind: string }): boolean => kinds.includes(part.kind)
  const table = pickTable(world, (one) => one.parts.some(fits))
  const part = table && world.dice.pick(table.parts.filter(fits))
  if (
    !table ||
    !part ||
    (part.made.attributes['tableName'] === undefined && part.made.attributes['baseTableName'] === undefined)
  )
    return undefined
  // A renamed table is another one now.
  if ((part.made.attributes['tableName'] ?? part.made.attributes['baseTableName']) !== table.name) return undefined
  table.parts.splice(table.parts.indexOf(part), 1)
  return { changes: [dropOf(part.kind, part.name, table.name)], undo: [part.made], automatic: false }
}

export function addUnique(world: World): Made | undefined {
  const table = pickTable(world, (one) => one.rows === 0 && one.columns.filter(canBeKey).length > 1)
  if (!table) return undefined
  const { dice, ground } = world
  const columns = dice.some(table.columns.filter(canBeKey), 2)
  // Rows with equal values must stay possible.
  if (!columns.some((column) => column.generated)) return undefined
  for (const column of columns) column.bound = true
  const name = dice.chance(0.8) ? `uq_${(world.counter += 1)}` : anyName(dice, ground, world.taken)
  const made = change('addUniqueConstraint', {
    tableName: table.name,
    constraintName: name,
    columnNames: columns.map((column) => column.name).join(dice.pick([',', ', '])),
    ...deferrable(world),
    ...(dice.chance(0.1) ? { validate: true } : {}),
  })
  table.parts.push({ kind: 'unique', name, made })
  return { changes: [made], undo: [dropOf('unique', name, table.name)], automatic: true }
}

function deferrable({ dice, ground }: World): Attributes {
  if (!ground.deferrable || !dice.chance(0.3)) return {}
  return { deferrable: true, ...(dice.chance(0.5) ? { initiallyDeferred: dice.chance(0.7) } : {}) }
}

export function addForeignKey(world: World): Made | undefined {
  const { dice, ground } = world
  const target = pickTable(world, (one) => one.primaryKey?.columns.length === 1)
  const key = target?.columns[0]
  const base = pickTable(world, (one) => one !== target && one.rows === 0)
  if (!target || !key || !base) return undefined
  const name = `fk_${(world.counter += 1)}`
  const names = new Set(base.columns.map((one) => one.name.toLowerCase()))
  const column = base.plain ? plainName(dice, names) : anyName(dice, ground, names)
  const attributes = { name: column, type: key.type.name }
  base.columns.push({
    name: column,
    type: key.type,
    required: false,
    generated: false,
    bound: true,
    preset: false,
    written: { attributes },
  })
  target.bound = true
  base.bound = true
  const made = change('addForeignKeyConstraint', {
    constraintName: name,
    baseTableName: base.name,
    baseColumnNames: column,
    referencedTableName: target.name,
    referencedColumnNames: key.name,
    ...actions(world),
  })
  base.parts.push({ kind: 'foreign key', name, made })
  return {
    changes: [change('addColumn', { tableName: base.name }, { columns: [{ attributes }] }), made],
    undo: [dropOf('foreign key', name, base.name), change('dropColumn', { tableName: base.name, columnName: column })],
    automatic: true,
  }
}

export function dropAllForeignKeys(world: World): Made | undefined {
  const isKey = (part: Part): boolean => part.kind === 'foreign key'
  const table = pickTable(
    world,
    (one) =>
      one.parts.some(isKey) &&
      one.parts.every((part) => !isKey(part) || part.made.attributes['baseTableName'] === one.name) &&
      !one.columns.some((column) => column.looked || 'foreignKeyName' in (column.written.constraints ?? {})),
  )
  if (!table) return undefined
  const keys = table.parts.filter(isKey)
  for (const key of keys) table.parts.splice(table.parts.indexOf(key), 1)
  return {
    changes: [change('dropAllForeignKeyConstraints', { baseTableName: table.name })],
    undo: keys.map((key) => key.made),
    automatic: false,
  }
}

function actions(world: World): Attributes {
  const { dice, ground } = world
  return {
    ...(dice.chance(0.4) ? { onDelete: dice.pick(['CASCADE', 'RESTRICT', 'SET NULL', 'NO ACTION']) } : {}),
    ...(dice.chance(0.2) ? { onUpdate: dice.pick(['CASCADE', 'RESTRICT', 'NO ACTION']) } : {}),
    ...(dice.chance(0.1) ? { deleteCascade: true } : {}),
    ...(ground.deferrable && dice.chance(0.2) ? { deferrable: true, initiallyDeferred: dice.chance(0.5) } : {}),
    ...(ground.name === 'postgresql' && dice.chance(0.1) ? { validate: false } : {}),
  }
}

export function addPrimaryKey(world: World): Made | undefined {
  const table = pickTable(world, (one) => one.primaryKey === undefined && one.rows === 0)
  const column = table?.columns[0]
  if (!table || !column || !column.required) return undefined
  const name = world.dice.chance(0.7) || world.ground.name === 'postgresql' ? `pk_${(world.counter += 1)}` : undefined
  table.primaryKey = { name, columns: [column.name] }
  column.bound = true
  const key: Attributes = name === undefined ? {} : { constraintName: name }
  return {
    changes: [change('addPrimaryKey', { tableName: table.name, columnNames: column.name, ...key })],
    undo: [change('dropPrimaryKey', { tableName: table.name, ...key })],
    automatic: true,
  }
}

export function dropPrimaryKey(world: World): Made | undefined {
  const table = pickTable(
    world,
    (one) => one.primaryKey?.name !== undefined && !one.bound && one.columns[0]?.generated === false && one.rows === 0,
  )
  if (!table?.primaryKey) return undefined
  const { columns, name } = table.primaryKey
  table.primaryKey = undefined
  const key: Attributes = name === undefined ? {} : { constraintName: name }
  return {
    changes: [change('dropPrimaryKey', { tableName: table.name, ...key })],
    undo: [change('addPrimaryKey', { tableName: table.name, columnNames: columns.join(), ...key })],
    automatic: false,
  }
}

export function addLookupTable(world: World): Made | undefined {
  const table = pickTable(world, (one) => one.plain && !one.bound && one.rows === 0)
  const column =
    table &&
    pickColumn(
      world,
      table,
      (one) => !one.bound && !one.generated && !one.preset && one.type.kind === 'text' && (one.type.length ?? 0) <= 50,
    )
  if (!table || !column) return undefined
  const { dice } = world
  const name = plainName(dice, world.taken)
  column.bound = true
  column.looked = true
  table.bound = true
  const constraint: Attributes = dice.chance(0.7) ? { constraintName: `fk_${(world.counter += 1)}` } : {}
  return {
    changes: [
      change('addLookupTable', {
        existingTableName: table.name,
        existingColumnName: column.name,
        newTableName: name,
        newColumnName: 'code',
        newColumnDataType: column.type.name,
        ...constraint,
      }),
    ],
    undo: [
      change('dropForeignKeyConstraint', {
        constraintName: constraint['constraintName'] ?? `FK_${table.name}_${name}`.toUpperCase(),
        baseTableName: table.name,
      }),
      change('dropTable', { tableName: name }),
    ],
    automatic: true,
  }
}
