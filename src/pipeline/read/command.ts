// Reads the `spec` of a LiquibaseCommand. Commands for which there is a step are that step, so that they are locked, approved and
// looked into after a loss as it is.
import { isMap, type Node } from 'yaml'
import { type CommandName, commandNames, commandRules, snapshotFormats } from '#contract/delegate/command'
import { historyDateExample, readHistoryDate } from '#contract/history-date'
import type { DatabaseWork } from '../document.ts'
import { nearest } from '#contract/spelling'
import { containerFields, readContainer } from './container.ts'
import { entryAt, type Fields, readBoolean, readFields, readText, readTextMap, readTexts, words } from './field.ts'
import type { Report } from './report.ts'
import {
  commonFields,
  contextNames,
  labelNames,
  loggingNames,
  readEnvironment,
  readImage,
  readReference,
  unusedFields,
  type WorkSpec,
} from './work.ts'

/** Commands that are steps, and the setting that each needs or may have. */
const steps = {
  update: { type: 'DBSchemaApply' },
  'update-count': { type: 'DBSchemaApply', needs: 'count' },
  'update-to-tag': { type: 'DBSchemaApply', needs: 'tag' },
  'update-testing-rollback': { type: 'DBSchemaApply', takes: 'tag' },
  'update-sql': { type: 'DBSchemaUpdateSQL' },
  rollback: { type: 'DBSchemaRollback', needs: 'tag' },
  'rollback-count': { type: 'DBSchemaRollback', needs: 'count' },
  'rollback-to-date': { type: 'DBSchemaRollback', needs: 'date' },
  'rollback-sql': { type: 'DBSchemaRollbackSQL', needs: 'tag' },
  'rollback-count-sql': { type: 'DBSchemaRollbackSQL', needs: 'count' },
} as const
type StepName = keyof typeof steps
const isStep = (name: string): name is StepName => Object.hasOwn(steps, name)
const isCommand = (name: string): name is CommandName => commandNames.some((known) => known === name)
const offered = [...Object.keys(steps), ...commandNames]
/** Known to the engine and not offered as a step. */
const elsewhere = new Set(words('db-doc snapshot-reference'))

const hyphened = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

export function readCommand(report: Report, node: Node, what: string, owner: string): WorkSpec | undefined {
  const written = readFields(report, node, {
    what,
    known: [...commonFields, ...words('command settings excludeChangeLogFile'), ...containerFields],
    unused: unusedFields,
  })
  if (!written) return undefined
  const fields = withSettings(written)
  const target = {
    dbSchema: readReference(report, fields, 'dbSchema', owner),
    dbInstance: readReference(report, fields, 'dbInstance', owner),
    ...readEnvironment(report, fields, owner),
  }
  const name = readCommandName(report, fields)
  if (name === undefined) return undefined
  const { given, ...filters } = readArguments(report, fields, name, owner)
  const withoutChangelog = readBoolean(report, fields, 'excludeChangeLogFile') === true
  if (withoutChangelog && (isStep(name) || commandRules[name].changelog))
    report.error(
      fields.values.get('excludeChangeLogFile') ?? node,
      'wrong-value',
      `${name} cannot do without the changelog.`,
      'Leave excludeChangeLogFile out.',
    )
  const image = readImage(report, fields, owner)
  if (image.image !== undefined && !isStep(name))
    report.info(fields.values.get('image') ?? node, 'not-used', `\`image\` has no effect: ${name} is done by our own.`)
  const work: DatabaseWork = isStep(name)
    ? stepOf(report, fields, name, given, { ...target, ...filters, ...image })
    : {
        type: 'LiquibaseCommand',
        command: name,
        arguments: given,
        ...(withoutChangelog ? { withoutChangelog } : {}),
        ...target,
        ...filters,
      }
  const delegateSelectors = readTexts(report, fields, 'delegateSelectors')
  return { work, delegateSelectors, ...readContainer(report, fields) }
}

/** Some published documents have these under `settings`. */
const misplaced: ReadonlySet<string> = new Set(['dbSchema', 'dbInstance', 'excludeChangeLogFile'])

function withSettings(fields: Fields): Fields {
  const settings = fields.values.get('settings')
  if (!isMap(settings)) return fields
  const values = new Map(fields.values)
  for (const name of misplaced) {
    const node = settings.get(name, true)
    if (node && !values.has(name)) values.set(name, node as Node)
  }
  return { ...fields, values }
}

function readCommandName(report: Report, fields: Fields): StepName | CommandName | undefined {
  const written = readText(report, fields, 'command', { required: true, most: 128 })
  if (written === undefined) return undefined
  const name = hyphened(written.trim())
  if (isStep(name) || isCommand(name)) return name
  const near = elsewhere.has(name) ? undefined : nearest(name, offered)
  report.error(
    fields.values.get('command') ?? fields.node,
    elsewhere.has(name) ? 'not-offered' : 'wrong-value',
    elsewhere.has(name)
      ? `The command ${name} is not offered as a step.`
      : `\`${written.slice(0, 128)}\` is not a command of the engine.`,
    near ? `Did you mean \`${near}\`?` : `Offered are ${offered.join(', ')}.`,
  )
  return undefined
}

