// Preconditions whose outcome the generator knows.
import type { Attributes, Precondition, PreconditionContainer } from './model.ts'
import { pickTable, type World } from './world.ts'

/** One that holds when `truth` says so. */
function condition(world: World, truth: boolean, depth = 0): Precondition {
  const { dice } = world
  const kind = dice.from(0, depth > 1 ? 6 : 9)
  if (kind === 7) return { name: 'not', attributes: {}, children: [condition(world, !truth, depth + 1)] }
  if (kind === 8)
    return {
      name: 'and',
      attributes: {},
      children: [condition(world, truth, depth + 1), condition(world, true, depth + 1)],
    }
  if (kind === 9)
    return {
      name: 'or',
      attributes: {},
      children: [condition(world, false, depth + 1), condition(world, truth, depth + 1)],
    }
  return (truth ? holds : fails)(world, kind)
}

function holds(world: World, kind: number): Precondition {
  const { dice, ground } = world
  const table = pickTable(world)
  if (table === undefined || kind === 0)
    return { name: 'dbms', attributes: { type: dice.pick([ground.name, `${ground.name}, oracle`, '!oracle']) } }
  if (kind === 1) return { name: 'tableExists', attributes: { tableName: table.name } }
  if (kind === 2)
    return { name: 'columnExists', attributes: { tableName: table.name, columnName: table.columns[0]?.name ?? '' } }
  if (kind === 3) return sqlCheck(dice.pick(['select 1', 'select 1;', 'select 2 - 1']), '1')
  if (kind === 4 && table.rows === 0 && table.plain)
    return { name: 'rowCount', attributes: { tableName: table.name, expectedRows: 0 } }
  const part = table.parts.find((one) => one.kind === 'index')
  if (kind === 5 && part && part.made.attributes['tableName'] === table.name) {
    return { name: 'indexExists', attributes: { indexName: part.name, tableName: table.name } }
  }
  const view = world.views[0]
  if (kind === 6 && view) return { name: 'viewExists', attributes: { viewName: view.name } }
  if (table.primaryKey && kind === 6) return { name: 'primaryKeyExists', attributes: { tableName: table.name } }
  const sequence = world.sequences[0]
  if (sequence && kind === 5) return { name: 'sequenceExists', attributes: { sequenceName: sequence.name } }
  return { name: 'tableExists', attributes: { tableName: table.name } }
}

function fails(world: World, kind: number): Precondition {
  const { dice } = world
  const table = pickTable(world)
  if (table === undefined || kind === 0) return { name: 'dbms', attributes: { type: 'oracle,mssql' } }
  if (kind === 1) return { name: 'tableExists', attributes: { tableName: 'no_such_table' } }
  if (kind === 2) return { name: 'columnExists', attributes: { tableName: table.name, columnName: 'no_such_column' } }
  if (kind === 3) return sqlCheck('select 2', '1')
  if (kind === 4) return { name: 'viewExists', attributes: { viewName: 'no_such_view' } }
  if (kind === 5) return { name: 'indexExists', attributes: { indexName: 'no_such_index', tableName: table.name } }
  return {
    name: 'foreignKeyConstraintExists',
    attributes: { foreignKeyName: 'no_such_key', foreignKeyTableName: dice.pick([table.name]) },
  }
}

function sqlCheck(sql: string, expectedResult: string): Precondition {
  return { name: 'sqlCheck', attributes: { expectedResult }, body: { key: 'sql', text: sql } }
}

/** What happens to a change set that carries it. */
export interface Guard {
  readonly container: PreconditionContainer
  readonly runs: boolean
}

export function guard(world: World): Guard {
  const { dice } = world
  const truth = dice.chance(0.5)
  const onFail = dice.pick(['MARK_RAN', 'CONTINUE', 'WARN'])
  const attributes: Attributes = {
    onFail: truth && dice.chance(0.4) ? 'HALT' : onFail,
    ...(dice.chance(0.2) ? { onError: dice.pick(['HALT', 'MARK_RAN', 'CONTINUE', 'WARN']) } : {}),
    ...(dice.chance(0.1) ? { onSqlOutput: 'IGNORE' } : {}),
    ...(dice.chance(0.15) ? { onFailMessage: "it's not so" } : {}),
  }
  // Looked at before anything ran: what an object's state will be cannot be asked.
  if (dice.chance(0.1) && onFail !== 'CONTINUE') {
    const children = [sqlCheck(truth ? 'select 1' : 'select 2', '1')]
    return {
      container: { attributes: { ...attributes, onSqlOutput: 'TEST' }, children },
      runs: truth || onFail === 'WARN',
    }
  }
  return { container: { attributes, children: [condition(world, truth)] }, runs: truth || onFail === 'WARN' }
}

/** For a whole changelog: holds, so that something runs. */
export function guardOfChangelog(world: World): PreconditionContainer {
  const children = [{ name: 'dbms', attributes: { type: `${world.ground.name},oracle` } }, sqlCheck('select 1', '1')]
  return {
    attributes: world.dice.chance(0.3) ? { onFail: 'HALT' } : {},
    children: world.dice.some(children, world.dice.from(1, 2)),
  }
}

/** Formatted SQL knows only sql-check without extras. */
export function guardOfScript(world: World): Guard {
  const truth = world.dice.chance(0.5)
  return {
    container: {
      attributes: { onFail: world.dice.pick(['MARK_RAN', 'CONTINUE']) },
      children: [sqlCheck(truth ? 'select 1' : 'select 2', '1')],
    },
    runs: truth,
  }
}
