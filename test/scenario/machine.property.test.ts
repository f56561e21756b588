// The machine of a run under any document and any order of events: it never deadlocks, never runs anything twice, and ends truthfully.
import { isFinal, positiveStatuses } from '#contract/pipeline/status'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isChanging } from '#pipeline/document'
import { expandLoops } from '#pipeline/expand'
import { buildGraph, type Graph, nodeOf, withAncestors } from '#pipeline/graph'
import { lateInputsOf } from '#pipeline/late-input'
import { begin, transition } from '#pipeline/machine'
import { isProgramStep } from '#pipeline/program'
import { type Kept, keptStages } from '#pipeline/retry'
import { readPipeline } from '#pipeline/read/pipeline'
import type { AttemptResult, Facts, PipelineEvent, PipelineState, Transition } from '#pipeline/state'
import { anyPipeline } from './any-pipeline.ts'

const facts = Object.fromEntries(
  ['pipeline.executionId', 'pipeline.sequenceId', 'pipeline.startTs', 'pipeline.triggerType'].map((name) => [
    name,
    'x',
  ]),
) as unknown as Facts

// ---- a world that obeys the commands and can be checked against them ------------------------------------------------
interface Live {
  readonly kind: 'work' | 'reconcile'
  started: boolean
}
class World {
  readonly graph: Graph
  state: PipelineState
  readonly heard: PipelineEvent[] = []
  /** `node#number` of every attempt that was asked for and has not ended. */
  readonly live = new Map<string, Live>()
  readonly approvals = new Set<string>()
  /** The mail that each Email step waits for, by its number. */
  readonly mails = new Map<string, number>()
  /** Stages and Queue steps: asked for, or granted. */
  readonly holds = new Map<string, 'wanted' | 'held'>()
  /** Nodes about which somebody or something said that they are well. */
  readonly wellSaid = new Set<string>()
  /** Steps with an effect whose outcome is lost and about which nothing was found out yet. */
  readonly lost = new Set<string>()
  aborted = false

  constructor(yaml: string, kept: Kept = {}) {
    const { pipeline, diagnostics } = readPipeline(yaml, 'p.yaml', { sets: [], typed: {} })
    if (!pipeline) throw new Error(JSON.stringify(diagnostics))
    const expanded = expandLoops(pipeline.document, facts)
    if ('problem' in expanded) throw new Error(expanded.problem)
    this.graph = buildGraph(expanded.document)
    for (const id of Object.keys(kept)) this.wellSaid.add(id)
    const first = begin(this.graph, facts, kept)
    this.state = first.state
    this.obey(first)
  }

  tell(event: PipelineEvent): void {
    if (isFinal(this.state.status)) return
    this.note(event)
    this.heard.push(event)
    this.obey(transition(this.graph, this.state, event))
  }

  note(event: PipelineEvent): void {
    if (event.type === 'abort') this.aborted = true
    if (event.type === 'timer' && event.node === '') this.aborted = true
    const node = 'node' in event ? event.node : ''
    const status = this.state.nodes[node]?.status
    if (event.type === 'timer' && event.kind === 'wait' && status === 'Running') this.wellSaid.add(node)
    if (event.type === 'hold-granted') {
      this.holds.set(node, 'held')
      this.wellSaid.add(node)
    }
    if (event.type === 'mail-settled' && this.mails.get(node) === event.number) {
      this.mails.delete(node)
      if (!event.fault) this.wellSaid.add(node)
    }
    if (event.type === 'approval-decided' && event.decision === 'APPROVED' && status === 'ApprovalWaiting')
      this.wellSaid.add(node)
    if (event.type === 'resolve' && status === 'InterventionWaiting') {
      if (event.action === 'MarkAsSuccess') this.wellSaid.add(node)
      if (event.action === 'Retry') this.lost.delete(node)
    }
    if (event.type === 'attempt-started') {
      const live = this.live.get(`${node}#${event.number}`)
      if (live) live.started = true
    }
    if (event.type === 'attempt-ended') this.noteEnd(node, event.number, event.result)
  }

  noteEnd(node: string, number: number, result: AttemptResult): void {
    const live = this.live.get(`${node}#${number}`)
    this.live.delete(`${node}#${number}`)
    const graphNode = nodeOf(this.graph, node)
    if (!live || graphNode.kind !== 'step') return
    const found = live.kind === 'reconcile' && result.outcome === 'success' ? result.reconcile?.verdict : undefined
    const { work } = graphNode
    const mayHaveActed = isChanging(work) || (isProgramStep(work) && work.type !== 'GitClone')
    if (live.kind === 'work' && result.outcome === 'unknown' && live.started && mayHaveActed) this.lost.add(node)
    if (found === 'resumable') this.lost.delete(node)
    if (found === 'complete' || (live.kind === 'work' && result.outcome === 'success')) this.wellSaid.add(node)
  }

