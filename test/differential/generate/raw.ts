// Raw SQL: in `sql` and `sqlFile` changes and as bodies of formatted SQL, with everything that splitting must understand.
import type { Attributes } from './model.ts'
import { plainName } from './name.ts'
import { change, type Made, pickTable, type Table, type World } from './world.ts'

export interface Script {
  readonly sql: string
  readonly undo: readonly string[]
  /** Attributes of the change or the change set that the text needs. */
  readonly attributes: Attributes
}

/** A script for a table of its own, or rows for a plain one that is there. */
export function script(world: World): Script {
  const { dice, ground } = world
  const table = dice.chance(0.35) ? pickTable(world, (one) => isSimple(one)) : undefined
  if (table) {
    const key = table.columns[0]?.name ?? 'id'
    const number = 5000 + (world.counter += 1)
    return {
      sql: `insert into ${table.name} (${key}) values (${number})${dice.pick(['', ';', ';\n'])}`,
      undo: [`delete from ${table.name} where ${key} = ${number};`],
      attributes: {},
    }
  }
  if (ground.routines && dice.chance(0.3)) return routine(world)
  const name = plainName(dice, world.taken)
  const comment = dice.pick(['', '-- a comment; with a semicolon\n', '/* a block; of\n two lines */\n', "-- it's\n"])
  const statements = [
    `${comment}create table ${name} (id int not null${dice.pick([' primary key', ''])}, note varchar(40)${dice.pick([" default 'a;b'", ''])})`,
    `insert into ${name} (id, note) values (1, 'x;y')${dice.pick(['', ' -- trailing'])}`,
    `insert into ${name} (id, note) values (2, 'it''s')`,
    `update ${name} set note = '/* not a comment */' where id = 1`,
  ].slice(0, dice.from(1, 4))
  const slash = dice.chance(0.1)
  const attributes: Attributes = {
    ...(dice.chance(0.2) ? { stripComments: dice.chance(0.6) } : {}),
    ...(slash ? { endDelimiter: dice.pick(['//', '@@', '/']) } : dice.chance(0.1) ? { splitStatements: true } : {}),
  }
  const delimiter = slash ? `\n${attributes['endDelimiter']}\n` : `;${dice.pick(['\n', '\n\n', ' \n'])}`
  // A comment after a statement would swallow the delimiter.
  const safe = statements.map((text) => (slash ? text : text.replace(/ -- trailing$/, '')))
  return {
    sql: `${safe.join(delimiter)}${dice.pick(['', delimiter.trimEnd()])}`,
    undo: [`drop table ${name};`],
    attributes,
  }
}

function isSimple(table: Table): boolean {
  return (
    table.plain &&
    table.columns.slice(1).every((column) => !column.required || column.preset) &&
    table.columns[0]?.generated === false
  )
}

function routine(world: World): Script {
  const { dice, ground } = world
  const name = `fn_${(world.counter += 1)}`
  if (ground.name === 'mariadb') {
    const body = `create function ${name}(a int) returns int deterministic\nbegin\n  if a > 1 then\n    return 2;\n  end if;\n  return a;\nend`
    return { sql: body, undo: [`drop function ${name};`], attributes: { splitStatements: false } }
  }
  const quote = dice.pick(['$$', '$body$'])
  const text = (language: string, inner: string): string =>
    `create or replace function ${name}(a integer) returns integer language ${language} as ${quote}\n${inner}\n${quote}`
  const body = dice.chance(0.5)
    ? text('sql', "select a + length(';')")
    : text('plpgsql', 'begin\n  if a > 1 then return 2; end if;\n  return a;\nend;')
  const undo = [`drop function ${name};`]
  if (dice.chance(0.5)) return { sql: body, undo, attributes: { splitStatements: false } }
  return {
    sql: `${body}\n//\ncomment on function ${name} is 'it''s; fine'\n//`,
    undo,
    attributes: { endDelimiter: '//' },
  }
}

/** In a `sql` or `sqlFile` change. */
export function rawChange(world: World): Made {
  const { dice } = world
  const { sql, undo, attributes } = script(world)
  const undone = undo.map((text) => change('sql', {}, { body: { key: 'sql', text } }))
  if (dice.chance(0.3)) {
    const path = `sql/${(world.counter += 1)}.sql`
    world.files[path] = dice.chance(0.2) ? sql.replaceAll('\n', '\r\n') : sql
    return {
      changes: [change('sqlFile', { path, ...attributes, ...(dice.chance(0.2) ? { encoding: 'UTF-8' } : {}) })],
      undo: undone,
      automatic: false,
    }
  }
  return { changes: [change('sql', attributes, { body: { key: 'sql', text: sql } })], undo: undone, automatic: false }
}
