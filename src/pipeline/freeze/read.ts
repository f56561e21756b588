// From the YAML text of a freeze to its document, with every finding at its line and column.
import { type Diagnostic, hasErrors } from '#contract/diagnostic'
import type { Node } from 'yaml'
import { stageTypes } from '../document.ts'
import {
  type Fields,
  missing,
  readChoice,
  readCount,
  readDuration,
  readFields,
  readItems,
  readText,
  readTextMap,
  readTexts,
  words,
} from '../read/field.ts'
import { readIdentifier, readName } from '../read/identity.ts'
import { Report } from '../read/report.ts'
import { openSource } from '../read/source.ts'
import {
  type EntityFilter,
  entityTypes,
  filterTypes,
  type FreezeDocument,
  type FreezeRule,
  type FreezeWindow,
  type Recurrence,
  recurrenceTypes,
} from './document.ts'
import { shortestInterval } from './window.ts'
import { isTimeZone, type LocalTime, wallOf } from './zone.ts'

export interface FreezeReading {
  /** Present when there is no finding of severity error. */
  readonly freeze: FreezeDocument | undefined
  readonly diagnostics: readonly Diagnostic[]
}

const MOST_RULES = 50
const MOST_WINDOWS = 20
const MOST_REFS = 500
const LONGEST_SECONDS = 366 * 86_400
const timeForm = 'Write it as `2030-12-24 06:00 PM` or `2030-12-24 18:00`.'

/** Never throws on any text. */
export function readFreeze(source: string, file: string): FreezeReading {
  const report = new Report(file, source)
  const freeze = readTop(report, openSource(report, source, 'freeze'))
  const { diagnostics } = report
  return { freeze: hasErrors(diagnostics) ? undefined : freeze, diagnostics }
}

function readTop(report: Report, node: Node | undefined): FreezeDocument | undefined {
  const fields = readFields(report, node, {
    what: 'the freeze',
    known: words(
      'identifier name description tags orgIdentifier projectIdentifier accountId status entityConfigs windows',
    ),
    refused: {
      notificationRules: 'Leave it out: who starts a held pipeline is told, and triggers say it in their history.',
    },
  })
  if (!fields) return undefined
  for (const name of ['status', 'entityConfigs', 'windows']) if (!fields.values.has(name)) missing(report, fields, name)
  const org = readIdentifier(report, fields, 'orgIdentifier', true)
  const project = readIdentifier(report, fields, 'projectIdentifier', true)
  return {
    identifier: readIdentifier(report, fields),
    name: readName(report, fields),
    description: readText(report, fields, 'description', { most: 1024 }) ?? '',
    tags: readTextMap(report, fields, 'tags'),
    ...(org ? { orgIdentifier: org } : {}),
    ...(project ? { projectIdentifier: project } : {}),
    enabled: readChoice(report, fields, 'status', ['Enabled', 'Disabled']) === 'Enabled',
    rules: limited(report, fields, 'entityConfigs', MOST_RULES).flatMap((item) => readRule(report, item) ?? []),
    windows: limited(report, fields, 'windows', MOST_WINDOWS).flatMap((item) => readWindow(report, item) ?? []),
  }
}

function limited(report: Report, fields: Fields, name: string, most: number): readonly Node[] {
  const items = readItems(report, fields, name)
  const at = fields.values.get(name)
  if (at && items.length === 0) report.error(at, 'missing-field', `\`${name}\` of ${fields.what} is empty.`)
  if (at && items.length > most) report.error(at, 'too-long', `\`${name}\` has more than ${most} entries.`)
  return items.slice(0, most)
}

function readRule(report: Report, node: Node): FreezeRule | undefined {
  const fields = readFields(report, node, { what: 'a rule', known: ['name', 'entities'] })
  if (!fields) return undefined
  if (!fields.values.has('entities')) missing(report, fields, 'entities')
  const entities = limited(report, fields, 'entities', MOST_RULES).flatMap((item) => readFilter(report, item) ?? [])
  return { name: readText(report, fields, 'name', { most: 128 }) ?? '', entities }
}

function readFilter(report: Report, node: Node): EntityFilter | undefined {
  const fields = readFields(report, node, {
    what: 'an entity',
    known: ['type', 'filterType', 'entityRefs', 'expression'],
  })
  if (!fields) return undefined
  for (const name of ['type', 'filterType']) if (!fields.values.has(name)) missing(report, fields, name)
  const type = readChoice(report, fields, 'type', entityTypes)
  const filter = readChoice(report, fields, 'filterType', filterTypes)
  const refs = readTexts(report, fields, 'entityRefs')
  if (type === undefined || filter === undefined) return undefined
  if (filter === 'All') return { type, filter, refs: [] }
  const at = fields.values.get('entityRefs')
  if (!at || refs.length === 0)
    report.error(at ?? fields.node, 'missing-field', `${filter} needs \`entityRefs\`.`, 'Name identifiers, or use All.')
  if (at && refs.length > MOST_REFS) report.error(at, 'too-long', `\`entityRefs\` has more than ${MOST_REFS} entries.`)
  if (type === 'Service' || type === 'Environment' || type === 'EnvType')
    report.error(
      fields.values.get('type') ?? fields.node,
      'not-offered',
      `Stages have no ${type} here, so a list of them would hold nothing.`,
      'Use DBSchema or DBInstance, or the filter All.',
    )
  const wrong = type === 'StageType' ? refs.find((ref) => !stageTypes.some((known) => known === ref)) : undefined
  if (at && wrong !== undefined)
    report.error(
      at,
      'wrong-value',
      `\`${wrong.slice(0, 64)}\` is no stage type.`,
      `There are ${stageTypes.join(', ')}.`,
    )
  return { type, filter, refs }
}

