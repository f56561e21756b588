// Tables and columns: made, altered, renamed, dropped.
import type { Attributes, Column } from './model.ts'
import { anyName, plainName } from './name.ts'
import { nextOf, presetOf, valueOf } from './value.ts'
import { change, type Made, pickColumn, pickTable, type Table, type TableColumn, type World } from './world.ts'

const remarks = ['a remark', "it's a remark", 'with "quotes"', 'größe', 'two  blanks', 'semi;colon']

export function createTable(world: World): Made {
  const { dice, ground } = world
  const plain = dice.chance(0.5)
  const name = plain ? plainName(dice, world.taken) : anyName(dice, ground, world.taken)
  const names = new Set<string>()
  const columns: TableColumn[] = [keyColumn(world, names, plain)]
  for (let count = dice.from(1, 5); count > 0; count -= 1) columns.push(newColumn(world, names, plain, false))
  const table: Table = { name, plain, columns, primaryKey: undefined, parts: [], bound: false, rows: 0 }
  const key = columns[0]?.written.constraints
  if (key?.['primaryKey'] === true) {
    table.primaryKey = { name: key['primaryKeyName'] as string | undefined, columns: [columns[0]?.name ?? ''] }
  }
  world.tables.push(table)
  const attributes: Attributes = {
    tableName: name,
    ...(ground.remarks && dice.chance(0.2) ? { remarks: dice.pick(remarks) } : {}),
    ...(dice.chance(0.05) ? { ifNotExists: true } : {}),
  }
  return {
    changes: [change('createTable', attributes, { columns: columns.map((column) => column.written) })],
    undo: [change('dropTable', { tableName: name })],
    automatic: true,
  }
}

function keyColumn(world: World, names: Set<string>, plain: boolean): TableColumn {
  const { dice, ground } = world
  const name = plain ? plainName(dice, names) : anyName(dice, ground, names)
  const generated = dice.chance(0.4)
  const typeName = ground.name === 'sqlite' ? 'integer' : dice.pick(['int', 'bigint', 'INTEGER'])
  const constraints: Attributes = {
    primaryKey: dice.chance(0.85),
    ...(dice.chance(0.5) ? { nullable: false } : {}),
  }
  const named: Attributes =
    constraints['primaryKey'] === true && dice.chance(0.4) ? { primaryKeyName: `pk_${(world.counter += 1)}` } : {}
  const keyed = constraints['primaryKey'] === true
  const starts =
    ground.name !== 'sqlite' && dice.chance(0.3)
      ? { startWith: 100, ...(ground.name === 'postgresql' && dice.chance(0.5) ? { incrementBy: 5 } : {}) }
      : {}
  const increments = generated && keyed
  const attributes: Attributes = { name, type: typeName, ...(increments ? { autoIncrement: true, ...starts } : {}) }
  return {
    name,
    type: { name: typeName, kind: 'integer', most: 1000 },
    required: true,
    generated: increments,
    bound: true,
    preset: false,
    written: { attributes, constraints: keyed ? { ...constraints, ...named } : { nullable: false } },
  }
}

function newColumn(world: World, names: Set<string>, plain: boolean, added: boolean): TableColumn {
  const { dice, ground } = world
  const name = plain ? plainName(dice, names) : anyName(dice, ground, names)
  const type = dice.pick(ground.types)
  const preset = dice.chance(0.35)
    ? (nextOf(world, type, 'defaultValueSequenceNext') ?? presetOf(type, dice, ground))
    : undefined
  const required = type.kind !== 'binary' && (!added || preset !== undefined) && dice.chance(0.25)
  const constraints: Record<string, string | boolean> = {}
  if (required) constraints['nullable'] = false
  else if (dice.chance(0.1)) constraints['nullable'] = true
  if (required && ground.name === 'postgresql' && dice.chance(0.2))
    constraints['notNullConstraintName'] = `nn_${(world.counter += 1)}`
  if (!added && type.kind === 'text' && dice.chance(0.1)) {
    constraints['unique'] = true
    if (dice.chance(0.5)) constraints['uniqueConstraintName'] = `uq_${(world.counter += 1)}`
  }
  const target = !added && ground.name !== 'mariadb' ? referenced(world) : undefined
  if (target && type.kind === 'integer' && dice.chance(0.3)) {
    constraints['foreignKeyName'] = `fk_${(world.counter += 1)}`
    if (dice.chance(0.5)) constraints['references'] = `${target.name}(${target.primaryKey?.columns[0]})`
    else {
      constraints['referencedTableName'] = target.name
      constraints['referencedColumnNames'] = target.primaryKey?.columns[0] ?? ''
    }
    if (dice.chance(0.3)) constraints['deleteCascade'] = true
    if (ground.deferrable && dice.chance(0.3)) {
      constraints['deferrable'] = true
      if (dice.chance(0.5)) constraints['initiallyDeferred'] = true
    }
    target.bound = true
  }
  const attributes: Attributes = {
    name,
    type: type.name,
    ...preset,
    ...(ground.remarks && dice.chance(0.12) ? { remarks: dice.pick(remarks) } : {}),
  }
  const bound = constraints['unique'] === true || 'foreignKeyName' in constraints
  const written = Object.keys(constraints).length === 0 ? { attributes } : { attributes, constraints }
  return { name, type, required, generated: false, bound, preset: preset !== undefined, written }
}

