// `npm run conformance`: runs the recorded cases and vectors of the original engine against ours and counts what agrees.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Fault } from '#contract/fault'
import { formatDiagnostic } from '#contract/diagnostic'
import { type Check, idOf, NotApplicable, type NotRun, type Outcome, type Result } from './check.ts'
import { readCorpus } from './corpus.ts'
import { type Exception, matcherOf, readExceptions } from './exception.ts'
import { offlineSuites } from './offline-suite.ts'
import { liveSuites } from './live-suite.ts'
import { isExplained, isWrong, printDifferences, printTable } from './table.ts'

const usage = `npm run conformance -- [FOLDER] [--filter TEXT] [--verbose]

Runs the cases in FOLDER/conformance and FOLDER/vectors (default: SLUICE_CONFORMANCE, else ../shared).
  --filter TEXT   only checks whose id (suite/database/name) contains TEXT
  --verbose       what differs in each failing check, also in those that are explained
  --complete      what cannot run here counts as failed`

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      filter: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      complete: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const folder = resolve(positionals[0] ?? process.env['SLUICE_CONFORMANCE'] ?? join('..', 'shared'))
  for (const needed of ['conformance', 'vectors']) {
    if (existsSync(join(folder, needed))) continue
    console.error(`There are no recorded results in ${join(folder, needed)}.\n\n${usage}`)
    return 2
  }
  const started = Date.now()
  const corpus = readCorpus(join(folder, 'conformance'))
  const exceptions = readExceptions(join('docs', 'reference', 'conformance.md'))
  const live = liveSuites(corpus)
  const filter = values.filter ?? ''
  const results: Result[] = []
  try {
    for (const check of [...offlineSuites(corpus, join(folder, 'vectors')), ...live.checks]) {
      if (!idOf(check).includes(filter)) continue
      const result = await judge(check, exceptions)
      if (result) results.push(result)
    }
  } finally {
    await live.close()
  }
  const notRun = live.notRun.filter(({ suite, column }) => filter === '' || `${suite}/${column}`.includes(filter))
  const suites = [...new Set([...results.map(({ check }) => check.suite), ...notRun.map(({ suite }) => suite)])]
  if (values.verbose) printDifferences(results)
  else printDifferences(results.filter(isWrong).filter(({ outcome }) => outcome.status === 'passed'))
  if (values.verbose) console.log()
  printTable(results, notRun, suites)
  return summary(results, notRun, values.complete, filter === '' ? exceptions : [], Date.now() - started)
}

/** Undefined when the check is not for the version of the database. */
async function judge(check: Check, exceptions: readonly Exception[]): Promise<Result | undefined> {
  const listed = exceptions.find((one) => matcherOf(one).test(idOf(check)))
  let outcome: Outcome
  try {
    const difference = await check.run()
    outcome = difference === undefined ? { status: 'passed' } : { status: 'failed', difference }
  } catch (error) {
    if (error instanceof NotApplicable) return undefined
    outcome = outcomeOf(error)
  }
  // A pattern may cover what is right as well, as long as it explains something; an id of its own may not.
  const covers = listed !== undefined && (outcome.status !== 'passed' || !listed.pattern.includes('*'))
  return { check, outcome, exception: covers ? listed.reason : undefined }
}

function outcomeOf(error: unknown): Outcome {
  if (!(error instanceof Fault)) {
    return { status: 'failed', difference: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
  const difference = [`fault ${error.code}: ${error.message}`, ...error.diagnostics.map(formatDiagnostic)].join('\n')
  return { status: error.code === 'not-offered' ? 'not-yet' : 'failed', difference }
}

function summary(
  results: readonly Result[],
  notRun: readonly NotRun[],
  complete: boolean,
  exceptions: readonly Exception[],
  duration: number,
): number {
  const passed = results.filter(({ outcome }) => outcome.status === 'passed').length
  const explained = results.filter(isExplained).length
  const notYet = results.filter(({ outcome, exception }) => outcome.status === 'not-yet' && !exception).length
  const unused = exceptions.filter((one) => {
    // What was not run says nothing about what is listed for it; its schema and script are checks of the same suite.
    const [suite = '', column = ''] = one.pattern.split('/')
    if (notRun.some((other) => other.suite === suite.replace(/: schema$/, '') && other.column === column)) return false
    const covered = results.filter(({ check }) => matcherOf(one).test(idOf(check)))
    return !covered.some(({ exception }) => exception !== undefined)
  })
  const missed = notRun.reduce((sum, { count }) => sum + count, 0)
  for (const { pattern } of unused)
    console.log(`UNKNOWN  the list of exceptions names ${pattern}, which explains nothing`)
  for (const [reason, of] of byReason(notRun)) console.log(`NOT RUN  ${of.join(', ')}: ${reason}`)
  const wrong = results.filter(isWrong).length + unused.length + (complete ? missed : 0)
  console.log(
    `\n${passed} of ${results.length} agree, ${explained} differ as explained in docs/reference/conformance.md, ` +
      `${notYet} are not there yet, ${missed} were not run (${(duration / 1000).toFixed(1)} s)`,
  )
  console.log(`${passed + explained} passed, ${wrong} failed`)
  return wrong === 0 ? 0 : 1
}

/** `37 of change on mysql` by the reason. */
function byReason(notRun: readonly NotRun[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const { suite, column, count, reason } of notRun) {
    if (count > 0) found.set(reason, [...(found.get(reason) ?? []), `${count} of ${suite} on ${column}`])
  }
  return found
}

process.exitCode = await main()