function readWindow(report: Report, node: Node): FreezeWindow | undefined {
  const fields = readFields(report, node, {
    what: 'a window',
    known: words('timeZone startTime endTime duration recurrence'),
  })
  if (!fields) return undefined
  const timeZone = readText(report, fields, 'timeZone', { required: true, most: 64 })
  const zoneAt = fields.values.get('timeZone')
  const known = timeZone !== undefined && isTimeZone(timeZone)
  if (zoneAt && timeZone !== undefined && !known)
    report.error(zoneAt, 'bad-zone', `\`${timeZone}\` is no time zone.`, 'Use a name such as Europe/Berlin or UTC.')
  if (!fields.values.has('startTime')) missing(report, fields, 'startTime')
  const start = readTime(report, fields, 'startTime')
  const end = readTime(report, fields, 'endTime')
  const durationSeconds = readDuration(report, fields, 'duration', LONGEST_SECONDS)
  const recurrence = readRecurrence(report, fields)
  if (fields.values.has('endTime') === fields.values.has('duration'))
    report.error(fields.node, 'missing-field', 'A window has either `endTime` or `duration`.', 'Write one of them.')
  if (!start || !known || (end === undefined && durationSeconds === undefined)) return undefined
  const window: FreezeWindow = {
    timeZone,
    start,
    ...(end ? { end } : { durationSeconds: durationSeconds ?? 0 }),
    ...(recurrence ? { recurrence } : {}),
  }
  checkLength(report, fields, window)
  return window
}

function checkLength(report: Report, fields: Fields, window: FreezeWindow): void {
  const { start, end, durationSeconds = 0 } = window
  const seconds = end ? (wallOf(end) - wallOf(start)) / 1000 : durationSeconds
  const at = fields.values.get(end ? 'endTime' : 'duration') ?? fields.node
  const most = shortestInterval(window) ?? LONGEST_SECONDS
  if (seconds <= 0) report.error(at, 'bad-time', 'The window ends before it begins.')
  else if (seconds > most)
    report.error(
      at,
      'bad-time',
      'The window is longer than the time until it comes again, or than a year.',
      'Shorten it.',
    )
  const until = window.recurrence?.until
  if (until && wallOf(until) < wallOf(start))
    report.error(fields.values.get('recurrence') ?? fields.node, 'bad-time', '`until` is before the window begins.')
}

function readRecurrence(report: Report, window: Fields): Recurrence | undefined {
  const node = window.values.get('recurrence')
  const fields = node && readFields(report, node, { what: '`recurrence`', known: ['type', 'spec'] })
  if (!fields) return undefined
  if (!fields.values.has('type')) missing(report, fields, 'type')
  const type = readChoice(report, fields, 'type', recurrenceTypes)
  const inner = fields.values.get('spec')
  const spec = inner && readFields(report, inner, { what: '`recurrence.spec`', known: ['until', 'value'] })
  const until = spec && readTime(report, spec, 'until')
  const every = (spec && readCount(report, spec, 'value', 12)) ?? 1
  return type && { type, every, ...(until ? { until } : {}) }
}

const pattern = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{1,2}):(\d{2})(?: ?([AP]M))?$/i

function readTime(report: Report, fields: Fields, name: string): LocalTime | undefined {
  const text = readText(report, fields, name, { most: 64 })
  const at = fields.values.get(name)
  if (text === undefined || !at) return undefined
  const time = parseTime(text)
  if (!time) report.error(at, 'bad-time', `\`${text.slice(0, 64)}\` is no time.`, timeForm)
  return time
}

function parseTime(text: string): LocalTime | undefined {
  const [, year, month, day, hour, minute, half] = pattern.exec(text.trim()) ?? []
  if (year === undefined) return undefined
  const clock = Number(hour)
  if (half !== undefined && (clock < 1 || clock > 12)) return undefined
  const noon = half?.toUpperCase() === 'PM' ? 12 : 0
  const time = {
    year: Number(year),
    month: Number(month),
    day: Number(day),
    hour: half === undefined ? clock : (clock % 12) + noon,
    minute: Number(minute),
  }
  // What a calendar does not have comes back as another day.
  const date = new Date(wallOf(time))
  const same = date.getUTCMonth() + 1 === time.month && date.getUTCDate() === time.day
  return same && time.hour < 24 && time.minute < 60 ? time : undefined
}
