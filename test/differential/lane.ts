// All changelogs of one database, one after the other, and what to say about those that differ.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compare, type Comparison, type Lane, writeInto } from './compare.ts'
import type { Difference } from './difference.ts'
import { generate } from './generate/changelog.ts'
import type { Generated } from './generate/model.ts'
import { startLiquibase } from './liquibase.ts'
import type { Server } from './peer/place.ts'
import { shrink } from './shrink.ts'
import { writeFiles } from './write/files.ts'

export interface Order {
  readonly seed: number
  readonly count: number
  readonly classPath: string
  /** Find the smallest changelog for a difference; slow. */
  readonly shrinks: boolean
  /** Leave the files of what differs in a folder, and say where. */
  readonly keeps: boolean
  /** Stop after so many that differ. */
  readonly most: number
  /** Milliseconds after which no other changelog is begun. */
  readonly patience?: number
  readonly say: (line: string) => void
}

export interface Outcome {
  readonly database: string
  readonly compared: number
  readonly failedInBoth: number
  /** Differences that were not there when the same changelog was compared again. */
  readonly unrepeated: number
  readonly changeSets: number
  /** Milliseconds for all of them. */
  readonly took: number
  /** A report for each that differs. */
  readonly reports: readonly string[]
}

export async function runLane(server: Server, order: Order): Promise<Outcome> {
  const liquibase = startLiquibase(order.classPath)
  const theirs = await server.open('theirs')
  const ours = await server.open('ours')
  const lane: Lane = { liquibase, theirs, ours }
  const started = Date.now()
  const reports: string[] = []
  let failedInBoth = 0
  let unrepeated = 0
  let changeSets = 0
  let compared = 0
  try {
    const { patience = Number.POSITIVE_INFINITY } = order
    for (let seed = order.seed; seed < order.seed + order.count && reports.length < order.most; seed += 1) {
      if (Date.now() - started > patience) break
      const generated = generate(seed, server.name)
      const first = await compare(lane, generated)
      const comparison = first.differences.length > 0 ? await compare(lane, generated) : first
      if (first.differences.length > 0 && comparison.differences.length === 0) {
        unrepeated += 1
        const what = first.differences.map((one) => [one.what, ...one.lines.slice(0, 8)].join('\n    '))
        order.say(`${server.name} seed ${seed}: a difference that did not come again\n  ${what.join('\n  ')}`)
      }
      compared += 1
      changeSets += comparison.ran
      if (comparison.failed) {
        failedInBoth += 1
        order.say(
          `${server.name} seed ${seed}: both fail: ${comparison.reason.trim().split('\n').at(-1)?.slice(0, 300)}`,
        )
      }
      if (comparison.differences.length > 0) {
        const report = await reportOf(lane, order, generated, comparison)
        order.say(report)
        reports.push(report)
      }
    }
  } finally {
    await Promise.all([liquibase.stop(), theirs.close(), ours.close()])
  }
  return { database: server.name, compared, failedInBoth, unrepeated, changeSets, took: Date.now() - started, reports }
}

async function reportOf(lane: Lane, order: Order, generated: Generated, first: Comparison): Promise<string> {
  // Also the same lines, as far as numbers go: a smaller changelog must not turn to another difference.
  const kind = ({ what, lines }: Difference): string => [what, ...lines.slice(0, 2)].join('\n').replaceAll(/\d+/g, '#')
  const subject = first.differences[0] && kind(first.differences[0])
  const fails = async (candidate: Generated): Promise<boolean> =>
    (await compare(lane, candidate)).differences.some((difference) => kind(difference) === subject)
  const smallest = order.shrinks ? await shrink(generated, fails) : generated
  const { differences } = order.shrinks ? await compare(lane, smallest) : first
  const title = `DIFFERENT ${lane.theirs.url.split(':')[1]} seed ${generated.seed}`
  const lines = differences.flatMap(({ what, lines }) => [
    `  ${what}`,
    ...lines.slice(0, 16).map((line) => `    ${line}`),
  ])
  const { contexts, labelFilter } = smallest
  if (order.keeps) {
    const folder = mkdtempSync(join(tmpdir(), `sluice-seed-${generated.seed}-`))
    writeInto(folder, smallest)
    return [title, ...lines, `  files kept in ${folder}; contexts "${contexts}", labels "${labelFilter}"`].join('\n')
  }
  const files = order.shrinks
    ? Object.entries(writeFiles(smallest)).flatMap(([path, text]) =>
        isEmptied(smallest, path) ? [] : [`  == ${path}`, text],
      )
    : []
  return [title, ...lines, `  contexts "${contexts}", labels "${labelFilter}"`, ...files].join('\n')
}

/** Files whose change sets were all left out, and those that nothing reads any more. */
function isEmptied(generated: Generated, path: string): boolean {
  const file = generated.files.find((one) => one.path === path)
  if (file) return file.path !== generated.root && file.entries.length === 0
  const name = path.split('/').at(-1) ?? path
  return !generated.files.some((one) => JSON.stringify(one.entries).includes(name))
}
