// Reads `strategy`: loops over a matrix, a list or a number.
import { isMap, isSeq, type Node } from 'yaml'
import type { ListText, Strategy } from '../document.ts'
import {
  type Fields,
  readChoice,
  readFields,
  readItems,
  readText,
  readTextMap,
  scalarText,
  wrongType,
} from './field.ts'
import type { Report } from './report.ts'

/** Limits of the compatible product. */
const MOST_AT_ONCE = 256
const axisPattern = /^[A-Za-z_][\w-]{0,127}$/
const strategyNames = ['iteration', 'iterations', 'identifierPostFix', 'matrix', 'repeat']
const repeatFields = ['times', 'items', 'partitionSize', 'start', 'end', 'unit', 'maxConcurrency', 'nodeName']

export function readStrategy(report: Report, fields: Fields, owner: string): Strategy | undefined {
  const node = fields.values.get('strategy')
  const strategy = readFields(report, node, {
    what: `\`strategy\` of ${fields.what}`,
    known: ['matrix', 'repeat', 'parallelism', 'onFailure', 'maxConcurrency'],
    refused: { when: 'Give the step, group or stage a `when`: it is asked for each iteration.' },
  })
  if (!strategy) return undefined
  const kinds = ['matrix', 'repeat', 'parallelism'].filter((name) => strategy.values.has(name))
  if (kinds.length !== 1) {
    report.error(
      strategy.node,
      'missing-field',
      `${strategy.what} needs exactly one of matrix, repeat and parallelism.`,
    )
    return undefined
  }
  const onFailure = readChoice(report, strategy, 'onFailure', ['RunAll', 'SkipQueued']) ?? 'SkipQueued'
  const outer = readNumber(report, strategy, 'maxConcurrency', owner)
  const common = { onFailure, ...(outer === undefined ? {} : { maxConcurrency: outer }) }
  if (kinds[0] === 'matrix') return readMatrix(report, strategy, owner, common)
  if (kinds[0] === 'repeat') return readRepeat(report, strategy, owner, common)
  const count = readNumber(report, strategy, 'parallelism', owner)
  const names = { matrix: [], repeat: [], strategy: strategyNames }
  return count === undefined ? undefined : { kind: 'parallelism', count, names, ...common }
}

type Common = Pick<Strategy, 'onFailure' | 'maxConcurrency'>

function readMatrix(report: Report, strategy: Fields, owner: string, common: Common): Strategy | undefined {
  const node = strategy.values.get('matrix')
  if (!isMap(node)) {
    if (node) wrongType(report, node, `\`matrix\` of ${strategy.what}`, 'a mapping of lists')
    return undefined
  }
  const known = node.items.flatMap((pair) => scalarText(pair.key as Node) ?? [])
  const matrix = readFields(report, node, { what: `the matrix of ${strategy.what}`, known })
  if (!matrix) return undefined
  const axes: Record<string, ListText> = {}
  for (const [name, value] of matrix.values) {
    if (name === 'exclude' || name === 'maxConcurrency' || name === 'nodeName') continue
    if (!axisPattern.test(name))
      report.error(value, 'bad-identifier', `\`${name.slice(0, 128)}\` is not a name of an axis.`)
    const list = readList(report, value, `the axis ${name.slice(0, 128)}`, owner)
    if (list !== undefined) axes[name] = list
  }
  if (Object.keys(axes).length === 0) report.error(node, 'missing-field', `The matrix of ${strategy.what} has no axis.`)
  const exclude = readItems(report, matrix, 'exclude').flatMap((item) => {
    const holder: Fields = { node: matrix.node, what: matrix.what, values: new Map([['exclude', item]]) }
    return isMap(item) ? [readTextMap(report, holder, 'exclude')] : []
  })
  const names = { matrix: Object.keys(axes), repeat: [], strategy: strategyNames }
  return { kind: 'matrix', axes, exclude, names, ...common, ...readShared(report, matrix, owner) }
}

function readShared(report: Report, fields: Fields, owner: string) {
  const maxConcurrency = readNumber(report, fields, 'maxConcurrency', owner)
  const nodeName = readText(report, fields, 'nodeName', { most: 128 })
  const at = fields.values.get('nodeName')
  // Its expressions are those of the iterations, one level further in.
  if (nodeName !== undefined && at) report.texts.push({ text: nodeName, at, owner, kind: 'loop' })
  return {
    ...(maxConcurrency === undefined ? {} : { maxConcurrency }),
    ...(nodeName === undefined ? {} : { nodeName }),
  }
}

function readRepeat(report: Report, strategy: Fields, owner: string, common: Common): Strategy | undefined {
  const repeat = readFields(report, strategy.values.get('repeat'), {
    what: `\`repeat\` of ${strategy.what}`,
    known: repeatFields,
  })
  if (!repeat) return undefined
  if (repeat.values.has('times') === repeat.values.has('items'))
    report.error(repeat.node, 'missing-field', `${repeat.what} needs exactly one of times and items.`)
  const at = repeat.values.get('items')
  const items = at && readList(report, at, `\`items\` of ${repeat.what}`, owner)
  const numbers = ['times', 'partitionSize', 'start', 'end'].flatMap((name) => {
    const number = readNumber(report, repeat, name, owner, name === 'start' ? 0 : 1)
    return number === undefined ? [] : [[name, number] as const]
  })
  const names = { matrix: [], repeat: ['item', 'index', 'partition'], strategy: strategyNames }
  return {
    kind: 'repeat',
    unit: readChoice(report, repeat, 'unit', ['Count', 'Percentage']) ?? 'Count',
    names,
    ...(items === undefined ? {} : { items }),
    ...Object.fromEntries(numbers),
    ...common,
    ...readShared(report, repeat, owner),
  }
}

/** A list of texts and mappings, or an expression that gives one. */
function readList(report: Report, node: Node, what: string, owner: string): ListText | undefined {
  const text = scalarText(node)
  if (text?.includes('<+')) {
    report.texts.push({ text, at: node, owner, kind: 'loop' })
    return text
  }
  if (!isSeq(node)) {
    wrongType(report, node, what, 'a list, or an expression')
    return undefined
  }
  for (const item of node.items as Node[]) {
    const inner = scalarText(item)
    if (inner?.includes('<+')) report.texts.push({ text: inner, at: item, owner, kind: 'loop' })
  }
  if (node.items.length === 0) report.error(node, 'missing-field', `There is nothing in ${what}.`)
  return node.toJSON()
}

/** A whole number, or an expression that gives one. */
function readNumber(
  report: Report,
  fields: Fields,
  name: string,
  owner: string,
  least = 1,
): number | string | undefined {
  const text = readText(report, fields, name)
  const at = fields.values.get(name)
  if (text === undefined || !at) return undefined
  if (text.includes('<+')) {
    report.texts.push({ text, at, owner, kind: 'loop' })
    return text
  }
  const number = Number(text)
  if (Number.isInteger(number) && number >= least && (name === 'start' || name === 'end' || number <= MOST_AT_ONCE))
    return number
  wrongType(
    report,
    at,
    `\`${name}\` of ${fields.what}`,
    `a whole number from ${least} to ${MOST_AT_ONCE}, or an expression`,
  )
  return undefined
}
