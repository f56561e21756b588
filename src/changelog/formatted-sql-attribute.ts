// The attributes on the lines of formatted SQL that have some: `name:value`, of which the last one on the line counts.
import type { Span } from '#contract/diagnostic'
import { doubt, type Report } from './finding.ts'
import { didYouMean } from '#contract/spelling'

const patterns = {
  stripComments: /^.*stripComments:(\w+)/i,
  // Also finds the end of rollbackSplitStatements, as the original engine does.
  splitStatements: /^.*splitStatements:(\w+)/i,
  endDelimiter: /^.*[ \t\v\f]endDelimiter:([^ \t\v\f]*)/i,
  rollbackSplitStatements: /^.*rollbackSplitStatements:(\w+)/i,
  rollbackEndDelimiter: /^.*[ \t\v\f]rollbackEndDelimiter:([^ \t\v\f]*)/i,
  runOnChange: /^.*runOnChange:(\w+)/i,
  runAlways: /^.*runAlways:(\w+)/i,
  runInTransaction: /^.*runInTransaction:(\w+)/i,
  failOnError: /^.*failOnError:(\w+)/i,
  context: /^.*context:(".*?"|[^ \t\v\f]*)/i,
  contextFilter: /^.*contextFilter:(".*?"|[^ \t\v\f]*)/i,
  labels: /^.*labels:(".*?"|[^ \t\v\f]*)/i,
  logicalFilePath: /^.*logicalFilePath:([^ \t\v\f]*)/i,
  dbms: /^.*dbms:([^,][\w!,]+)/i,
  ignore: /^.*ignore:(\w*)/i,
  runWith: /^.*runWith:([\w${}]+)/i,
  runWithSpoolFile: /^.*runWithSpoolFile:(.*)/i,
  name: /^.*name:[ \t\v\f]*([^ \t\v\f]+)/i,
  value: /^.*value:[ \t\v\f]*([^ \t\v\f]+)/i,
  global: /^.*global:([^ \t\v\f]+)/i,
} as const satisfies Record<string, RegExp>

export type LineAttribute = keyof typeof patterns

const booleans = [
  'stripComments',
  'splitStatements',
  'rollbackSplitStatements',
  'runOnChange',
  'runAlways',
  'runInTransaction',
  'failOnError',
  'ignore',
] as const satisfies readonly LineAttribute[]

/** The value of an attribute without its quotes; undefined when it is not there or has no value that counts. */
export function lineAttribute(text: string, name: LineAttribute): string | undefined {
  if (!text.includes(':')) return undefined
  const value = patterns[name].exec(text)?.[1]
  if (value === undefined) return undefined
  const quoted = (name === 'context' || name === 'contextFilter' || name === 'labels') && /^".*"$/.test(value)
  return quoted ? value.slice(1, -1) : value
}

export function lineBoolean(text: string, name: (typeof booleans)[number], otherwise: boolean): boolean {
  const value = lineAttribute(text, name)
  return value === undefined || value === '' ? otherwise : value.toLowerCase() === 'true'
}

/** Gives the place of a part of a text, counted from its beginning. */
type Place = (start: number, end: number) => Span

/** For a text at the end of a line. */
export function placeAtEnd(line: Span, text: string): Place {
  const first = (line.endColumn ?? line.column + text.length) - text.length
  return (start, end) => ({ ...line, endLine: line.line, column: first + start, endColumn: first + end })
}

interface Line {
  /** How messages call it. */
  readonly title: string
  readonly names: readonly string[]
  /** Names that other formats have. */
  readonly notHere?: readonly string[]
  /** Text without a name in front means something, or is customary. */
  readonly isFree?: boolean
  /** A blank may follow the colon. */
  readonly isLoose?: boolean
}

/** Lines that hold `name:value`, and the names that each knows. */
export const lines = {
  header: { title: 'The header', names: ['logicalFilePath', 'changeLogId'], isFree: true },
  property: {
    title: 'A property line',
    names: ['name', 'value', 'context', 'contextFilter', 'labels', 'dbms', 'global'],
    isLoose: true,
  },
  changeSet: {
    title: 'A changeset line',
    names: Object.keys(patterns).filter((name) => !['name', 'value', 'global'].includes(name)),
    notHere: ['runOrder', 'created', 'objectQuotingStrategy', 'onValidationFail', 'id', 'author', 'comment'],
    isFree: true,
  },
  preconditions: {
    title: 'A preconditions line',
    names: ['onFail', 'onError', 'onUpdateSQL', 'onSqlOutput'],
    notHere: ['onFailMessage', 'onErrorMessage'],
  },
  tableExists: { title: 'The check table-exists', names: ['table', 'schema'] },
  viewExists: { title: 'The check view-exists', names: ['view', 'schema'] },
  rollback: {
    title: 'A rollback that names a change set',
    names: ['changesetId', 'changesetAuthor', 'changesetPath'],
  },
} as const satisfies Record<string, Line>

