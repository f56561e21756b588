// Reads the `spec` of a step by its type: what is offered, what other runners need, and what is refused with what to do instead.
import type { Node } from 'yaml'
import { variableNamePattern } from '#contract/delegate/program-work'
import { imageReferenceSchema } from '#contract/image'
import type { DatabaseWork, StageType, Work } from '../document.ts'
import {
  type FieldRules,
  entryAt,
  type Fields,
  missing,
  readBoolean,
  readChoice,
  readCount,
  readDuration,
  readFields,
  readText,
  readTextMap,
  readTexts,
  words,
} from './field.ts'
import { readApproval } from './approval.ts'
import { readCommand } from './command.ts'
import { readClone } from './clone.ts'
import { readEmail } from './email.ts'
import { type Container, containerFields, readContainer, unusedContainerFields } from './container.ts'
import { readHttp, readRun, readShellScript } from './program.ts'
import type { Report } from './report.ts'

/** Without effect, wherever the step runs. */
export const unusedFields = [...unusedContainerFields, 'reuse']
/** Options of the engine that a step may set for itself; those of logging have no effect here. */
export const contextNames = words('contexts context-filter contextFilter')
export const labelNames = words('label-filter labelFilter labels')
export const loggingNames = words(
  'log-level log-file log-format sql-log-level logLevel logFile sqlLogLevel LOG_LEVEL LOG_FILE show-banner',
)
export const commonFields = words('dbSchema dbInstance envVariables delegateSelectors description image')
/** Characters of base64. */
const LONGEST_CHANGE_SET = 262_144
const databaseIdentifier = /^[a-zA-Z_][0-9a-zA-Z_$]{0,127}$/

type DatabaseType = Exclude<DatabaseWork['type'], 'LiquibaseCommand'>
const extraFields: Readonly<Record<DatabaseType, Pick<FieldRules, 'known' | 'refused'>>> = {
  DBSchemaApply: {
    known: words('tag migrationType markNextChangeSetRun changeSetFailureStrategy tagDatabaseChangeSet globalSettings'),
    refused: { settings: 'Put them under globalSettings.' },
  },
  DBSchemaRollback: { known: words('tag changeSetCount migrationType settings globalSettings') },
  DBSchemaUpdateSQL: { known: ['settings', 'globalSettings'] },
  DBSchemaRollbackSQL: { known: words('tag changeSetCount settings globalSettings') },
  DBTestAndPreview: { known: words('changeset settings globalSettings') },
}
/** Known types of the compatible product that are not offered yet: a clear refusal instead of "unknown". */
const otherTypes = new Set([
  ...words('FlywayCommand Policy Plugin Background Container'),
  ...words('JiraCreate JiraUpdate JiraApproval ServiceNowCreate ServiceNowApproval'),
  ...words('CustomApproval Agent'),
])
export const workTypes = [
  ...(Object.keys(extraFields) as DatabaseType[]),
  'LiquibaseCommand' as const,
  'HarnessApproval' as const,
  'Wait' as const,
  'Barrier' as const,
  'Queue' as const,
  'Email' as const,
  'ShellScript' as const,
  'Run' as const,
  'Http' as const,
  'GitClone' as const,
] as const
export const isKnownType = (type: string): boolean => otherTypes.has(type)

/** The published schema admits only these database steps in a stage of type Approval. */
export function isAllowedIn(type: Work['type'], stage: StageType): boolean {
  return stage !== 'Approval' || !['DBSchemaUpdateSQL', 'DBSchemaRollbackSQL', 'DBTestAndPreview'].includes(type)
}

export interface WorkSpec {
  readonly work: Work
  readonly delegateSelectors: readonly string[]
  readonly container?: Container
}

export function readWork(report: Report, step: Fields, type: Work['type'], owner: string): WorkSpec | undefined {
  const node = step.values.get('spec')
  if (!node) {
    missing(report, step, 'spec')
    return undefined
  }
  const what = `the spec of ${step.what}`
  if (type === 'LiquibaseCommand') return readCommand(report, node, what, owner)
  if (type === 'HarnessApproval') return readApproval(report, node, what, owner)
  if (type === 'Wait') {
    const fields = readFields(report, node, { what, known: ['duration'] })
    if (!fields) return undefined
    if (!fields.values.has('duration')) missing(report, fields, 'duration')
    const durationSeconds = readDuration(report, fields, 'duration', 32_054_400) ?? 60
    return { work: { type, durationSeconds }, delegateSelectors: [] }
  }
  if (type === 'ShellScript') return readShellScript(report, node, what, owner)
  if (type === 'Run') return readRun(report, node, what, owner)
  if (type === 'Http') return readHttp(report, node, what, owner)
  if (type === 'GitClone') return readClone(report, node, what, owner)
  if (type === 'Email') return readEmail(report, node, what, owner)
  if (type === 'Barrier') return readBarrier(report, node, what)
  if (type === 'Queue') return readQueue(report, node, what, owner)
  return readDatabaseWork(report, node, what, type, owner)
}

