// A runner without processes and databases: steps play a part written down as data, but speak the real protocol to the
// manager. For scenario tests and for trying out pipelines.
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Fetch } from '#contract/client'
import { attemptFiles } from '#contract/delegate/attempt-folder'
import type { Payload } from '#contract/delegate/payload'
import type { FinishBody } from '#contract/delegate/protocol'
import { type Clock, systemClock } from '#contract/delegate/repeat'
import type { StepDocument } from '#contract/delegate/step-document'
import type { StepType } from '#contract/delegate/step-spec'
import { Fault, type FaultRecord, toFaultRecord } from '#contract/fault'
import { type FakeChangeSet, FakeStep } from './fake-step.ts'
import type { AcceptedAttempt, Runner, RunningStep } from './port.ts'

export type { FakeChangeSet } from './fake-step.ts'

/** What a step does, in this order. Everything may be left out: then it logs a line and succeeds. */
export interface FakePart {
  /** Which steps play it; the first part that matches is taken. */
  readonly match?: {
    readonly type?: StepType
    readonly node?: string
    readonly dbInstance?: string
    /** Counts from 1 over all steps that matched this part so far. */
    readonly time?: number
  }
  readonly lines?: readonly string[]
  readonly payloads?: readonly Payload[]
  readonly changeSets?: readonly FakeChangeSet[]
  /** Waits here, after the change sets, until `release` is called with this name, or a cancel comes. */
  readonly waitFor?: string
  /** The process dies here and reports nothing. */
  readonly die?: 'before-start' | 'after-start' | 'before-finish'
  readonly outcome?: FinishBody['outcome']
  readonly output?: Readonly<Record<string, unknown>>
  readonly fault?: FaultRecord
  readonly reconcile?: FinishBody['reconcile']
}

export interface FakeRunner extends Runner {
  /** Lets all steps go on that wait for this name, now and later. */
  release(name: string): void
  /** Resolves when a step waits for this name. */
  waiting(name: string): Promise<void>
  /** Every document that a step was started with. */
  readonly documents: readonly StepDocument[]
}

export interface FakeRunnerOptions {
  readonly parts: readonly FakePart[]
  readonly clock?: Clock
  readonly fetch?: Fetch
}

class Death extends Error {}

/** A gate that opens once. */
interface Gate {
  readonly opened: Promise<void>
  open(): void
}
function createGate(): Gate {
  let open = (): void => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open }
}

export function createFakeRunner({ parts, clock = systemClock, fetch }: FakeRunnerOptions): FakeRunner {
  const gates = new Map<string, { readonly released: Gate; readonly reached: Gate }>()
  const times = new Map<FakePart, number>()
  const documents: StepDocument[] = []

  function gate(name: string): { readonly released: Gate; readonly reached: Gate } {
    const known = gates.get(name) ?? { released: createGate(), reached: createGate() }
    gates.set(name, known)
    return known
  }

  function choose({ spec }: StepDocument): FakePart {
    for (const part of parts) {
      const { type, node, dbInstance, time } = part.match ?? {}
      const fits =
        (type === undefined || type === spec.work.type) &&
        (node === undefined || node === spec.node) &&
        (dbInstance === undefined || ('dbInstance' in spec.work && dbInstance === spec.work.dbInstance))
      if (!fits) continue
      const count = (times.get(part) ?? 0) + 1
      times.set(part, count)
      if (time === undefined || time === count) return part
    }
    return {}
  }

  async function play(
    accepted: AcceptedAttempt,
    document: StepDocument,
    stop: AbortSignal,
    dead: AbortSignal,
  ): Promise<void> {
    const part = choose(document)
    const step = new FakeStep(document, clock, dead, fetch)
    for (const line of [`Step started: ${document.spec.work.type}`, ...(part.lines ?? [])]) await step.log(line)
    if (part.die === 'before-start') throw new Death()
    await writePhase(accepted.folder, 'started')
    await step.start()
    if (part.die === 'after-start') throw new Death()
    for (const one of part.payloads ?? []) await step.post(one)
    let result: Omit<FinishBody, 'fence' | 'logs'> = {
      outcome: part.outcome ?? 'success',
      output: { ...part.output },
      ...(part.fault ? { fault: part.fault } : {}),
      ...(part.reconcile ? { reconcile: part.reconcile } : {}),
    }
    for (const changeSet of part.changeSets ?? []) {
      await step.change(changeSet)
      if (changeSet.status !== 'Deployment_Failed') continue
      const fault = new Fault('change-set-failed', changeSet.error ?? 'It failed.')
      result = { outcome: 'failure', output: {}, fault: toFaultRecord(fault) }
      break
    }
    if (part.waitFor !== undefined) {
      const { released, reached } = gate(part.waitFor)
      const over = new AbortController()
      reached.open()
      void released.opened.then(() => over.abort())
      const why = await step.cancelled(stop, over.signal)
      if (why) result = { outcome: 'cancelled', output: {}, fault: toFaultRecord(new Fault('cancelled', why)) }
    }
    if (part.die === 'before-finish') throw new Death()
    await step.finish(result)
    await writePhase(accepted.folder, 'reported')
  }

  return {
    documents,
    release: (name) => gate(name).released.open(),
    waiting: (name) => gate(name).reached.opened,
    async find() {
      return undefined
    },
    async start(accepted, document): Promise<RunningStep> {
      documents.push(document)
      const stop = new AbortController()
      const dead = new AbortController()
      const ended = play(accepted, document, stop.signal, dead.signal).then(
        () => 'exit code 0',
        (error: unknown) =>
          dead.signal.aborted || error instanceof Death ? 'signal SIGKILL' : `exit code 1: ${String(error)}`,
      )
      return { ended, terminate: () => stop.abort(), kill: () => dead.abort(new Death()) }
    },
  }
}

async function writePhase(folder: string, phase: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const path = join(folder, attemptFiles.state)
  await writeFile(`${path}.new`, JSON.stringify({ phase }))
  await rename(`${path}.new`, path)
}
