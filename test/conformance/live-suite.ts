// All checks on live databases, and those that have no server here.
import { type Check, databaseNames, type DatabaseName, NotApplicable, type NotRun } from './check.ts'
import { type Case, type Corpus, variantOf } from './corpus.ts'
import { runAdvanced } from './advanced.ts'
import { runFoundational } from './foundational.ts'
import { runGenerate } from './generate.ts'
import { type CaseFindings, expectsSnapshot, runCase } from './live-change.ts'
import { type Live, missingServer, openLive } from './live.ts'

export interface LiveSuites {
  readonly checks: readonly Check[]
  readonly notRun: readonly NotRun[]
  close(): Promise<void>
}

const suites = ['change', 'data', 'snapshot', 'generateChangelog', 'advanced', 'foundational'] as const
type Suite = (typeof suites)[number]

/** Opens servers only when the first check of a suite runs. Call `close`. */
export function liveSuites(corpus: Corpus): LiveSuites {
  const opened: Promise<Live>[] = []
  const checks: Check[] = []
  const notRun: NotRun[] = []
  for (const suite of suites) {
    for (const name of databaseNames) {
      const cases = corpus.cases.filter((one) => one.suite === suite && one.db === name)
      const reason = missingServer(name)
      if (reason !== undefined) {
        notRun.push({ suite, column: name, count: cases.length, reason })
        continue
      }
      let live: Promise<Live> | undefined
      const use = (): Promise<Live> => {
        live ??= openLive(corpus, name, suite)
        if (!opened.includes(live)) opened.push(live)
        return live
      }
      checks.push(...cases.flatMap((one) => checksOf(corpus, one, suite, name, use)))
    }
  }
  const close = async (): Promise<void> => {
    for (const live of opened) await live.then(async (one) => await one.close()).catch(() => {})
  }
  return { checks, notRun, close }
}

/** Cases of `change` and `snapshot` have a second check, so that a missing snapshot does not hide what else is right. */
function checksOf(
  corpus: Corpus,
  one: Case,
  suite: Suite,
  column: DatabaseName,
  use: () => Promise<Live>,
): readonly Check[] {
  const base = { column, name: one.name }
  if (suite === 'foundational') {
    return [{ ...base, suite, run: async () => await runFoundational(corpus, await use(), one) }]
  }
  if (suite === 'generateChangelog' || suite === 'advanced') {
    const run = async (): Promise<string | undefined> => {
      const live = await use()
      const variant = variantOf(one, live.version)
      if (variant === undefined) throw new NotApplicable(`not for version ${live.version}`)
      return await (suite === 'advanced' ? runAdvanced : runGenerate)(corpus, live, variant)
    }
    return [{ ...base, suite, run }]
  }
  let findings: Promise<CaseFindings> | undefined
  const run = (): Promise<CaseFindings> => {
    findings ??= use().then(async (live) => {
      const variant = variantOf(one, live.version)
      if (variant === undefined) throw new NotApplicable(`not for version ${live.version}`)
      return await runCase(corpus, live, variant)
    })
    return findings
  }
  const engine: Check = { ...base, suite, run: async () => (await run()).engine }
  if (!expectsSnapshot(corpus, one)) return [engine]
  return [engine, { ...base, suite: `${suite}: schema`, run: async () => (await run()).snapshot?.() }]
}
