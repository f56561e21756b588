// `sluice secrets self-test`: a whole release on this machine with a secret made up for it, and then a look everywhere.
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Logger, pino } from 'pino'
import type { Execution } from '#contract/api/execution'
import { Fault } from '#contract/fault'
import { openDatabase } from '#database/open'
import type { DelegateLog } from '#delegate/log'
import { type ApiClient as KubernetesClient, createApiClient } from '#delegate/runner/kubernetes/client'
import { findCluster } from '#delegate/runner/kubernetes/credential'
import { type KubernetesSettings, loadKubernetesSettings } from '#delegate/runner/kubernetes/settings'
import type { Runner } from '#delegate/runner/port'
import type { FirstUser } from '#manager/identity/bootstrap'
import { followExecution } from '../demo/follow.ts'
import { openRunner } from '../process/runner.ts'
import { startUp } from '../process/up.ts'
import { ensureEntities } from '../setup/entity.ts'
import { type ApiClient, signIn } from '../setup/session.ts'
import type { Terminal } from '../terminal.ts'
import { everyAnswer } from './answer.ts'
import { type ClusterWatch, watchCluster } from './cluster.ts'
import { type GitServer, startGitServer } from './git-server.ts'
import { createNeedle, lookInFiles, type Needle, type ProcessWatch, watchProcesses } from './look.ts'
import { absentTable, changelog, instance, pipelineYaml, scope, setupOf } from './release.ts'

/** What was found at one place. `expected`: it has to be there, otherwise the test has proven nothing. */
export interface Finding {
  readonly place: string
  readonly expected: 'absent' | 'present'
  readonly seen: boolean
  readonly detail: string
}

const person: FirstUser = {
  email: 'self-test@sluice.example',
  name: 'Self-test',
  role: 'admin',
  password: randomBytes(18).toString('base64url'),
}

/** Steps as pods. */
export interface ClusterChoice {
  readonly settingsFile: string
  readonly kubeconfig: string | undefined
  /** Of this machine, as pods reach it. */
  readonly address: string
}