  /** Carries the commands out and checks that each may be given. */
  obey({ state, commands }: Transition): void {
    for (const command of commands) {
      if (command.type === 'run-step' || command.type === 'reconcile') {
        expect([...this.live.keys()].filter((key) => key.startsWith(`${command.node}#`))).toEqual([])
        this.checkHold(command.node)
        if (command.type === 'run-step') expect(this.lost.has(command.node)).toBe(false)
        // Nothing runs with a value that nobody gave.
        if (command.type === 'run-step') expect(JSON.stringify(command.work)).not.toContain('executionInput')
        this.live.set(`${command.node}#${command.number}`, {
          kind: command.type === 'reconcile' ? 'reconcile' : 'work',
          started: false,
        })
      }
      if (command.type === 'cancel-attempt') expect(this.live.has(`${command.node}#${command.number}`)).toBe(true)
      if (command.type === 'send-mail') {
        expect(this.mails.has(command.node)).toBe(false)
        expect(this.aborted).toBe(false)
        this.mails.set(command.node, command.number)
      }
      if (command.type === 'drop-mail') expect(this.mails.delete(command.node)).toBe(true)
      if (command.type === 'request-approval') this.approvals.add(command.node)
      if (command.type === 'request-hold') {
        expect(this.holds.has(command.node)).toBe(false)
        this.holds.set(command.node, 'wanted')
      }
      if (command.type === 'release-hold') this.holds.delete(command.node)
      if (command.type === 'close-approval') expect(this.approvals.delete(command.node)).toBe(true)
      if (command.type === 'run-step' || command.type === 'request-approval' || command.type === 'send-mail') {
        expect(this.aborted).toBe(false)
        this.checkPredecessors(state, command.node)
      }
    }
    for (const node of this.approvals) if (state.nodes[node]?.status !== 'ApprovalWaiting') this.approvals.delete(node)
    // Between two events the state is JSON in a row.
    expect(JSON.parse(JSON.stringify(state))).toEqual(state)
    this.checkLoops(state)
    this.checkBarriers(state)
    this.state = state
  }

  /** A change begins only in a stage that has its instances, or has had them: a rollback of the pipeline goes back into it. */
  checkHold(id: string): void {
    const node = nodeOf(this.graph, id)
    const stage = withAncestors(this.graph, id).at(-1)?.id ?? ''
    if (node.kind === 'step' && isChanging(node.work) && !node.rollback) expect(this.holds.get(stage)).toBe('held')
  }

  /** Whoever goes on from a barrier leaves nobody behind who is yet to come. */
  checkBarriers(state: PipelineState): void {
    const refOf = (id: string): string | undefined => {
      const node = nodeOf(this.graph, id)
      return node.kind === 'step' && node.work.type === 'Barrier' ? node.work.barrierRef : undefined
    }
    for (const id of this.graph.order) {
      const ref = refOf(id)
      const { status, reason } = state.nodes[id] ?? {}
      const passed = ref !== undefined && status === 'Success' && reason === undefined
      if (!passed || this.wellSaid.has(id)) continue
      for (const other of this.graph.order)
        if (refOf(other) === ref) expect(isFinal(state.nodes[other]?.status ?? 'NotStarted')).toBe(true)
      this.wellSaid.add(id)
    }
  }

  /** Never more iterations of a loop at the same time than it allows. */
  checkLoops(state: PipelineState): void {
    const busy = new Map<string, number>()
    for (const id of this.graph.order) {
      const { iteration, parent } = nodeOf(this.graph, id)
      const status = state.nodes[id]?.status ?? 'NotStarted'
      if (iteration?.limit === undefined || status === 'NotStarted' || isFinal(status)) continue
      // The rollback of a pipeline goes back into stages that ended.
      if (state.rollback !== undefined && parent === null) continue
      const loopId = `${parent}.${iteration.of}`
      busy.set(loopId, (busy.get(loopId) ?? 0) + 1)
      expect(busy.get(loopId)).toBeLessThanOrEqual(iteration.limit)
    }
  }

  checkPredecessors(state: PipelineState, id: string): void {
    for (const level of withAncestors(this.graph, id)) {
      const parent = level.parent === null ? undefined : nodeOf(this.graph, level.parent)
      const section =
        !parent || parent.kind === 'step'
          ? this.graph.stages
          : [parent.steps, parent.rollbackSteps].find((s) => s.flat().includes(level.id))
      for (const batch of section ?? []) {
        if (batch.includes(level.id)) break
        for (const before of batch) expect(isFinal(state.nodes[before]?.status ?? 'NotStarted')).toBe(true)
      }
    }
  }