function referenced(world: World): Table | undefined {
  return pickTable(world, (table) => table.plain && table.primaryKey?.columns.length === 1)
}

export function dropTable(world: World): Made | undefined {
  const { dice } = world
  const table = pickTable(
    world,
    (one) =>
      !one.bound &&
      one.parts.length === 0 &&
      !one.columns.some((column) => 'foreignKeyName' in (column.written.constraints ?? {})),
  )
  if (!table || world.tables.length < 3) return undefined
  world.tables.splice(world.tables.indexOf(table), 1)
  const cascade: Attributes = dice.chance(0.3) ? { cascadeConstraints: dice.chance(0.7) } : {}
  return {
    changes: [change('dropTable', { tableName: table.name, ...cascade })],
    undo: [change('createTable', { tableName: table.name }, { columns: table.columns.map(asIs) })],
    automatic: false,
  }
}

/** The column as it is now: it may have been renamed or retyped since. */
export function asIs({ name, type, written }: TableColumn): Column {
  return { ...written, attributes: { ...written.attributes, name, type: type.name } }
}

export function addColumn(world: World): Made | undefined {
  const table = pickTable(world)
  if (!table) return undefined
  const { dice, ground } = world
  const names = new Set(table.columns.map((column) => column.name.toLowerCase()))
  const fresh: TableColumn[] = []
  for (let count = dice.from(1, 3); count > 0; count -= 1) fresh.push(newColumn(world, names, table.plain, true))
  table.columns.push(...fresh)
  const columns = fresh.map((column) => {
    const filled = !column.required && !column.preset && dice.chance(0.15) ? valueOf(column.type, dice, ground) : {}
    return { ...column.written, attributes: { ...column.written.attributes, ...filled } }
  })
  const automatic = ground.name !== 'sqlite' || !fresh.some((column) => column.preset)
  return {
    changes: [change('addColumn', { tableName: table.name }, { columns })],
    undo: fresh.map((column) => change('dropColumn', { tableName: table.name, columnName: column.name })),
    automatic,
  }
}

function isFree(column: TableColumn): boolean {
  return !column.bound && !column.generated
}

export function dropColumn(world: World): Made | undefined {
  const table = pickTable(world, (one) => one.columns.filter(isFree).length > 1 && !one.bound)
  const column = table && pickColumn(world, table, (one) => isFree(one) && !one.required)
  if (!table || !column) return undefined
  table.columns.splice(table.columns.indexOf(column), 1)
  const alone = world.dice.chance(0.7)
  return {
    changes: [
      alone
        ? change('dropColumn', { tableName: table.name, columnName: column.name })
        : change('dropColumn', { tableName: table.name }, { columns: [{ attributes: { name: column.name } }] }),
    ],
    undo: [change('addColumn', { tableName: table.name }, { columns: [asIs(column)] })],
    automatic: false,
  }
}

export function renameColumn(world: World): Made | undefined {
  const table = pickTable(world)
  const column = table && pickColumn(world, table, isFree)
  if (!table || !column) return undefined
  const { dice, ground } = world
  const names = new Set(table.columns.map((one) => one.name.toLowerCase()))
  const before = column.name
  column.name = table.plain ? plainName(dice, names) : anyName(dice, ground, names)
  const type: Attributes = ground.name === 'mariadb' || dice.chance(0.5) ? { columnDataType: column.type.name } : {}
  const remark: Attributes = ground.name === 'mariadb' && dice.chance(0.15) ? { remarks: 'a remark' } : {}
  const rename = (from: string, to: string): Attributes => ({
    tableName: table.name,
    oldColumnName: from,
    newColumnName: to,
    ...type,
  })
  return {
    changes: [change('renameColumn', { ...rename(before, column.name), ...remark })],
    undo: [change('renameColumn', rename(column.name, before))],
    automatic: true,
  }
}

export function renameTable(world: World): Made | undefined {
  const table = pickTable(world, (one) => !one.bound)
  if (!table) return undefined
  const { dice, ground } = world
  const before = table.name
  table.name = table.plain ? plainName(dice, world.taken) : anyName(dice, ground, world.taken)
  return {
    changes: [change('renameTable', { oldTableName: before, newTableName: table.name })],
    undo: [change('renameTable', { oldTableName: table.name, newTableName: before })],
    automatic: true,
  }
}

