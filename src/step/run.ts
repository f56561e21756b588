// One attempt from its document to its report: fetch, start, open, work, finish.
import { hostname, networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { attemptFiles } from '#contract/delegate/attempt-folder'
import type { Fetch } from '#contract/client'
import { type Clock, systemClock } from '#contract/delegate/repeat'
import { type LeftResult, type StepDocument, stepDocumentSchema } from '#contract/delegate/step-document'
import { isProgramWork, type ProgramWork } from '#contract/delegate/program-work'
import {
  credentialsOf,
  type LookWork,
  type PipelineTarget,
  type SourceSpec,
  type TargetWork,
} from '#contract/delegate/step-spec'
import { formatDiagnostic } from '#contract/diagnostic'
import { podPaths } from '#contract/delegate/pod-folder'
import { Fault } from '#contract/fault'
import { openFetch } from '#outward/fetch'
import { readOutward, withoutCertificate } from '#outward/setting'
import type { EngineContext } from '#engine/context'
import type { StepLog, StepPorts } from './boot.ts'
import { judgeEnding, maskedRecord } from './outcome.ts'
import { ownFolder } from './own-folder.ts'
import { finishAttempt } from './report/finish.ts'
import { keepLease, type Lease } from './report/lease.ts'
import { openOutbox, type Outbox } from './report/outbox.ts'
import { openWire, type Wire } from './report/wire.ts'
import { fetchSource } from './source/fetch.ts'
import type { Tool } from './pod/beside.ts'
import { countRenewals, writePhase } from './state.ts'
import { createStop, type Stop } from './stop.ts'
import type { CommandWork } from './work/command.ts'
import type { TestAndPreview } from './work/test-preview.ts'
import type { WorkContext, WorkResult } from './work/context.ts'
import { type Credentials, credentialChoices, openProperties, withFirstAccepted } from './work/credential.ts'

/** Everything that lives as long as the attempt. */
interface Attempt {
  readonly document: StepDocument
  readonly log: StepLog
  readonly line: (text: string) => void
  readonly clock: Clock
  readonly wire: Wire
  readonly lease: Lease
  readonly outbox: Outbox
  readonly stop: Stop
  readonly ports: StepPorts
  /** For all but the manager. */
  readonly fetch: Fetch
}

async function openAttempt(document: StepDocument, log: StepLog, ports: StepPorts): Promise<Attempt> {
  const outward = readOutward(ports.environment)
  const nodeTrusts = ports.environment['NODE_EXTRA_CA_CERTS']
  const toManager = await openFetch(outward, nodeTrusts)
  const fetch = await openFetch(withoutCertificate(outward), nodeTrusts)
  const { managerUrl, attemptToken, fence, spec } = document
  const { attempt } = spec
  const clock = systemClock
  const line = (text: string): void => log.channel.line(text)
  const wire = openWire({
    managerUrl,
    attempt,
    attemptToken,
    fence,
    clock,
    random: ports.random,
    line,
    fetch: toManager,
  })
  const stop = createStop(spec.timeoutSeconds, clock, line)
  const onRenewal = countRenewals(document.folder)
  const lease = keepLease({ wire, line, onRenewal, onCancel: (reason) => stop.cancel(reason) })
  const outbox = openOutbox({ wire, lease, line })
  // The manager knows who wants it to stop, and why; without it the signal is enough.
  const onTerminate = (): void => void lease.ask().then(() => stop.end(unasked(ports)))
  ports.terminate.addEventListener('abort', onTerminate, { once: true })
  if (ports.terminate.aborted) onTerminate()
  return { document, log, line, clock, wire, lease, outbox, stop, ports, fetch }
}

/** Why a step is told to end whose manager says nothing of it: in a pod that is not the delegate, which deletes only what was cancelled. */
function unasked({ prepared }: StepPorts): Fault {
  if (!prepared) return new Fault('cancelled', 'The delegate asked the step to stop.')
  return new Fault('step-died', 'Its pod was told to end: evicted, preempted, deleted, or its node is going away.', {
    hint: 'What it was doing was cancelled and rolled back; run it again when the cluster has room.',
  })
}

/** Tells the manager that the target is about to be opened: its last chance to say no. */
async function start({ document, wire, lease, clock, stop, ports }: Attempt): Promise<void> {
  await lease.held(stop.signal)
  await writePhase(document.folder, 'started')
  ports.prepared?.left('started')
  await wire.call(async (signal) => {
    const sentAt = clock.elapsed()
    const { attempt, fence } = wire
    lease.renewed(sentAt, await wire.client.start({ params: { attempt }, body: { fence } }, signal))
  }, stop.signal)
  stop.signal.throwIfAborted()
}

/** Folder with the files of the changelog: fetched here, or before this container started. */
async function fetchedRoot({ document, line, stop, ports, fetch: send }: Attempt, source: SourceSpec): Promise<string> {
  const { folder } = document
  const { prepared, environment } = ports
  if (prepared) {
    for (const text of await prepared.lines()) line(text)
    return prepared.root
  }
  const place = { source, folder: join(folder, attemptFiles.source), environment, line, fetch: send }
  const fetch = (credentials: Credentials) => fetchSource({ ...place, credentials }, stop.signal)
  const { root } = await withFirstAccepted(credentialChoices(document, credentialsOf(source)), fetch, line)
  return root
}

/** An image of somebody else does the work; what the manager wants to know of it is asked and told here. */
async function workInTool(
  attempt: Attempt,
  work: PipelineTarget,
  tool: Tool,
  onBegun: () => void,
): Promise<WorkResult> {
  const { document, log, line, outbox, stop } = attempt
  const openEngine = engineOf(attempt, work)
  const [credentials] = credentialChoices(document, work.connection)
  const { performStock } = await import('./work/stock.ts')
  const root = await fetchedRoot(attempt, work.source)
  const { masking } = log
  return await performStock({
    work,
    tool,
    root,
    state: {
      outbox,
      masking,
      line,
      signal: stop.signal,
      withEngine: async (use, signal) => {
        const engine = await openEngine(root, signal)
        try {
          return await use(engine)
        } finally {
          await engine.close()
        }
      },
    },
    credentials: credentials ?? {},
    properties: openProperties(document, work.substituteProperties),
    outbox,
    streams: log.streams,
    line,
    write: (chunk) => log.channel.write(chunk),
    begin: async () => {
      await start(attempt)
      onBegun()
    },
    signal: stop.signal,
  })
}

async function doWork(attempt: Attempt, onBegun: () => void): Promise<WorkResult> {
  const { work } = attempt.document.spec
  if (isProgramWork(work)) return workAside(attempt, work, onBegun)
  if (work.type === 'ConnectionTest' || work.type === 'Snapshot' || work.type === 'SchemaDiff')
    return look(attempt, work)
  if (work.type === 'LiquibaseCommand' && work.withoutChangelog) return commandAlone(attempt, work, onBegun)
  return workOnTarget(attempt, work, onBegun)
}

async function candidateIn(folder: string, work: TestAndPreview) {
  const { writeCandidate } = await import('./work/test-preview.ts')
  return await writeCandidate(work, folder)
}

/** A command that was told to do without the changelog: nothing is fetched. */
async function commandAlone(attempt: Attempt, work: CommandWork, onBegun: () => void): Promise<WorkResult> {
  const { document, log, line, wire, outbox, stop } = attempt
  const { masking, streams } = log
  const [{ withTarget }, { runBareCommand }] = await Promise.all([
    import('./work/look.ts'),
    import('./work/command.ts'),
  ])
  await start(attempt)
  onBegun()
  const folder = await ownFolder(document)
  const context = { document, work, outbox, wire, masking, streams, line, folder, signal: stop.signal }
  return await withTarget(context, work.connection, (target) => runBareCommand(context, target))
}

/** Scripts and requests: no changelog is fetched and no database opened. */
async function workAside(attempt: Attempt, work: ProgramWork, onBegun: () => void): Promise<WorkResult> {
  const { document, line, log, outbox, stop, ports } = attempt
  const { performProgram } = await import('./program/perform.ts')
  const begin = async (): Promise<void> => {
    await start(attempt)
    onBegun()
  }
  const { environment, prepared } = ports
  const { channel, masking } = log
  const tool = prepared?.tool
  const context = { work, document, line, channel, masking, outbox, environment, begin, signal: stop.signal }
  return await performProgram({ ...context, ...(tool ? { tool } : {}) })
}

/** What changes nothing and has no changelog to follow. */
async function look(attempt: Attempt, work: LookWork): Promise<WorkResult> {
  const { document, log, line, wire, outbox, stop, fetch } = attempt
  const { masking, streams } = log
  await start(attempt)
  const context = { document, outbox, wire, masking, streams, line, signal: stop.signal }
  switch (work.type) {
    case 'Snapshot':
      return (await import('./work/snapshot.ts')).takeSnapshot({ ...context, work })
    case 'SchemaDiff':
      return (await import('./work/schema-diff.ts')).compareSchemas({ ...context, work })
    case 'ConnectionTest':
      break
  }
  const { testConnections } = await import('./work/connection-test.ts')
  const { folderSource } = await import('#changelog/folder')
  const { source } = work
  return testConnections({
    ...context,
    work,
    fetch,
    isPod: attempt.ports.prepared !== undefined,
    fetchSource: async () => (source ? await fetchedRoot(attempt, source) : ''),
    hasFile: async (root, path) => (await folderSource([root]).read(path)) !== undefined,
  })
}

/** Opens the database with the changelog in a folder, or a `candidate` for it, by the first credentials that it accepts. */
type OpenEngine = (
  root: string,
  signal: AbortSignal,
  candidate?: { readonly root: string; readonly file: string },
) => Promise<EngineContext>

/** Raises at once what is missing among the secrets. */
function engineOf({ document, line, clock }: Attempt, work: TargetWork): OpenEngine {
  const forTarget = credentialChoices(document, work.connection)
  const parameters = openProperties(document, work.substituteProperties)
  // Loaded while git is busy.
  const loading = Promise.all([import('#engine/open'), import('#changelog/folder'), import('#engine/host')])
  loading.catch(() => {})
  return async (root, signal, candidate) => {
    const [{ openContext }, { folderSource }, { describeHost }] = await loading
    const target = {
      files: folderSource(candidate ? [candidate.root, root] : [root]),
      changelogFile: candidate?.file ?? work.source.path,
      contexts: work.contexts,
      labelFilter: work.labelFilter,
      parameters,
      ...(work.environment === undefined ? {} : { environment: work.environment }),
      host: describeHost(hostname(), networkInterfaces()),
      run: document.spec.attempt,
      clock: () => clock.now(),
      log: line,
    }
    const { url } = work.connection
    return await withFirstAccepted(
      forTarget,
      ({ username, password }) => openContext({ ...target, connection: { url, username, password } }, signal),
      line,
    )
  }
}

async function workOnTarget(attempt: Attempt, work: TargetWork, onBegun: () => void): Promise<WorkResult> {
  const { tool } = attempt.ports.prepared ?? {}
  if (tool && work.type !== 'HistorySync' && work.type !== 'LiquibaseCommand' && work.type !== 'DBTestAndPreview')
    return await workInTool(attempt, work, tool, onBegun)
  const { document, log, line, stop } = attempt
  const openEngine = engineOf(attempt, work)
  const loading = import('./work/perform.ts')
  loading.catch(() => {})
  const root = await fetchedRoot(attempt, work.source)
  const { perform } = await loading
  await start(attempt)
  onBegun()
  const folder = await ownFolder(document)
  const candidate = work.type === 'DBTestAndPreview' ? await candidateIn(folder, work) : undefined
  const engine = await openEngine(root, stop.signal, candidate)
  try {
    for (const warning of engine.warnings) line(formatDiagnostic(warning))
    const { outbox, lease } = attempt
    const context: WorkContext = {
      spec: document.spec,
      folder,
      work,
      engine,
      outbox,
      lease,
      masking: log.masking,
      streams: log.streams,
      line,
      signal: stop.signal,
    }
    return await perform(context)
  } finally {
    // What was done is done, however the connection ends.
    await engine.close().catch((error: unknown) => line(`The database could not be closed: ${String(error)}`))
  }
}

const endingTitles = { failure: 'Failed', cancelled: 'Cancelled', unknown: 'Outcome unknown' } as const

async function resultOf(attempt: Attempt): Promise<LeftResult> {
  const { document, line, stop, lease, log } = attempt
  const { fence, spec } = document
  let begun = false
  try {
    const { output, reconcile } = await doWork(attempt, () => {
      begun = true
    })
    return { fence, outcome: 'success', output: log.masking.value(output), ...(reconcile ? { reconcile } : {}) }
  } catch (error) {
    const ending = judgeEnding({ error, type: spec.work.type, begun, stopped: stop.signal.reason })
    const { fault } = ending
    for (const diagnostic of fault.diagnostics) line(formatDiagnostic(diagnostic))
    line(`${endingTitles[ending.outcome]}: ${fault.message} (${fault.code})`)
    if (ending.outcome !== 'cancelled') line(`What to do: ${fault.hint}`)
    if (fault.code === 'bug' && fault.cause instanceof Error) line(fault.cause.stack ?? fault.cause.message)
    if (lease.lost) line('The manager has given this attempt up; its report will be refused')
    return {
      fence,
      outcome: ending.outcome,
      output: {},
      fault: maskedRecord(fault, (value) => log.masking.value(value)),
    }
  }
}

/** See `bootStep`. */
export async function runStep(input: unknown, log: StepLog, ports: StepPorts): Promise<number> {
  const parsed = stepDocumentSchema.safeParse(input)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new Fault('invalid-input', `The document is not as agreed: ${issue?.path.join('.')} ${issue?.message}`)
  }
  // Mounted, where the group has one.
  const shared = ports.prepared && parsed.data.spec.workspace ? { workspace: podPaths.workspace } : {}
  const attempt = await openAttempt({ ...parsed.data, ...shared }, log, ports)
  const begunAt = attempt.clock.elapsed()
  const result = await resultOf(attempt)
  attempt.stop.close()
  const seconds = ((attempt.clock.elapsed() - begunAt) / 1000).toFixed(1)
  attempt.line(`Step ended: ${result.outcome} after ${seconds} s`)
  return await finishAttempt({ ...attempt, result, left: ports.prepared?.left })
}
