// Change sets: which operations, under which attributes, with which rollback.
import {
  addForeignKey,
  addLookupTable,
  addPrimaryKey,
  addUnique,
  createIndex,
  dropAllForeignKeys,
  dropPart,
  dropPrimaryKey,
} from './constraint.ts'
import { deleteRows, insert, loadData, updateRows } from './data.ts'
import type { Attributes, Change, ChangeSet, SqlModification } from './model.ts'
import {
  alterSequence,
  createProcedure,
  createSequence,
  createView,
  dropSequence,
  dropView,
  question,
  quiet,
  renameView,
} from './object.ts'
import { guard, guardOfScript } from './precondition.ts'
import { rawChange, script } from './raw.ts'
import {
  addColumn,
  autoIncrement,
  createTable,
  defaultValue,
  dropColumn,
  dropTable,
  mergeColumns,
  modifyDataType,
  notNull,
  remark,
  renameColumn,
  renameTable,
} from './table.ts'
import { change, copyOf, type Made, type Operation, type World } from './world.ts'

const always: readonly (readonly [weight: number, operation: Operation])[] = [
  [6, createTable],
  [3, renameColumn],
  [2, renameTable],
  [1, dropTable],
  [4, createIndex],
  [2, dropPart],
  [3, createView],
  [1, dropView],
  [8, insert],
  [4, updateRows],
  [2, deleteRows],
  [5, loadData],
  [5, rawChange],
  [2, quiet],
]
const withConstraints: typeof always = [
  [5, addColumn],
  [2, dropColumn],
  [1, mergeColumns],
  [3, addUnique],
  [4, addForeignKey],
  [2, addPrimaryKey],
  [2, dropPrimaryKey],
  [1, addLookupTable],
  [2, dropAllForeignKeys],
  [1, renameView],
  [2, modifyDataType],
  [3, defaultValue],
  [2, notNull],
  [2, remark],
  [1, autoIncrement],
  [3, createSequence],
  [1, alterSequence],
  [1, dropSequence],
  [2, createProcedure],
]
/** Make objects of their own only: nothing is missing when the change set does not run. */
const apart: typeof always = [
  [4, createTable],
  [2, rawChange],
  [1, quiet],
]

function operate(world: World, operations: typeof always): Made {
  const total = operations.reduce((sum, [weight]) => sum + weight, 0)
  for (let attempt = 0; attempt < 20; attempt += 1) {
    let left = world.dice.from(1, total)
    const chosen = operations.find(([weight]) => (left -= weight) <= 0)
    const made = chosen?.[1](world)
    if (made) return made
  }
  return createTable(world)
}

const comments = ['a comment', "it's a comment", 'größe; and -- dashes', 'two\nlines', 'long '.repeat(80).trim()]

/** In XML, YAML and JSON. */
export function structuredChangeSet(world: World, author: string): ChangeSet {
  const { dice, ground } = world
  const id = dice.chance(0.1) ? `id ${(world.counter += 1)} "odd" & 'ünï'` : String((world.counter += 1))
  if (dice.chance(0.07)) {
    return {
      id,
      author,
      attributes: {},
      changes: [change('tagDatabase', { tag: `v${world.counter}` })],
    }
  }
  const checked = dice.chance(0.15) ? guard(world) : undefined
  const filter = dice.chance(0.15) ? filterOf(world) : undefined
  // Whether it runs is known for preconditions only; what is filtered stays apart.
  const isApart = filter !== undefined || checked?.runs === false
  const room = isApart ? copyOf(world) : world
  const operations = isApart ? apart : ground.constraints ? [...always, ...withConstraints] : always
  const made: Made[] = []
  for (let count = dice.pick([1, 1, 1, 2, 3]); count > 0; count -= 1) made.push(operate(room, operations))
  world.counter = room.counter
  const changes = made.flatMap((one) => one.changes)
  const attributes: Attributes = { ...filter, ...flags(world), ...(checked ? {} : again(world, changes)) }
  return {
    id,
    author,
    attributes,
    changes,
    ...rollbackOf(world, made),
    ...(dice.chance(0.15) ? { comment: dice.pick(comments) } : {}),
    ...(checked ? { preconditions: checked.container } : {}),
    ...(dice.chance(0.08) && !changes.some((one) => one.type === 'loadUpdateData')
      ? { modifications: [modification(world)] }
      : {}),
    ...(dice.chance(0.04)
      ? {
          validCheckSums: [
            dice.pick(['1:any', 'ANY', '9:00000000000000000000000000000000', '8:d41d8cd98f00b204e9800998ecf8427e']),
          ],
        }
      : {}),
  }
}

function rollbackOf(world: World, made: readonly Made[]): Pick<ChangeSet, 'rollback'> {
  if (made.every((one) => one.automatic) && world.dice.chance(0.8)) return {}
  return { rollback: made.toReversed().flatMap((one) => one.undo) }
}