/** Exit code: 0 when the secret was seen only where it has to be. Raises the fault of a release that could not be made. */
export async function selfTest(terminal: Terminal, cluster?: ClusterChoice): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-self-test-'))
  try {
    const findings = await runSelfTest(folder, cluster)
    for (const { place, expected, seen, detail } of findings) {
      const verdict = seen === (expected === 'present') ? 'ok  ' : 'FAIL'
      terminal.out(`${verdict} ${seen ? 'seen    ' : 'not seen'}  ${place}${detail === '' ? '' : ` (${detail})`}`)
    }
    const failed = findings.filter(({ expected, seen }) => seen !== (expected === 'present')).length
    terminal.out(
      failed === 0 ? 'The secret was seen only where it has to be.' : `${failed} places are not as they have to be.`,
    )
    return failed === 0 ? 0 : 1
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Signs and letters that every language escapes in its own way; no apostrophe, because the change writes it as it is into SQL. */
const newSecret = (): string => `S"e&l<f>\\$/ä ${randomBytes(12).toString('base64url')}`

async function runSelfTest(folder: string, choice: ClusterChoice | undefined): Promise<readonly Finding[]> {
  const secret = newSecret()
  const needle = createNeedle(secret)
  const git = await startGitServer(
    join(folder, 'git'),
    { 'changelog.sql': changelog },
    { username: 'reader', password: secret },
    choice?.address ?? '127.0.0.1',
  )
  const cluster = choice && (await openCluster(choice, needle))
  const watch = watchProcesses(needle)
  const data = join(folder, 'data')
  // That of a pod goes with it.
  const target = `jdbc:sqlite:${cluster ? '/tmp/target.db' : join(folder, 'target.db')}`
  const inFiles = new Set<string>()
  const looking = setInterval(() => {
    // Where steps work; the store is looked at in the end, it is large.
    for (const name of lookInFiles(needle, join(data, 'delegate')).found) inFiles.add(name)
  }, 100)
  try {
    const { log, answers } = await release({ data, target, git, secret, choice })
    await watch?.stop()
    await cluster?.watch.stop()
    clearInterval(looking)
    const last = lookInFiles(needle, data)
    for (const name of last.found) inFiles.add(name)
    return [
      ...ofProcesses(watch, cluster !== undefined),
      ...(cluster ? ofCluster(cluster) : []),
      absent(
        'files of manager, delegate and step (store, keys, spool, sources)',
        [...inFiles],
        `${last.read} files at the end`,
      ),
      absent('log of manager and delegate', needle.isIn(log) ? ['log'] : [], `${log.length} characters`),
      ...answers.map(({ name, text }) =>
        absent(name, needle.isIn(text) ? ['answer'] : [], `${text.length} characters`),
      ),
      ...(cluster ? [] : await ofTarget(needle, target)),
      {
        place: 'password at the Git server',
        expected: 'present',
        seen: git.admitted > 0,
        detail: `${git.admitted} requests admitted`,
      },
    ]
  } finally {
    clearInterval(looking)
    await watch?.stop()
    await cluster?.watch.stop()
    cluster?.client.close()
    git.close()
  }
}

const absent = (place: string, found: readonly string[], looked: string): Finding => ({
  place,
  expected: 'absent',
  seen: found.length > 0,
  detail: found.length > 0 ? found.slice(0, 5).join(', ') : looked,
})

interface OpenCluster {
  readonly client: KubernetesClient
  readonly watch: ClusterWatch
  readonly namespace: string
  readonly injection: KubernetesSettings['secretInjection']
}

async function openCluster({ settingsFile, kubeconfig }: ClusterChoice, needle: Needle): Promise<OpenCluster> {
  const settings = await loadKubernetesSettings(settingsFile)
  const access = await findCluster(kubeconfig, process.env)
  const namespace = settings.namespace ?? access.namespace
  if (namespace === undefined) throw new Fault('usage', `${settingsFile} names no namespace.`)
  const client = createApiClient(access)
  const watch = watchCluster(client, namespace, needle)
  return { client, watch, namespace, injection: settings.secretInjection }
}

function ofCluster({ watch, namespace, injection }: OpenCluster): Finding[] {
  const { pods, objects, secrets, logs, looks, refused } = watch
  const looked = `${looks} looks at the namespace ${namespace}`
  const inSecrets: Finding =
    injection === 'file'
      ? { place: 'Secrets of the pods, while they start', expected: 'present', seen: secrets.size > 0, detail: looked }
      : absent('Secrets of the pods', [...secrets], looked)
  return [
    { place: 'pods of the steps', expected: 'present', seen: pods.size > 0, detail: `${pods.size} pods` },
    absent('other objects: Pods, ConfigMaps, Events, claims', [...objects], looked),
    inSecrets,
    absent('what containers say', [...logs], looked),
    // What may not be looked at proves nothing.
    absent('kinds that could not be looked at', [...refused], 'this kubeconfig may see all that counts'),
  ]
}

function ofProcesses(watch: ProcessWatch | undefined, inPods: boolean): Finding[] {
  if (!watch)
    return [
      {
        place: 'arguments and environments of processes',
        expected: 'present',
        seen: false,
        detail: 'this system has no /proc; nothing was looked at',
      },
    ]
  const has = (pattern: RegExp): boolean => [...watch.seen].some((line) => pattern.test(line))
  const looked = `${watch.looks} looks at ${watch.seen.size} processes`
  return [
    absent('arguments of all processes', [...watch.arguments], looked),
    absent('environments of all processes', [...watch.environments], looked),
    // Processes of pods are seen only where this machine is their node.
    ...(inPods ? [] : ofOwnProcesses(has)),
  ]
}

/** Without these two what was not seen proves nothing. */
function ofOwnProcesses(has: (pattern: RegExp) => boolean): Finding[] {
  return [
    { place: 'the step among the processes looked at', expected: 'present', seen: has(/main\.js step$/), detail: '' },
    { place: 'git among the processes looked at', expected: 'present', seen: has(/^git\b/), detail: '' },
  ]
}

interface Released {
  readonly log: string
  readonly answers: readonly { readonly name: string; readonly text: string }[]
}

/** Manager, delegate and a pipeline whose apply writes the secret into a table and then fails with the secret in its statement. */
async function release(options: {
  readonly data: string
  readonly target: string
  readonly git: GitServer
  readonly secret: string
  readonly choice: ClusterChoice | undefined
}): Promise<Released> {
  const lines: string[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) })
  const ending = new AbortController()
  const { signal } = ending
  const prepare = async (users: { ensureUser(user: FirstUser): Promise<boolean> }): Promise<void> =>
    void (await users.ensureUser(person))
  const { data, choice } = options
  const host = choice?.address ?? '127.0.0.1'
  const common = { data, store: undefined, host, port: 0, secure: false, trustProxy: false }
  const pods = choice && (await podRunner(choice, log, signal))
  const up = await startUp({ ...common, log, prepare, capacity: 2, ...pods }, signal)
  try {
    const { url } = up.process.manager
    const client = await signIn(url, person.email, person.password ?? '')
    await prepareEntities(client, options)
    const params = { ...scope, pipeline: 'self_test' }
    const started = await client.executePipeline({ params }, signal)
    const execution = started.execution_details.execution_id
    mustEndAsMade(await followExecution(client, scope, execution, { line: () => {}, said: new Map() }, signal))
    const answers = await everyAnswer(client, execution)
    await up.close()
    return { log: lines.join(''), answers }
  } catch (error) {
    await up.close().catch(() => {})
    throw error
  } finally {
    // The runner of pods looks after them until then, and would keep the process.
    ending.abort(new Error('the self-test ended'))
  }
}

