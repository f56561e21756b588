// The attributes on a `--changeset` or `--property` line: `name:value`, of which the last one on the line counts.
import type { Span } from '#contract/diagnostic'
import { doubt, type Report } from './finding.ts'
import { didYouMean } from './spelling.ts'

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

const known = Object.keys(patterns).filter((name) => !['name', 'value', 'global'].includes(name)) as LineAttribute[]
const notHere = ['runOrder', 'created', 'objectQuotingStrategy', 'onValidationFail', 'id', 'author', 'comment']

/** Reports what stands on a changeset line without effect. `place` gives the place of a part of the line. */
export function checkLineAttributes(text: string, place: (start: number, end: number) => Span, report: Report): void {
  const seen = text.replace(/"[^"]*"/g, (quoted) => '"'.repeat(quoted.length)).replace(/runWithSpoolFile:.*$/i, '')
  for (const match of seen.matchAll(/(?<=^|[ \t,])([A-Za-z]\w*):([^ \t]*)/g)) {
    const [whole, written = '', value = ''] = match
    const span = place(match.index, match.index + whole.length)
    const name = known.find((candidate) => candidate.toLowerCase() === written.toLowerCase())
    if (name === undefined) {
      const elsewhere = notHere.some((other) => other.toLowerCase() === written.toLowerCase())
      const message = elsewhere
        ? `${written} cannot be given in formatted SQL; it is ignored.`
        : `A changeset line knows no ${JSON.stringify(written)}; it is ignored.`
      const fix = elsewhere ? 'Use a YAML, XML or JSON changelog for it.' : `Remove it.${didYouMean(written, known)}`
      report(doubt('unknown-attribute', message, span, fix))
      continue
    }
    checkValue(name, value, text.slice(match.index + whole.length), span, report)
  }
}

function checkValue(name: LineAttribute, value: string, after: string, span: Span, report: Report): void {
  const isBoolean = (booleans as readonly string[]).includes(name)
  if (value === '' && name !== 'dbms') {
    const message = `${name} has no value; a blank may not follow the colon.`
    report(doubt('missing-value', message, span, `Write ${name}:VALUE without a blank.`))
  } else if (isBoolean && !/^(?:true|false)$/i.test(value)) {
    report(doubt('bad-boolean', `${JSON.stringify(value)} is not a boolean.`, span, 'Write true or false.'))
  } else if (name === 'dbms' && (/["$,]$|["$]/.test(value) || /^[ \t]*,/.test(after))) {
    const message = 'dbms takes names, "!" and commas only, without blanks, quotes or properties; the rest is ignored.'
    report(doubt('bad-value', message, span, 'Write dbms:postgresql,oracle.'))
  }
}