  checkTruth(): void {
    const { status, nodes } = this.state
    expect(isFinal(status)).toBe(true)
    expect([...this.live.keys()]).toEqual([])
    expect([...this.holds]).toEqual([])
    expect([...this.mails]).toEqual([])
    for (const id of this.graph.order) {
      const own = nodes[id]?.status ?? 'NotStarted'
      expect(isFinal(own)).toBe(true)
      const node = nodeOf(this.graph, id)
      if (node.kind !== 'step' || own !== 'Success') continue
      // A rule may say that work which changes nothing counts as done; of a change only its report or a person can.
      const byRule = nodes[id]?.reason?.includes('MarkAsSuccess') === true && !isChanging(node.work)
      expect(this.wellSaid.has(id) || byRule).toBe(true)
    }
    const stages = this.graph.stages.flat().map((id) => nodes[id]?.status ?? 'NotStarted')
    expect(positiveStatuses.has(status)).toBe(!this.aborted && stages.every((one) => positiveStatuses.has(one)))
    if (this.aborted) expect(['Aborted', 'Expired', 'Errored', 'Failed', 'ApprovalRejected']).toContain(status)
  }
}

// ---- any sequence of events ---------------------------------------------------------------------------------------
const result: fc.Arbitrary<AttemptResult> = fc.oneof(
  fc.constantFrom<AttemptResult>(
    { outcome: 'success', output: { preStartTag: 't' } },
    { outcome: 'failure', output: {}, fault: { code: 'change-set-failed', message: 'No.' } },
    { outcome: 'failure', output: {}, fault: { code: 'timed-out', message: 'Late.' } },
    { outcome: 'failure', output: {}, fault: { code: 'database-unreachable', message: 'Not there.' } },
    { outcome: 'cancelled', output: {} },
    { outcome: 'unknown', output: {} },
    { outcome: 'unknown', output: {} },
  ),
  fc.constantFrom('complete' as const, 'resumable' as const, 'unclear' as const).map((verdict) => ({
    outcome: 'success' as const,
    output: {},
    reconcile: { verdict, explanation: verdict },
  })),
)
const move = fc.record({
  pick: fc.nat({ max: 1000 }),
  what: fc.constantFrom(
    'accept',
    'start',
    'start',
    'end',
    'end',
    'end',
    'end',
    'requeue',
    'grant',
    'grant',
    'decide',
    'mail',
    'give',
    'resolve',
    'timer',
    'stale',
  ),
  rare: fc.integer({ min: 0, max: 60 }),
  result,
  approve: fc.boolean(),
  action: fc.constantFrom('Retry' as const, 'MarkAsFailure' as const, 'MarkAsSuccess' as const),
  kind: fc.constantFrom('timeout' as const, 'wait' as const, 'intervention' as const, 'retry' as const),
})
type Move = typeof move extends fc.Arbitrary<infer T> ? T : never

function eventOf(world: World, { pick, what, rare, result, approve, action, kind }: Move): PipelineEvent | undefined {
  const one = <T>(from: readonly T[]): T | undefined => from[pick % Math.max(1, from.length)]
  const byStatus = (status: string) => one(world.graph.order.filter((id) => world.state.nodes[id]?.status === status))
  if (rare === 0) return { type: 'abort', by: 'Dana' }
  if (rare === 1 || rare === 2) return { type: 'pause', by: 'Dana' }
  if (rare === 3 || rare === 4) return { type: 'resume-run' }
  const [key, live] = one([...world.live]) ?? []
  const [node = '', number = '0'] = key?.split('#') ?? []
  const at = { node, number: Number(number) }
  if (what === 'decide') {
    const waiting = byStatus('ApprovalWaiting')
    const decision = approve ? ('APPROVED' as const) : ('REJECTED' as const)
    return waiting === undefined ? undefined : { type: 'approval-decided', node: waiting, decision, reason: '' }
  }
  if (what === 'give') {
    const waiting = byStatus('InputWaiting')
    return waiting === undefined
      ? undefined
      : { type: 'inputs-given', node: waiting, inputs: valuesFor(world, waiting) }
  }
  if (what === 'mail') {
    const [mailed, mail] = one([...world.mails]) ?? []
    if (mailed === undefined || mail === undefined) return undefined
    if (rare === 5) return { type: 'mail-settled', node: mailed, number: mail + 7 }
    const fault = approve ? {} : { fault: { code: 'request-failed', message: 'No.' } as const }
    return { type: 'mail-settled', node: mailed, number: mail, ...fault }
  }
  if (what === 'resolve') {
    const waiting = byStatus('InterventionWaiting')
    return waiting === undefined ? undefined : { type: 'resolve', node: waiting, action, by: 'Dana', reason: '' }
  }
  if (what === 'grant') {
    const wanted = one([...world.holds].flatMap(([id, state]) => (state === 'wanted' ? [id] : [])))
    return wanted === undefined ? undefined : { type: 'hold-granted', node: wanted }
  }
  if (what === 'timer') return { type: 'timer', node: one(['', ...world.graph.order]) ?? '', kind }
  if (!live) return undefined
  if (what === 'stale') return { type: 'attempt-ended', ...at, number: at.number + 7, result }
  if (what === 'accept') return { type: 'attempt-accepted', ...at }
  if (what === 'requeue') return live.started ? undefined : { type: 'attempt-requeued', ...at }
  return what === 'start' ? { type: 'attempt-started', ...at } : { type: 'attempt-ended', ...at, result }
}

