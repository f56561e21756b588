// Every change type lives on every database: apply → reverse gives back what was there → apply gives the same again.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { changeTypeNames } from '#change/registry'
import { type Case, toldOn } from './case/case.ts'
import { constraintCases } from './case/constraint.ts'
import { dataCases } from './case/data.ts'
import { objectCases } from './case/object.ts'
import { tableCases } from './case/table.ts'
import { inverseOf, parsedOf, parseWritten, run } from './change-set.ts'
import { targetNames, openTarget, sayWhatIsMissing, type Target } from './target.ts'

const all = [...tableCases, ...constraintCases, ...objectCases, ...dataCases]

beforeAll(() => sayWhatIsMissing('life cycle of every change type'))

test('every change type has a story', () => {
  const told = new Set(all.flatMap(({ apply }) => apply.flatMap((written) => Object.keys(written))))
  /** These do not touch a database: one runs a program, the other a Java class, and both refuse. */
  const refused = ['executeCommand', 'customChange']
  expect(new Set([...changeTypeNames].filter((name) => !told.has(name)))).toEqual(new Set(refused))
})

/** No server is needed to find a story that MySQL would refuse, or would not refuse as it says. */
test.each(all.map((one) => [one.title, one] as const))('%s is known to MySQL', (_title, one) => {
  const story = toldOn(one, 'mysql')
  if (story.unsupportedOn?.includes('mysql')) expectRefusal(story, 'mysql')
  else {
    const reverse = story.reverse === 'automatic' ? [] : story.reverse
    expect(parsedOf([...(story.setup ?? []), ...story.apply, ...reverse], 'mysql').length).toBeGreaterThan(0)
  }
})

describe.each(targetNames)('%s', (name) => {
  let target: Target
  beforeAll(async () => {
    target = await openTarget(name)
  })
  afterAll(() => target.remove())
  beforeEach(() => target.empty())

  const told = all.filter(({ copiedOn }) => !copiedOn?.includes(name))
  test.each(told.map((one) => [one.title, one] as const))('%s', async (_title, one) => {
    const story = toldOn(one, target.dbms)
    if (story.unsupportedOn?.includes(target.dbms)) expectRefusal(story, target.dbms)
    else await live(story, target)
  })
})

/** The change itself says that the database cannot do it, before anything is sent. */
function expectRefusal(story: Case, dbms: string): void {
  const found = story.apply.flatMap((written) => parseWritten(written, dbms)).flatMap(({ diagnostics }) => diagnostics)
  const refusal = found.find(({ code }) => code === 'change/not-supported')
  expect(refusal).toMatchObject({ severity: 'error', span: { file: 'change.yaml', line: 1 } })
  expect(refusal?.message).toContain(dbms)
}

async function live(story: Case, { database, dbms }: Target): Promise<void> {
  await run(database, parsedOf(story.setup ?? [], dbms), story.files)
  const start = await stateOf(database)
  const forward = parsedOf(story.apply, dbms)
  await run(database, forward, story.files)
  const changed = await stateOf(database)
  if (story.nothingOn?.includes(dbms)) expect(changed).toBe(start)
  else expect(changed).not.toBe(start)
  if (story.nothingOn?.includes(dbms)) return
  const back = story.reverse === 'automatic' ? inverseOf(forward, dbms) : parsedOf(story.reverse, dbms)
  await run(database, back, story.files)
  expect(await stateOf(database)).toBe(start)
  await run(database, forward, story.files)
  expect(await stateOf(database)).toBe(changed)
}

/** Structure and rows. */
async function stateOf({ inspect, session }: Target['database']): Promise<string> {
  const structure = await inspect.fingerprint(undefined)
  const tables = structure.split('\n').flatMap((line) => /^table: (customer|three|names)\b/.exec(line)?.[1] ?? [])
  const contents: string[] = []
  for (const table of tables) {
    const { rows } = await session.execute(`select * from ${table} order by 1`)
    contents.push(`${table}: ${JSON.stringify(rows)}`)
  }
  return [structure, ...contents].join('\n')
}