function readBarrier(report: Report, node: Node, what: string): WorkSpec | undefined {
  const fields = readFields(report, node, { what, known: ['barrierRef'] })
  if (!fields) return undefined
  const barrierRef = readText(report, fields, 'barrierRef', { required: true, most: 128 }) ?? ''
  const at = fields.values.get('barrierRef')
  if (at && barrierRef !== '' && !report.barriers.has(barrierRef))
    report.error(
      at,
      'wrong-value',
      `No barrier is called \`${barrierRef.slice(0, 128)}\`.`,
      'Declare it in `flowControl.barriers` of the pipeline.',
    )
  return { work: { type: 'Barrier', barrierRef }, delegateSelectors: [] }
}

function readQueue(report: Report, node: Node, what: string, owner: string): WorkSpec | undefined {
  const fields = readFields(report, node, { what, known: ['key', 'scope'] })
  if (!fields) return undefined
  const key = readExpressionText(report, fields, 'key', owner, { required: true, most: 512 }) ?? ''
  if (!fields.values.has('scope')) missing(report, fields, 'scope')
  const scope = readChoice(report, fields, 'scope', ['Pipeline', 'Stage']) ?? 'Pipeline'
  return { work: { type: 'Queue', key, scope }, delegateSelectors: [] }
}

/** Of the container that does the step, where it is a pod. */
export function readImage(report: Report, fields: Fields, owner: string): { image?: string } {
  const image = readExpressionText(report, fields, 'image', owner)
  const at = fields.values.get('image')
  if (!image || !at) return {}
  const checked = imageReferenceSchema.safeParse(image)
  // What an expression gives is checked when it runs.
  if (!image.includes('<+') && !checked.success)
    report.error(at, 'wrong-value', `\`${image.slice(0, 128)}\` is no image.`, checked.error?.issues[0]?.message)
  return { image }
}

function readDatabaseWork(
  report: Report,
  node: Node,
  what: string,
  type: DatabaseType,
  owner: string,
): WorkSpec | undefined {
  const extra = extraFields[type]
  const fields = readFields(report, node, {
    what,
    known: [...commonFields, ...containerFields, ...extra.known],
    unused: unusedFields,
    ...(extra.refused ? { refused: extra.refused } : {}),
  })
  if (!fields) return undefined
  const target = {
    dbSchema: readReference(report, fields, 'dbSchema', owner),
    dbInstance: isOptional(fields, type) ? '' : readReference(report, fields, 'dbInstance', owner),
    ...readSettings(report, fields, owner),
    ...readEnvironment(report, fields, owner),
    ...readImage(report, fields, owner),
  }
  const marks = { ...readMarks(report, fields), ...readTagging(report, fields) }
  const migrationType = readChoice(report, fields, 'migrationType', ['Liquibase', 'Flyway'])
  if (migrationType === 'Flyway')
    report.error(fields.values.get('migrationType') ?? node, 'not-offered', 'Flyway migrations are not offered yet.')
  const tag = readExpressionText(report, fields, 'tag', owner)
  const changeSetCount = extra.known.includes('changeSetCount')
    ? readCount(report, fields, 'changeSetCount', 1_000_000)
    : undefined
  const place = { delegateSelectors: readTexts(report, fields, 'delegateSelectors'), ...readContainer(report, fields) }
  if (type === 'DBTestAndPreview') {
    const changeset = readExpressionText(report, fields, 'changeset', owner, {
      required: true,
      most: LONGEST_CHANGE_SET,
    })
    return { work: { type, ...target, changeset: changeset ?? '' }, ...place }
  }
  if (type === 'DBSchemaUpdateSQL') return { work: { type, ...target }, ...place }
  if (type === 'DBSchemaApply')
    return {
      work: { type, ...target, ...(tag ? { tag } : {}), ...marks },
      ...place,
    }
  if (fields.values.has('tag') === fields.values.has('changeSetCount'))
    report.error(
      fields.node,
      'missing-field',
      `${fields.what} needs exactly one of \`tag\` and \`changeSetCount\`.`,
      'Roll back to `tag: <+execution.steps.….output.preStartTag>`, or a number of change sets.',
    )
  // An expression that gives nothing is found when the step begins.
  if (tag === '')
    report.error(fields.values.get('tag') ?? node, 'wrong-value', `\`tag\` of ${fields.what} is empty.`, 'Name a tag.')
  const goal = tag ? { tag } : { changeSetCount: changeSetCount ?? 1 }
  return { work: { type, ...target, ...goal }, ...place }
}