interface Given {
  readonly given: Readonly<Record<string, string>>
  readonly contexts?: string
  readonly labelFilter?: string
}

function readArguments(report: Report, fields: Fields, name: StepName | CommandName, owner: string): Given {
  const { required, optional } = argumentsOf(name)
  const given: Record<string, string> = {}
  const filters: { contexts?: string; labelFilter?: string } = {}
  const holder = fields.values.get('settings') ?? fields.node
  const filtered = isStep(name) || commandRules[name].changelog
  for (const [setting, value] of Object.entries(readTextMap(report, fields, 'settings'))) {
    if (misplaced.has(setting)) continue
    const at = entryAt(holder, setting)
    const argument = hyphened(setting)
    if (loggingNames.includes(setting)) {
      report.info(at, 'not-used', `\`${setting}\` of ${fields.what} has no effect: the log of a step is whole.`)
      continue
    }
    report.texts.push({ text: value, at, owner, kind: 'text' })
    if ([...required, ...optional].includes(argument)) given[argument] = value
    else if (filtered && contextNames.includes(setting)) filters.contexts = value
    else if (filtered && labelNames.includes(setting)) filters.labelFilter = value
    else
      report.error(
        at,
        'not-offered',
        `\`${setting.slice(0, 128)}\` is not an argument of ${name} that is offered.`,
        `It takes ${[...required, ...optional, ...(filtered ? ['contexts', 'label-filter'] : [])].join(', ') || 'none'}.`,
      )
  }
  for (const argument of required)
    if (!given[argument])
      report.error(
        holder,
        'missing-field',
        `${name} needs the setting \`${argument}\`.`,
        `Add \`${argument}\` to settings.`,
      )
  checkValues(report, holder, given)
  return { given, ...filters }
}

/** What an expression gives is checked when it runs. */
function checkValues(report: Report, at: Node, given: Given['given']): void {
  const written = (name: string): string | undefined => (given[name]?.includes('<+') ? undefined : given[name])
  const format = written('snapshot-format')
  if (format !== undefined && !snapshotFormats.some((known) => known === format))
    report.error(
      entryAt(at, 'snapshot-format'),
      'wrong-value',
      `\`snapshot-format\` is one of ${snapshotFormats.join(', ')}.`,
    )
  const date = written('date')
  if (date !== undefined && readHistoryDate(date) === undefined)
    report.error(
      entryAt(at, 'date'),
      'wrong-value',
      '`date` is no date.',
      `Write ${historyDateExample}; without a zone it is UTC.`,
    )
  const force = written('force')
  if (force !== undefined && force !== 'true')
    report.error(
      entryAt(at, 'force'),
      'wrong-value',
      '`force` can only be true.',
      'Take the step out where nothing shall be dropped.',
    )
}

function argumentsOf(name: StepName | CommandName) {
  if (!isStep(name)) return { required: commandRules[name].required ?? [], optional: commandRules[name].optional ?? [] }
  const rule = steps[name]
  const optional: readonly string[] = 'takes' in rule ? [rule.takes] : []
  return { required: 'needs' in rule ? [rule.needs as string] : [], optional }
}

function stepOf(
  report: Report,
  fields: Fields,
  name: StepName,
  given: Given['given'],
  target: {
    readonly dbSchema: string
    readonly dbInstance: string
    readonly contexts?: string
    readonly labelFilter?: string
    readonly image?: string
  },
): DatabaseWork {
  const { type } = steps[name]
  const { tag, date } = given
  if (type === 'DBSchemaUpdateSQL') return { type, ...target }
  if (type === 'DBSchemaApply') {
    const test = name === 'update-testing-rollback' ? { testRollback: true as const } : {}
    const count = name === 'update-count' ? { count: readCountOf(report, fields, given) } : {}
    return { type, ...target, ...test, ...count, ...(tag === undefined ? {} : { toTag: tag }) }
  }
  if (tag !== undefined) return { type, ...target, tag }
  if (type === 'DBSchemaRollback' && date !== undefined) return { type, ...target, date }
  return { type, ...target, changeSetCount: readCountOf(report, fields, given) }
}

function readCountOf(report: Report, fields: Fields, given: Given['given']): number {
  const count = Number(given['count'] ?? '1')
  if (!Number.isInteger(count) || count < 1 || count > 1_000_000)
    report.error(
      fields.values.get('settings') ?? fields.node,
      'wrong-type',
      '`count` must be a whole number from 1 to 1000000.',
    )
  return count
}
