// The change engine side by side with the original one and with the physical limit: whole processes, the same changelogs, the
// same server in one run. `npm run bench -- engine` is the long form; among all benches it runs a short one.
import { rmSync, writeFileSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { limitScript, writeChangelogs } from './engine/changelog.ts'
import { type Command, type Measured, measure } from './engine/measure.ts'
import { findPeer, liquibase } from './engine/peer.ts'
import { mariadb, postgres, type Server } from './engine/server.ts'
import { median, printFigure } from './figure.ts'
import { main } from './process.ts'

const long = process.env['SLUICE_BENCH_LONG'] === '1'
const rounds = long ? 3 : 1
const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-engine-'))
const peer = findPeer()
const database = `sluice_bench_${process.pid}`
const requirement = 'requirement'

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
  const sluice = (command: string, changelog: string, more: readonly string[] = []): Command => ({
    program: process.execPath,
    args: [
      main,
      command,
      `--url=${url}`,
      `--username=${server.user}`,
      `--search-path=${folder}`,
      `--changelog-file=${changelog}`,
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
    await hold({
      name: name(`W3 no-op of 5,000 in 50 files, ${format}`),
      prepare: nothing,
      sluice: sluice('update', root),
      liquibase: original?.('update', root),
      faster: 11,
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
}

/** 50,000 change sets in 500 files, all applied: the first time, and again with what was kept of the parsed files. */
async function largeHistory(
  server: Server,
  format: string,
  sluice: (command: string, changelog: string) => Command,
): Promise<void> {
  const root = `w3-large-${format}.xml`
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