/** Reports what stands on a line without effect, and what has another effect than it seems. */
export function checkPairs(kind: keyof typeof lines, text: string, place: Place, report: Report): void {
  const line: Line = lines[kind]
  const seen = masked(text, line.isLoose ?? false)
  let rest = seen
  let found = 0
  const tell: Report = (finding) => {
    found += 1
    report(finding)
  }
  for (const match of seen.matchAll(/(?<=^|[ \t,])([A-Za-z]\w*):([^ \t]*)/g)) {
    const [whole, written = '', value = ''] = match
    const end = match.index + whole.length
    rest = rest.slice(0, match.index) + ' '.repeat(whole.length) + rest.slice(end)
    const span = place(match.index, end)
    const name = line.names.find((candidate) => candidate.toLowerCase() === written.toLowerCase())
    if (name === undefined) tellUnknown(line, written, span, tell)
    else checkValue(name, value, seen.slice(end), span, tell)
  }
  const free = /[^ \t,"]+/.exec(rest)
  if (line.isFree || found > 0 || free === null) return
  const fix = `Write ${line.names.map((name) => `${name}:VALUE`).join(' ')} without blanks in a value.`
  const span = place(free.index, free.index + free[0].length)
  report(doubt('ignored-text', `${JSON.stringify(free[0])} has no effect on this line.`, span, fix))
}

/** Colons that do not end the name of an attribute are gone, and so are blanks inside of a value. */
function masked(text: string, isLoose: boolean): string {
  const quoted = text.replace(/"[^"]*"/g, (part) => '"'.repeat(part.length))
  const whole = quoted.replace(/(?<=runWithSpoolFile:).*$/i, (part) => 'x'.repeat(part.length))
  return isLoose ? whole.replace(/(?<=(?:name|value):)[ \t]+/gi, (part) => 'x'.repeat(part.length)) : whole
}

function tellUnknown({ title, names, notHere = [] }: Line, written: string, span: Span, report: Report): void {
  const elsewhere = notHere.some((other) => other.toLowerCase() === written.toLowerCase())
  const message = elsewhere
    ? `${written} cannot be given in formatted SQL; it is ignored.`
    : `${title} knows no ${JSON.stringify(written)}; it is ignored.`
  const fix = elsewhere ? 'Use a YAML, XML or JSON changelog for it.' : `Remove it.${didYouMean(written, names)}`
  report(doubt('unknown-attribute', message, span, fix))
}

/** Of these a part is taken when the value has other characters. */
const words = ['onFail', 'onError', 'onUpdateSQL', 'onSqlOutput', 'table', 'view', 'schema']
/** Of these a value with blanks needs quotes. */
const quotable = ['context', 'contextFilter', 'labels']

function checkValue(name: string, value: string, after: string, span: Span, report: Report): void {
  const isBoolean = (booleans as readonly string[]).includes(name) || name === 'global'
  const next = /^[ \t]+([^ \t:]+)(?![^ \t]*:)/.exec(after)?.[1]
  if (value === '' && name !== 'dbms') {
    const message = `${name} has no value; a blank may not follow the colon.`
    report(doubt('missing-value', message, span, `Write ${name}:VALUE without a blank.`))
  } else if (isBoolean && !/^(?:true|false)$/i.test(value)) {
    report(doubt('bad-boolean', `${JSON.stringify(value)} is not a boolean.`, span, 'Write true or false.'))
  } else if (name === 'dbms' && (/["$,]$|["$]/.test(value) || /^[ \t]*,/.test(after))) {
    const message = 'dbms takes names, "!" and commas only, without blanks, quotes or properties; the rest is ignored.'
    report(doubt('bad-value', message, span, 'Write dbms:postgresql,oracle.'))
  } else if (words.includes(name) && !/^\w+$/.test(value)) {
    const message = `${name} is taken up to the first character that is no letter, digit or "_".`
    report(doubt('bad-value', message, span, `Write ${name}:NAME without quotes, dots and properties.`))
  } else if (quotable.includes(name) && !value.startsWith('"') && next !== undefined) {
    const message = `${name} ends at the first blank; ${JSON.stringify(next)} is ignored.`
    report(doubt('bad-value', message, span, `Write ${name}:"…" around a value with blanks.`))
  }
}