export function modifyDataType(world: World): Made | undefined {
  const table = pickTable(world, (one) => one.rows === 0)
  const column = table && pickColumn(world, table, (one) => isFree(one) && one.type.kind === 'text' && !one.preset)
  if (!table || !column) return undefined
  const before = column.type
  column.type = { name: world.dice.pick(['varchar(300)', 'text', 'nvarchar(120)']), kind: 'text', length: 100 }
  const modify = (type: string): Made['changes'][number] =>
    change('modifyDataType', { tableName: table.name, columnName: column.name, newDataType: type })
  return { changes: [modify(column.type.name)], undo: [modify(before.name)], automatic: false }
}

export function defaultValue(world: World): Made | undefined {
  const table = pickTable(world)
  const column = table && pickColumn(world, table, (one) => isFree(one) && !one.preset)
  const preset = column && presetOf(column.type, world.dice, world.ground)
  if (!table || !column || !preset) return undefined
  const place: Attributes = { tableName: table.name, columnName: column.name, columnDataType: column.type.name }
  return {
    changes: [
      change('addDefaultValue', { ...place, ...preset }),
      ...(world.dice.chance(0.3)
        ? [change('dropDefaultValue', place), change('addDefaultValue', { ...place, ...preset })]
        : []),
    ],
    undo: [change('dropDefaultValue', place)],
    automatic: false,
  }
}

export function notNull(world: World): Made | undefined {
  const table = pickTable(world, (one) => one.rows === 0)
  const column = table && pickColumn(world, table, (one) => isFree(one) && !one.required && one.type.kind === 'text')
  if (!table || !column) return undefined
  const { dice } = world
  const place: Attributes = { tableName: table.name, columnName: column.name, columnDataType: column.type.name }
  const add: Attributes = { ...place, ...(dice.chance(0.4) ? { defaultNullValue: "it's" } : {}) }
  const drop = change('dropNotNullConstraint', place)
  // Dropped again at once: later changes need not know.
  return { changes: [change('addNotNullConstraint', add), drop], undo: [], automatic: false }
}

export function remark(world: World): Made | undefined {
  const table = pickTable(world)
  if (!table) return undefined
  const { dice } = world
  if (dice.chance(0.5))
    return {
      changes: [change('setTableRemarks', { tableName: table.name, remarks: dice.pick(remarks) })],
      undo: [],
      automatic: false,
    }
  const column = pickColumn(world, table, isFree)
  if (!column || column.required || column.preset) return undefined
  const place: Attributes = { tableName: table.name, columnName: column.name, columnDataType: column.type.name }
  return {
    changes: [change('setColumnRemarks', { ...place, remarks: dice.pick(remarks) })],
    undo: [],
    automatic: false,
  }
}

export function autoIncrement(world: World): Made | undefined {
  const table = pickTable(
    world,
    (one) =>
      one.primaryKey?.columns.length === 1 && one.columns[0]?.generated === false && !one.bound && one.rows === 0,
  )
  const column = table?.columns[0]
  if (!table || !column) return undefined
  const { dice } = world
  const start: Attributes = dice.chance(0.4) ? { startWith: 50 } : {}
  table.columns[0] = { ...column, generated: true }
  return {
    changes: [
      change('addAutoIncrement', {
        tableName: table.name,
        columnName: column.name,
        columnDataType: column.type.name,
        ...start,
      }),
    ],
    undo: [],
    automatic: false,
  }
}

export function mergeColumns(world: World): Made | undefined {
  const table = pickTable(world, (one) => !one.bound && one.plain)
  if (!table) return undefined
  const fitting = table.columns.filter((one) => isFree(one) && one.type.kind === 'text' && !one.required)
  const [first, second] = world.dice.some(fitting, 2)
  if (!first || !second) return undefined
  const { dice } = world
  const names = new Set(table.columns.map((one) => one.name.toLowerCase()))
  const name = plainName(dice, names)
  for (const one of [first, second]) table.columns.splice(table.columns.indexOf(one), 1)
  const type = { name: 'varchar(200)', kind: 'text', length: 100 } as const
  table.columns.push({
    name,
    type,
    required: false,
    generated: false,
    bound: false,
    preset: false,
    written: { attributes: { name, type: type.name } },
  })
  // The schema of XML wants one, the engine does not.
  const isJoined = dice.chance(0.8) || world.format === 'xml'
  const joinString: Attributes = isJoined ? { joinString: dice.pick([' ', ', ', '; ']) } : {}
  const joined: Attributes = {
    tableName: table.name,
    column1Name: first.name,
    column2Name: second.name,
    finalColumnName: name,
    finalColumnType: type.name,
  }
  return {
    changes: [change('mergeColumns', { ...joined, ...joinString })],
    undo: [
      change('addColumn', { tableName: table.name }, { columns: [asIs(first), asIs(second)] }),
      change('dropColumn', { tableName: table.name, columnName: name }),
    ],
    automatic: false,
  }
}
