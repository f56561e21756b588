// Views, sequences, routines and changes that leave no object.
import type { Attributes } from './model.ts'
import { anyName, plainName, reserved } from './name.ts'
import { change, type Made, pickTable, type World } from './world.ts'

export function createView(world: World): Made | undefined {
  const table = pickTable(world, (one) => one.plain)
  if (!table) return undefined
  const { dice, ground } = world
  const columns = dice.some(table.columns, dice.from(1, 2))
  for (const column of columns) column.bound = true
  table.bound = true
  const name = anyName(dice, ground, world.taken)
  const more: Attributes = {
    ...(ground.viewsCanBeReplaced && dice.chance(0.4) ? { replaceIfExists: true } : {}),
    ...(ground.remarks && ground.name === 'postgresql' && dice.chance(0.2) ? { remarks: "a view's remark" } : {}),
  }
  const list = columns.map((column) => column.name).join(', ')
  const where = dice.chance(0.3)
    ? ` where ${table.columns[0]?.name} < 100 and 'a;b' <> "&<>"`.replace(`"&<>"`, "'&<>'")
    : ''
  const query = `select ${list}${dice.pick([' ', '\n'])}from ${table.name}${where}`
  const full = ground.viewsCanBeReplaced && dice.chance(0.1)
  const body = { key: 'selectQuery', text: full ? `create view ${name} as ${query}` : query }
  const made =
    full && /^[a-z_]\w*$/.test(name) && !reserved.includes(name)
      ? change('createView', { viewName: name, fullDefinition: true }, { body })
      : change('createView', { viewName: name, ...more }, { body: { key: 'selectQuery', text: query } })
  world.views.push({ name, made })
  return { changes: [made], undo: [change('dropView', { viewName: name })], automatic: true }
}

export function dropView(world: World): Made | undefined {
  if (world.views.length === 0) return undefined
  const view = world.dice.pick(world.views)
  world.views.splice(world.views.indexOf(view), 1)
  return {
    changes: [change('dropView', { viewName: view.name, ...(world.dice.chance(0.3) ? { ifExists: true } : {}) })],
    undo: [view.made],
    automatic: false,
  }
}

export function renameView(world: World): Made | undefined {
  const { dice, ground, views } = world
  if (views.length === 0) return undefined
  const view = dice.pick(views)
  const name = anyName(dice, ground, world.taken)
  const rename = (from: string, to: string): Made['changes'][number] =>
    change('renameView', { oldViewName: from, newViewName: to })
  // What would make it again still has the old name: it is not dropped any more.
  views.splice(views.indexOf(view), 1)
  return { changes: [rename(view.name, name)], undo: [rename(name, view.name)], automatic: true }
}

export function createSequence(world: World): Made {
  const { dice, ground } = world
  const name = ground.name === 'mariadb' ? plainName(dice, world.taken) : anyName(dice, ground, world.taken)
  const bounded = dice.chance(0.3)
  const made = change('createSequence', {
    sequenceName: name,
    ...(dice.chance(0.5) ? { startValue: 10 } : {}),
    ...(dice.chance(0.5) ? { incrementBy: dice.from(1, 5) } : {}),
    ...(bounded ? { minValue: 1, maxValue: 5000 } : {}),
    ...(dice.chance(0.3) ? { cycle: dice.chance(0.6) } : {}),
    ...(dice.chance(0.3) ? { cacheSize: dice.from(1, 20) } : {}),
    ...(ground.name === 'postgresql' && dice.chance(0.3) ? { dataType: dice.pick(['int', 'bigint']) } : {}),
    ...(ground.name === 'mariadb' && dice.chance(0.05) ? { ordered: true } : {}),
  })
  world.sequences.push({ name, made, bound: false })
  return { changes: [made], undo: [change('dropSequence', { sequenceName: name })], automatic: true }
}

export function alterSequence(world: World): Made | undefined {
  if (world.sequences.length === 0) return undefined
  const { dice } = world
  const sequence = dice.pick(world.sequences)
  if (world.ground.name === 'postgresql' && !sequence.bound && dice.chance(0.3)) {
    const name = plainName(dice, world.taken)
    world.sequences[world.sequences.indexOf(sequence)] = { ...sequence, name }
    const rename = (from: string, to: string): Made['changes'][number] =>
      change('renameSequence', { oldSequenceName: from, newSequenceName: to })
    return { changes: [rename(sequence.name, name)], undo: [rename(name, sequence.name)], automatic: true }
  }
  const attributes: Attributes = {
    ...(dice.chance(0.5) ? { incrementBy: 7 } : { maxValue: 90_000 }),
    ...(dice.chance(0.3) ? { cycle: true } : {}),
  }
  return {
    changes: [change('alterSequence', { sequenceName: sequence.name, ...attributes })],
    undo: [],
    automatic: false,
  }
}

export function dropSequence(world: World): Made | undefined {
  const free = world.sequences.filter((one) => !one.bound)
  if (free.length === 0) return undefined
  const sequence = world.dice.pick(free)
  world.sequences.splice(world.sequences.indexOf(sequence), 1)
  if (sequence.made.attributes['sequenceName'] !== sequence.name) return undefined
  return { changes: [change('dropSequence', { sequenceName: sequence.name })], undo: [sequence.made], automatic: false }
}

export function createProcedure(world: World): Made {
  const { dice, ground } = world
  const name = `proc_${(world.counter += 1)}`
  const text =
    ground.name === 'postgresql'
      ? `create ${dice.pick(['', 'or replace '])}procedure ${name}(a integer)\nlanguage plpgsql\nas $$\nbegin\n  -- a comment; with a semicolon\n  raise notice 'it''s %', a;\nend;\n$$`
      : `create procedure ${name}(in a int)\nbegin\n  declare b int;\n  set b = a + 1;\n  select b, 'it''s; %';\nend`
  const named: Attributes = dice.chance(0.5) ? { procedureName: name } : {}
  const fromFile = dice.chance(0.3)
  if (fromFile) world.files[`sql/${name}.sql`] = text
  const made = fromFile
    ? change('createProcedure', { ...named, path: `sql/${name}.sql` })
    : change('createProcedure', named, { body: { key: 'procedureText', text } })
  return { changes: [made], undo: [change('dropProcedure', { procedureName: name })], automatic: false }
}

/** A statement that can run any number of times. */
export const question = { key: 'sql', text: 'select 1' } as const

/** Changes that only say something. */
export function quiet(world: World): Made {
  const { dice } = world
  const kind = dice.from(0, 3)
  if (kind === 0) return { changes: [change('empty', {})], undo: [], automatic: true }
  if (kind === 1)
    return {
      changes: [change('output', { target: 'STDERR' }, { body: { key: 'message', text: 'said' } })],
      undo: [],
      automatic: true,
    }
  if (kind === 2) return { changes: [change('sql', {}, { body: question })], undo: [], automatic: false }
  return { changes: [change('empty', {}), change('empty', {})], undo: [], automatic: true }
}
