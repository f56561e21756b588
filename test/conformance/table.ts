// Prints the counts by suite and database, and the differences of what failed.
import { type Column, databaseNames, idOf, type NotRun, type Result } from './check.ts'

const columns: readonly Column[] = ['any', ...databaseNames]

/** `passed/all`, with `+n` for explained exceptions; `(n)` were not run. */
export function printTable(results: readonly Result[], notRun: readonly NotRun[], suites: readonly string[]): void {
  const rows = suites.map((suite) => [suite, ...columns.map((column) => cellOf(results, notRun, suite, column))])
  const head = ['suite', ...columns]
  const widths = head.map((title, index) => Math.max(title.length, ...rows.map((row) => row[index]!.length)))
  for (const row of [head, ...rows]) {
    console.log(
      row.map((cell, index) => (index === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[index]!))).join('  '),
    )
  }
}

function cellOf(results: readonly Result[], notRun: readonly NotRun[], suite: string, column: Column): string {
  const own = results.filter(({ check }) => check.suite === suite && check.column === column)
  const missed = notRun
    .filter((one) => one.suite === suite && one.column === column)
    .reduce((sum, { count }) => sum + count, 0)
  if (own.length === 0) return missed === 0 ? '' : `(${missed})`
  const passed = own.filter(({ outcome }) => outcome.status === 'passed').length
  const explained = own.filter(isExplained).length
  return `${passed}${explained === 0 ? '' : `+${explained}`}/${own.length}${missed === 0 ? '' : ` (${missed})`}`
}

export const isExplained = ({ outcome, exception }: Result): boolean =>
  outcome.status !== 'passed' && exception !== undefined

/** A failure that no exception explains, or an exception that explains nothing any more. */
export const isWrong = ({ outcome, exception }: Result): boolean =>
  (outcome.status === 'passed') === (exception !== undefined)

export function printDifferences(results: readonly Result[]): void {
  for (const { check, outcome, exception } of results) {
    if (outcome.status !== 'passed') {
      const how = exception === undefined ? (outcome.status === 'not-yet' ? 'NOT YET' : 'FAILED') : 'EXCEPTION'
      console.log(`\n${how}  ${idOf(check)}${exception === undefined ? '' : ` (${exception})`}\n${outcome.difference}`)
    } else if (exception !== undefined) {
      console.log(`\nSTALE  ${idOf(check)} passes, but is listed as an exception: ${exception}`)
    }
  }
}