function valuesFor({ graph, state }: World, id: string): Record<string, string> {
  const node = nodeOf(graph, id)
  // A stage or group shows what its steps wait for, and may ask for something itself.
  if (node.kind !== 'step' && !state.nodes[id]?.asks) return {}
  const wanted = lateInputsOf(graph, node)
  expect(wanted).toHaveLength(1)
  return Object.fromEntries(wanted.map(({ key }) => [key, 'v1']))
}

/** Lets everything that is open end well, as it does when nobody interferes. */
function drain(world: World): void {
  for (let turn = 0; turn < 400 && !isFinal(world.state.status); turn += 1) {
    if (world.state.paused !== undefined) world.tell({ type: 'resume-run' })
    const [key, live] = [...world.live][0] ?? []
    const [node = '', number = '0'] = key?.split('#') ?? []
    const verdict = { verdict: 'complete', explanation: '' } as const
    const end: AttemptResult = {
      outcome: 'success',
      output: {},
      ...(live?.kind === 'reconcile' ? { reconcile: verdict } : {}),
    }
    for (const [id, state] of world.holds) if (state === 'wanted') world.tell({ type: 'hold-granted', node: id })
    if (live) world.tell({ type: 'attempt-ended', node, number: Number(number), result: end })
    for (const [id, mail] of world.mails) world.tell({ type: 'mail-settled', node: id, number: mail })
    for (const id of world.graph.order) {
      const status = world.state.nodes[id]?.status
      if (status === 'InputWaiting') world.tell({ type: 'inputs-given', node: id, inputs: valuesFor(world, id) })
      if (status === 'ApprovalWaiting')
        world.tell({ type: 'approval-decided', node: id, decision: 'APPROVED', reason: '' })
      if (status === 'InterventionWaiting')
        world.tell({ type: 'resolve', node: id, action: 'MarkAsFailure', by: 'Dana', reason: '' })
      if (status === 'Running') world.tell({ type: 'timer', node: id, kind: 'wait' })
      if (status === 'Queued') world.tell({ type: 'timer', node: id, kind: 'retry' })
    }
  }
}

test('any sequence of events on any document ends in a truthful state, and nothing is ever started that must not be', () => {
  fc.assert(
    fc.property(anyPipeline, fc.array(move, { maxLength: 60 }), (yaml, moves) => {
      const world = new World(yaml)
      for (const each of moves) {
        const event = eventOf(world, each)
        if (event) world.tell(event)
      }
      drain(world)
      world.checkTruth()
      // The same events give the same state, to the last letter.
      let again = begin(world.graph, facts).state
      for (const event of world.heard) again = transition(world.graph, again, event).state
      expect(again).toEqual(world.state)
    }),
    { numRuns: 120 },
  )
})

test('a run that goes on from another runs nothing of the stages that it keeps, and ends as truthfully', () => {
  fc.assert(
    fc.property(
      anyPipeline,
      fc.array(move, { maxLength: 60 }),
      fc.array(move, { maxLength: 30 }),
      (yaml, moves, more) => {
        const play = (world: World, all: readonly Move[]): World => {
          for (const each of all) {
            const event = eventOf(world, each)
            if (event) world.tell(event)
          }
          drain(world)
          return world
        }
        const earlier = play(new World(yaml), moves)
        const found = keptStages(earlier.graph, earlier.state, undefined)
        if ('problem' in found) return
        const later = play(new World(yaml, found.kept), more)
        later.checkTruth()
        const rolledBack = later.state.rollback !== undefined
        for (const [id, node] of Object.entries(found.kept)) {
          const { status, attempts } = later.state.nodes[id] ?? {}
          // Only the rollback of the whole pipeline goes back into them.
          if (rolledBack || nodeOf(later.graph, id).rollback) continue
          expect([id, status, attempts]).toEqual([id, node.status, 0])
        }
      },
    ),
    { numRuns: 60 },
  )
})