/** The published schema has no instance for it. */
const isOptional = (fields: Fields, type: DatabaseType): boolean =>
  type === 'DBTestAndPreview' && !fields.values.has('dbInstance')

/** What the step says about contexts and labels, over what the DB instance says. */
function readSettings(report: Report, fields: Fields, owner: string) {
  const found: { contexts?: string; labelFilter?: string } = {}
  for (const name of ['settings', 'globalSettings']) {
    const holder = fields.values.get(name)
    const map = readTextMap(report, fields, name)
    for (const [setting, value] of Object.entries(map)) {
      if (!holder) continue
      const at = entryAt(holder, setting)
      if (loggingNames.includes(setting)) {
        report.info(
          at,
          'not-used',
          `\`${setting}\` in \`${name}\` of ${fields.what} has no effect: the log of a step is whole.`,
        )
        continue
      }
      report.texts.push({ text: value, at, owner, kind: 'text' })
      if (contextNames.includes(setting)) found.contexts = value
      else if (labelNames.includes(setting)) found.labelFilter = value
      else
        report.error(
          at,
          'not-offered',
          `\`${setting.slice(0, 128)}\` in \`${name}\` of ${fields.what} is not offered.`,
          `Offered are ${[...contextNames, ...labelNames].join(', ')}; other options stand on the DB instance.`,
        )
    }
  }
  return found
}

/** Is a change set that fails recorded as run? It was written as `changeSetFailureStrategy` before. */
function readMarks(report: Report, fields: Fields): { recordFailed?: true } {
  const marks = readBoolean(report, fields, 'markNextChangeSetRun') === true
  const older = readChoice(report, fields, 'changeSetFailureStrategy', ['MARK_NEXT_RUN']) !== undefined
  return marks || older ? { recordFailed: true } : {}
}

/** Variables that the changelog may refer to. They are shown with the SQL. */
export function readEnvironment(
  report: Report,
  fields: Fields,
  owner: string,
): { environment?: Record<string, string> } {
  const environment = readTextMap(report, fields, 'envVariables')
  const holder = fields.values.get('envVariables')
  for (const [name, text] of Object.entries(environment)) {
    const at = holder ? entryAt(holder, name) : fields.node
    if (!variableNamePattern.test(name))
      report.error(at, 'bad-identifier', `\`${name.slice(0, 128)}\` is not the name of an environment variable.`)
    report.texts.push({ text, at, owner, kind: 'text' })
  }
  return Object.keys(environment).length === 0 ? {} : { environment }
}

/** Is the tag set also when no change set ran? */
function readTagging(report: Report, fields: Fields): { tagAlways?: true } {
  if (readBoolean(report, fields, 'tagDatabaseChangeSet') !== true) return {}
  if (!fields.values.has('tag'))
    report.info(
      fields.values.get('tagDatabaseChangeSet') ?? fields.node,
      'not-used',
      'tagDatabaseChangeSet has no effect without a `tag`; with one the tag is set also when no change set ran.',
    )
  return { tagAlways: true }
}

export function readReference(report: Report, fields: Fields, name: string, owner: string): string {
  const text = readExpressionText(report, fields, name, owner, { required: true }) ?? ''
  const node = fields.values.get(name)
  if (node && text !== '' && !text.includes('<+') && !databaseIdentifier.test(text))
    report.error(
      node,
      'bad-identifier',
      `\`${text.slice(0, 128)}\` is not an identifier of a DB schema or DB instance.`,
    )
  return text
}

export function readExpressionText(
  report: Report,
  fields: Fields,
  name: string,
  owner: string,
  rule: { readonly required?: true; readonly most?: number } = { most: 255 },
): string | undefined {
  const text = readText(report, fields, name, rule)
  const at = fields.values.get(name)
  if (text !== undefined && at) report.texts.push({ text, at, owner, kind: 'text' })
  return text
}
