// The preconditions of formatted SQL: one line with the options, one line for each check.
import type { Span } from '#contract/diagnostic'
import { problem, type Report } from './finding.ts'
import { checkPairs, placeAtEnd } from './formatted-sql-attribute.ts'
import type { SqlBlock } from './formatted-sql.ts'
import type { Precondition, PreconditionContainer } from './model.ts'
import { onProblemChoices, onSqlOutputChoices } from './precondition.ts'
import { didYouMean } from '#contract/spelling'

const checkNames = ['sql-check', 'table-exists', 'view-exists']

/** Undefined when the block has none. */
export function readSqlPreconditions(
  block: SqlBlock,
  expand: (text: string) => string,
  report: Report,
): PreconditionContainer | undefined {
  const span = block.preconditions?.span ?? block.checks[0]?.span
  if (span === undefined) return undefined
  const text = block.preconditions?.text ?? ''
  const onUpdateSql = /^.*onUpdateSQL:(\w+)/i.exec(text)?.[1]
  const onSqlOutput = /^.*onSqlOutput:(\w+)/i.exec(text)?.[1]
  if (onUpdateSql !== undefined && onSqlOutput !== undefined) {
    const message = 'onUpdateSQL and onSqlOutput are two names of one option.'
    report(problem('bad-value', message, span, 'Give only one of them.'))
  }
  const conditions = block.checks.map((check) => readCheck(check, expand, report))
  return {
    span,
    onFail: choose('onFail', /^.*onFail:(\w+)/i.exec(text)?.[1], onProblemChoices, span, report) ?? 'HALT',
    onError: choose('onError', /^.*onError:(\w+)/i.exec(text)?.[1], onProblemChoices, span, report) ?? 'HALT',
    onSqlOutput: choose('onSqlOutput', onSqlOutput ?? onUpdateSql, onSqlOutputChoices, span, report) ?? 'IGNORE',
    onFailMessage: undefined,
    onErrorMessage: undefined,
    conditions: conditions.filter((condition) => condition !== undefined),
  }
}

function choose<Choice extends string>(
  name: string,
  value: string | undefined,
  choices: readonly Choice[],
  span: Span,
  report: Report,
): Choice | undefined {
  if (value === undefined) return undefined
  const choice = choices.find((candidate) => candidate === value.toUpperCase())
  if (choice === undefined) {
    const fix = `Write one of ${choices.join(', ')}.${didYouMean(value, choices)}`
    report(problem('bad-value', `${name} cannot be ${JSON.stringify(value)}.`, span, fix))
  }
  return choice
}

function readCheck(
  check: SqlBlock['checks'][number],
  expand: (text: string) => string,
  report: Report,
): Precondition | undefined {
  const { name, text, span } = check
  if (name === 'sql-check') return sqlCheck(text, span, expand, report)
  if (name === 'table-exists' || name === 'view-exists') {
    const kind = name === 'table-exists' ? 'table' : 'view'
    const object = new RegExp(`^.*${kind}:(\\w+)`, 'i').exec(text)?.[1]
    const schema = /^.*schema:(\w+)/i.exec(text)?.[1]
    if (object === undefined) {
      const fix = `Write --precondition-${name} ${kind}:NAME schema:NAME; names are letters, digits and "_" without quotes.`
      report(problem('missing-attribute', `The precondition names no ${kind}.`, span, fix))
      return undefined
    }
    checkPairs(`${kind}Exists`, text, placeAtEnd(span, text), report)
    const attributes = { [`${kind}Name`]: object, ...(schema === undefined ? {} : { schemaName: schema }) }
    return { type: 'check', name: `${kind}Exists`, attributes, span }
  }
  const fix = `Formatted SQL knows ${checkNames.join(', ')}, in lower case.${didYouMean(name, checkNames)}`
  report(problem('unknown-precondition', `There is no precondition ${JSON.stringify(name)}.`, span, fix))
  return undefined
}

function sqlCheck(
  text: string,
  span: Span,
  expand: (text: string) => string,
  report: Report,
): Precondition | undefined {
  const found = /^[ \t]*(?:expectedResult:)?(?:(\w+)|'([^']+)'|"([^"]+)") (.*)$/i.exec(text)
  if (!found) {
    const fix = 'Write --precondition-sql-check expectedResult:VALUE SQL; quote a value that is not one word.'
    report(problem('missing-attribute', 'The precondition lacks the expected result or the SQL.', span, fix))
    return undefined
  }
  const [, word, single, double, sql = ''] = found
  const attributes = { expectedResult: word ?? single ?? double ?? '', sql: expand(sql) }
  return { type: 'check', name: 'sqlCheck', attributes, span }
}
