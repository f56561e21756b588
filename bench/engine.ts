// The change engine side by side with the original one and with the physical limit: whole processes, the same changelogs, the
// same server in one run. `npm run bench -- engine` is the long form; among all benches it runs a short one.
import { rmSync, writeFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { limitScript, writeChangelogs } from './engine/changelog.ts'
import { type Command, type Measured, measure } from './engine/measure.ts'
import { findPeer, liquibase, type Peer } from './engine/peer.ts'
import { schemaScript } from './engine/schema.ts'
import { mariadb, postgres, type Server } from './engine/server.ts'
import { median, printFigure } from './figure.ts'
import { main } from './process.ts'

const long = process.env['SLUICE_BENCH_LONG'] === '1'
const rounds = long ? 3 : 1
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-engine-'))
const peer = findPeer()
const database = `sluice_bench_${process.pid}`
const requirement = 'requirement'

type CommandOf = (command: string, changelog: string, more?: readonly string[]) => Command

interface Contest {
  readonly name: string
  /** Brought about before each run of each side; not measured. */
  readonly prepare: (side: 'sluice' | 'liquibase' | 'limit') => Promise<void>
  readonly sluice: Command
  readonly liquibase?: Command | undefined
  readonly limit?: Command | undefined
  /** At least so many times faster than Liquibase. */
  readonly faster?: number
  /** At most so many times the limit. */
  readonly within?: number
  readonly rounds?: number
}

/** Runs the sides in turns, so that whatever else the machine does hits all of them. */
async function hold(contest: Contest): Promise<void> {
  if (!isWanted(contest.name)) return
  const results = { sluice: [] as Measured[], liquibase: [] as Measured[], limit: [] as Measured[] }
  for (let round = 0; round < (contest.rounds ?? rounds); round += 1) {
    for (const side of ['sluice', 'liquibase', 'limit'] as const) {
      const command = contest[side]
      if (command === undefined || (side === 'liquibase' && 'missing' in peer)) continue
      await contest.prepare(side)
      results[side].push(await measure(command))
    }
  }
  report(contest, results)
}

function report(
  contest: Contest,
  results: Readonly<Record<'sluice' | 'liquibase' | 'limit', readonly Measured[]>>,
): void {
  const seconds = (side: keyof typeof results): number => median(results[side].map((one) => one.seconds))
  const memory = (side: keyof typeof results): number => median(results[side].map((one) => one.megabytes))
  const said = (['sluice', 'liquibase', 'limit'] as const)
    .filter((side) => results[side].length > 0)
    .map((side) => `${side} ${seconds(side).toFixed(2)} s ${memory(side).toFixed(0)} MB`)
  const note = said.join(', ')
  const bound = (value: number, at: 'most' | 'least') => ({ value, at, source: requirement }) as const
  if (contest.faster !== undefined && results.liquibase.length > 0) {
    const value = seconds('liquibase') / seconds('sluice')
    printFigure({
      name: `${contest.name}: faster than Liquibase`,
      value,
      unit: 'times',
      bound: bound(contest.faster, 'least'),
      note,
    })
    const part = memory('sluice') / memory('liquibase')
    printFigure({
      name: `${contest.name}: memory of Liquibase's`,
      value: part,
      unit: 'parts',
      bound: bound(0.25, 'most'),
    })
  }
  if (contest.within !== undefined && results.limit.length > 0) {
    const value = seconds('sluice') / seconds('limit')
    printFigure({
      name: `${contest.name}: of the limit`,
      value,
      unit: 'times',
      bound: bound(contest.within, 'most'),
      note,
    })
  }
  if (contest.faster === undefined && contest.within === undefined) console.log(`measured ${contest.name}: ${note}`)
  else if (results.liquibase.length === 0 && contest.within === undefined)
    console.log(`alone    ${contest.name}: ${note}`)
}

async function contests(server: Server): Promise<void> {
  const url = server.jdbc(database)
  const sluice: CommandOf = (command, changelog, more = []) => ({
    program: process.execPath,
    args: [
      main,
      command,
      `--url=${url}`,
      `--username=${server.user}`,
      `--search-path=${folder}`,
      ...(changelog === '' ? [] : [`--changelog-file=${changelog}`]),
      ...more,
    ],
    env: { SLUICE_PASSWORD: server.password, XDG_CACHE_HOME: join(folder, 'cache') },
  })
  const original = 'home' in peer ? liquibase(peer.home, folder, url, server.user, server.password) : undefined
  const script = (workload: 'w2' | 'w5' | 'w6'): Command => {
    const file = join(folder, `${workload}-limit-${server.kind}.sql`)
    writeFileSync(file, limitScript(workload, folder, server.kind))
    return server.client(database, file)
  }
  const empty = (): Promise<void> => Promise.resolve(server.fresh(database))
  const nothing = (): Promise<void> => Promise.resolve()
  const name = (text: string): string => `${server.kind} ${text}`

  await empty()
  await measure(sluice('update', 'w1.sql'))
  await hold({
    name: name('W1 no-op update'),
    prepare: nothing,
    sluice: sluice('update', 'w1.sql'),
    liquibase: original?.('update', 'w1.sql'),
    limit: { program: process.execPath, args: ['dist-bench/bench/engine/floor.js', server.url(database)] },
    faster: 12,
    within: 1.5,
    rounds: rounds * 3,
  })
  for (const format of long ? ['sql', 'xml'] : ['sql']) {
    const file = `w2.${format}`
    await hold({
      name: name(`W2 first update of 1,000, ${format}`),
      prepare: empty,
      sluice: sluice('update', file),
      liquibase: original?.('update', file),
      limit: script('w2'),
      faster: 2.8,
      within: 1.25,
    })
    await empty()
    await hold({
      name: name(`W4 update-sql of 1,000, ${format}`),
      prepare: nothing,
      sluice: sluice('update-sql', file),
      liquibase: original?.('update-sql', file),
      faster: 20,
    })
    const root = `w3-${format}.xml`
    await measure(sluice('changelog-sync', root))
    await measure(sluice('update', root))
    await hold({
      name: name(`W3 no-op of 5,000 in 50 files, ${format}`),
      prepare: nothing,
      sluice: sluice('update', root),
      liquibase: original?.('update', root),
      faster: 11,
      rounds: Math.max(2, rounds),
    })
    await hold({
      name: name(`W3 no-op of 5,000 in 50 files, ${format}, with nothing remembered`),
      prepare: nothing,
      sluice: { ...sluice('update', root), env: { SLUICE_PASSWORD: server.password, SLUICE_CACHE: 'off' } },
    })
  }
  await hold({
    name: name('W5 rollback-count 200'),
    prepare: async (side) => {
      server.fresh(database)
      await measure(side === 'limit' ? script('w2') : sluice('update', 'w2.sql'))
    },
    sluice: sluice('rollback-count', 'w2.sql', ['--count=200']),
    liquibase: original?.('rollback-count', 'w2.sql', ['--count=200']),
    limit: script('w5'),
    faster: 8,
    within: 1.6,
  })
  await hold({
    name: name('W6 loadData of 100,000 rows'),
    prepare: empty,
    sluice: sluice('update', 'w6.xml'),
    liquibase: original?.('update', 'w6.xml'),
    limit: script('w6'),
    faster: 20,
    within: 2,
  })
  if (long) for (const format of ['sql', 'xml']) await largeHistory(server, format, sluice)
  await schemas(server, sluice, original)
}

/** W7: a whole schema read, written as a changelog, and compared with another. */
async function schemas(server: Server, sluice: CommandOf, original: Peer | undefined): Promise<void> {
  if (!isWanted(`${server.kind} W7`)) return
  const other = `${database}_other`
  const file = join(folder, 'schema.sql')
  const fill = async (name: string, tables: number): Promise<void> => {
    server.fresh(name)
    writeFileSync(file, schemaScript(tables, server.kind))
    await measure(server.client(name, file))
  }
  try {
    await fill(database, 500)
    await fill(other, 500)
    const generated = join(folder, 'generated.xml')
    const prepare = (): Promise<void> => Promise.resolve(rmSync(generated, { force: true }))
    const json = ['--snapshot-format=json']
    await holdOrSay({
      name: `${server.kind} W7 snapshot of 500 tables`,
      prepare,
      sluice: sluice('snapshot', '', json),
      liquibase: original?.('snapshot', '', json),
      limit: server.dump(database),
      faster: 35,
      within: 1.5,
    })
    await holdOrSay({
      name: `${server.kind} W7 generate-changelog of 500 tables`,
      prepare,
      sluice: sluice('generate-changelog', generated),
      liquibase: original?.('generate-changelog', generated),
      faster: 35,
    })
    const reference = [
      `--reference-url=${server.jdbc(other)}`,
      `--reference-username=${server.user}`,
      `--reference-password=${server.password}`,
    ]
    await holdOrSay({
      name: `${server.kind} W7 diff of two times 500 tables`,
      prepare,
      sluice: sluice('diff', '', reference),
      liquibase: original?.('diff', '', reference),
      faster: 35,
    })
    if (!long) return
    await fill(database, 5000)
    const { seconds } = await measure(sluice('snapshot', '', json))
    const bound = { value: 3, at: 'most', source: requirement } as const
    printFigure({ name: `${server.kind} W7 snapshot of 5,000 tables`, value: seconds, unit: 's', bound })
  } finally {
    server.drop(other)
  }
}

/** A command that this build does not have is said, and does not end the bench. */
async function holdOrSay(contest: Contest): Promise<void> {
  try {
    await hold(contest)
  } catch (error) {
    console.log(`NOT MEASURED ${contest.name}: ${error instanceof Error ? error.message.slice(0, 600) : String(error)}`)
  }
}

/** `SLUICE_BENCH_ONLY=W7` leaves out what has another name, so that the long form can be run in pieces. */
function isWanted(name: string): boolean {
  return name.includes(process.env['SLUICE_BENCH_ONLY'] ?? '')
}

/** 50,000 change sets in 500 files, all applied: the first time, and again with what was kept of the parsed files. */
async function largeHistory(
  server: Server,
  format: string,
  sluice: (command: string, changelog: string) => Command,
): Promise<void> {
  const root = `w3-large-${format}.xml`
  if (!isWanted(`${server.kind} W3 no-op of 50,000`)) return
  server.fresh(database)
  await measure(sluice('changelog-sync', root))
  for (const [state, most] of [
    ['cold', 2.5],
    ['with the parse cache', 0.5],
  ] as const) {
    const times: number[] = []
    for (let round = 0; round < rounds; round += 1) {
      if (state === 'cold') rmSync(join(folder, 'cache'), { recursive: true, force: true })
      times.push((await measure(sluice('update', root))).seconds)
    }
    printFigure({
      name: `${server.kind} W3 no-op of 50,000, ${format}, ${state}`,
      value: median(times),
      unit: 's',
      bound: { value: most, at: 'most', source: requirement },
    })
  }
}

writeChangelogs(folder, long)
if ('missing' in peer) console.log(`NOT COMPARED with Liquibase: ${peer.missing}.`)
try {
  for (const open of long ? [postgres, mariadb] : [postgres]) {
    const server = await open()
    if (server === undefined) {
      console.log(`NOT MEASURED: no server for ${open.name} on this machine.`)
      continue
    }
    try {
      await contests(server)
    } finally {
      server.drop(database)
      await server.stop()
    }
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