function flags({ dice }: World): Attributes {
  return {
    ...(dice.chance(0.06) ? { runInTransaction: false } : {}),
    ...(dice.chance(0.06) ? { runOnChange: true } : {}),
    ...(dice.chance(0.06) ? { failOnError: dice.chance(0.5) } : {}),
    ...(dice.chance(0.04) ? { created: 'yesterday' } : {}),
    ...(dice.chance(0.04) ? { logicalFilePath: dice.pick(['other/place.xml', '/abs/path.sql', 'x\\y.xml']) } : {}),
    ...(dice.chance(0.03) ? { ignore: false } : {}),
    ...(dice.chance(0.03) ? { onValidationFail: 'MARK_RAN' } : {}),
  }
}

const repeatable: ReadonlySet<string> = new Set(['empty', 'output'])

/**
 * Every time, where a second time does no harm: a table may have another name by then. Not with a precondition that may fail: the
 * original's history gets a second row for the same change set.
 */
function again({ dice }: World, changes: readonly Change[]): Attributes {
  const isRepeatable = changes.every((one) => repeatable.has(one.type) || one.body === question)
  return isRepeatable && dice.chance(0.4) ? { runAlways: true } : {}
}

function filterOf({ dice, ground }: World): Attributes {
  const kind = dice.from(0, 3)
  if (kind === 0)
    return {
      [dice.pick(['context', 'contextFilter'])]: dice.pick([
        'one',
        '!one',
        'one or two',
        'one and two',
        'two',
        '(one and !two) or three',
        'one, three',
        'ONE',
      ]),
    }
  if (kind === 1) return { labels: dice.pick(['alpha', 'beta', 'alpha,beta', 'Gamma, alpha', 'v1.0']) }
  if (kind === 2)
    return {
      dbms: dice.pick([ground.name, `!${ground.name}`, 'oracle', `${ground.name},oracle`, 'all', 'none', '!oracle']),
    }
  return { context: 'one', labels: 'alpha' }
}

function modification({ dice, ground }: World): SqlModification {
  const comment = { name: 'append', attributes: { value: ' /* appended */' } }
  const visitors = [
    dice.pick([
      comment,
      { name: 'prepend', attributes: { value: '/* before */ ' } },
      { name: 'replace', attributes: { replace: 'zzz', with: 'yyy' } },
      { name: 'regExpReplace', attributes: { replace: 'zz+(y)', with: '$1' } },
    ]),
  ]
  const attributes: Attributes = {
    ...(dice.chance(0.5) ? { dbms: dice.pick([ground.name, 'oracle', `${ground.name},oracle`]) } : {}),
    ...(dice.chance(0.2) ? { applyToRollback: true } : {}),
  }
  return { attributes, visitors }
}

/** A change set that is there twice, which both engines refuse. */
export function twice({ dice }: World, list: readonly ChangeSet[]): readonly ChangeSet[] {
  const last = list.at(-1)
  return last !== undefined && dice.chance(0.01) ? [...list, last] : list
}

/** In formatted SQL. */
export function scriptChangeSet(world: World, author: string): ChangeSet {
  const { dice } = world
  const id = dice.chance(0.1) ? `id ${(world.counter += 1)}` : String((world.counter += 1))
  const checked = dice.chance(0.15) ? guardOfScript(world) : undefined
  const filter = dice.chance(0.15) ? filterOf(world) : {}
  const room = checked?.runs === false || Object.keys(filter).length > 0 ? copyOf(world) : world
  const { sql, undo, attributes } = script(room)
  world.counter = room.counter
  return {
    id,
    author,
    attributes: { ...withoutBlanks(filter), ...attributes, ...(dice.chance(0.1) ? { runOnChange: true } : {}) },
    changes: [],
    script: { sql, rollback: dice.chance(0.9) ? undo : ['not required'] },
    ...(dice.chance(0.2) ? { comment: 'said in one line' } : {}),
    ...(checked ? { preconditions: checked.container } : {}),
  }
}

/** `dbms:` and the like end at a blank. */
function withoutBlanks(attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes)
      .filter(([name, value]) => name !== 'contextFilter' || !String(value).includes(' '))
      .map(([name, value]) => [name, name === 'dbms' ? String(value).replaceAll(' ', '') : value]),
  )
}

/** Another text for the second round: of those that may change, and of some that may not. */
export function editOf(changeSet: ChangeSet): ChangeSet | undefined {
  // A failing precondition gives the original's history a second row for the same change set.
  if (changeSet.attributes['runOnChange'] !== true || changeSet.script || changeSet.preconditions) return undefined
  const changes: Change[] = [{ type: 'empty', attributes: {} }]
  return { ...changeSet, changes }
}
