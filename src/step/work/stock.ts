// A step that a stock plugin image does in the container beside this one: its commands one after the other, judged by what the image
// wrote into its output file. Nothing but that file says success.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { judgeStockRun, type StockCredentials, type StockRun, stockRuns } from '#contract/delegate/stock-image'
import type { PipelineTarget } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import type { Streams } from '../log/stream.ts'
import type { Tool } from '../pod/beside.ts'
import { readForeign } from '../pod/read.ts'
import type { Outbox } from '../report/outbox.ts'
import type { WorkResult } from './context.ts'
import { outputList } from './output.ts'
import { betweenHistories, type StockState } from './stock-state.ts'

export interface StockOptions {
  readonly work: PipelineTarget
  readonly tool: Tool
  /** Folder with the files of the changelog, as both containers see it. */
  readonly root: string
  readonly credentials: StockCredentials
  /** With their secrets opened. */
  readonly properties: Readonly<Record<string, string>>
  readonly outbox: Pick<Outbox, 'payload'>
  readonly streams: Pick<Streams, 'open'>
  readonly line: (text: string) => void
  /** A piece of what the tool says. */
  readonly write: (chunk: string) => void
  /** Tells the manager that the target is about to be touched. */
  readonly begin: () => Promise<void>
  readonly signal: AbortSignal
  /** Reads what is deployed. */
  readonly state: StockState
}

/** Bytes of an output file that are read, and of SQL that becomes an output of the step. */
const outputLimit = 1_048_576

/** Faults: `not-offered`, `changelog-invalid` when the tool failed, `outcome-unknown` when nobody can say, and the reason of `signal`. */
export async function performStock(options: StockOptions): Promise<WorkResult> {
  const { work, tool, root, credentials, properties, streams, begin } = options
  if (work.type === 'DBSchemaApply' && work.approvedDigest !== undefined)
    throw new Fault(
      'not-offered',
      'A stock image cannot promise to run the plan that was approved, and nothing else.',
      {
        hint: 'Approve without SQL, or let our own image run this step.',
      },
    )
  const folder = join(tool.folder, 'step')
  await mkdir(folder, { recursive: true })
  const place = { source: root, output: join(folder, 'output'), sqlFile: join(folder, 'script.sql') }
  const runs = stockRuns(work, place, credentials, properties)
  await begin()
  const all = (): Promise<void> => runAll(options, runs, place.output)
  if (!runs.some(({ changes }) => changes)) await all()
  else {
    const { changeSets } = await betweenHistories(options.state, all)
    const done = changeSets === undefined ? {} : outputList('changeSets', changeSets)
    return { output: work.type === 'DBSchemaApply' ? { preStartTag: work.preStartTag, ...done } : done }
  }
  const sql = await readForeign(place.sqlFile, outputLimit)
  streams.open('sql').write(sql)
  return { output: outputList('sqlCommands', sql === '' ? [] : [sql]) }
}

/** One after the other; each only when the one before succeeded. */
async function runAll(options: StockOptions, runs: readonly StockRun[], output: string): Promise<void> {
  const { work, outbox, line, signal } = options
  for (const [index, run] of runs.entries()) {
    signal.throwIfAborted()
    line(`Running ${run.command} in the image (${index + 1} of ${runs.length})`)
    await runOnce(options, run, `${output}-${index + 1}`)
    if (work.type === 'DBSchemaApply' && run.command === 'tag' && index === 0)
      outbox.payload({ kind: 'anchor', preStartTag: work.preStartTag })
  }
}

async function runOnce(options: StockOptions, run: StockRun, output: string): Promise<void> {
  const { tool, write, line, signal } = options
  const environment = { ...run.environment, DRONE_OUTPUT: output }
  const status = await tool.run({ environment, write }, signal)
  const verdict = judgeStockRun(run, status, await readForeign(output, outputLimit))
  if (verdict.outcome === 'success') return
  const message = `${run.command} in the image: ${verdict.because}.`
  // What was under way when it was ended may have taken effect on the server, whatever it said last.
  if (run.changes && (signal.aborted || verdict.outcome === 'unknown')) throw new Fault('outcome-unknown', message)
  signal.throwIfAborted()
  if (run.onFailure) {
    line(`Running ${run.onFailure.command} in the image, as the step asks for after a failure`)
    await runOnce(options, run.onFailure, `${output}-failed`)
  }
  throw new Fault('change-set-failed', message, { hint: 'Its own words stand in the log.' })
}