/**
 * The second change set fails at the table that its statement names. Raises the fault of a release that ended otherwise: then nothing was
 * found out of the secret, and a list of places where it was not seen would call that a leak.
 */
export function mustEndAsMade({ status, nodes }: Pick<Execution, 'status' | 'nodes'>): void {
  const { fault, statusReason } =
    nodes.find((node) => node.kind === 'step' && node.fault !== undefined) ??
    nodes.find((node) => node.kind === 'step' && node.statusReason !== undefined) ??
    {}
  if (fault?.message.includes(absentTable)) return
  const reason = fault?.message ?? statusReason ?? `its status is ${status}`
  throw new Fault(
    fault?.code ?? 'step-died',
    `The release of the self-test went wrong, so nothing was tested: ${reason}`,
    {
      hint: fault?.hint ?? 'Look at the log of the delegate, then run it again.',
    },
  )
}

async function podRunner(
  { settingsFile, kubeconfig }: ClusterChoice,
  log: Logger,
  signal: AbortSignal,
): Promise<{ readonly runner: Runner; readonly allowPlainHttp: true }> {
  const flags = { runner: 'kubernetes', kubernetesSettings: settingsFile, ...(kubeconfig ? { kubeconfig } : {}) }
  const say: DelegateLog = (level, message, details) => log[level](details ?? {}, message)
  return { runner: await openRunner(flags, 'self-test', say, process.env, signal), allowPlainHttp: true }
}

async function prepareEntities(
  client: ApiClient,
  { git, target, secret }: { readonly git: GitServer; readonly target: string; readonly secret: string },
): Promise<void> {
  await ensureEntities(client, setupOf({ gitUrl: git.url, target, secret, pipelineYaml }))
  const params = { ...scope, dbschema: 'self_test', dbinstance: instance }
  await client.updateDbInstance({
    params,
    body: { substituteProperties: { shown: '<+secrets.getValue("self_test")>' } },
  })
}

/** The table that the change wrote has it, history and journal have not. */
async function ofTarget(needle: Needle, url: string): Promise<Finding[]> {
  const database = await openDatabase({ url, username: undefined, password: undefined })
  try {
    const names = await database.session.execute(`select name from sqlite_master where type = 'table'`)
    const findings: Finding[] = []
    for (const { name } of names.rows) {
      const { rows } = await database.session.execute(`select * from "${String(name)}"`)
      const text = rows.map((row) => Object.values(row).map(String).join('\n')).join('\n')
      findings.push({
        place: `table ${String(name)} of the database`,
        expected: name === 'self_test' ? 'present' : 'absent',
        seen: needle.isIn(text),
        detail: `${rows.length} rows`,
      })
    }
    // Not written: then the change did not run, and nothing above proves anything.
    if (!findings.some(({ place }) => place.includes('self_test')))
      findings.push({ place: 'table self_test of the database', expected: 'present', seen: false, detail: 'not there' })
    return findings
  } finally {
    await database.session.close()
  }
}
