// `sluice connector` and `sluice instance`: tasks of a manager from a terminal: test, preview, snapshot, diff, sync.
import { type Command, Option } from 'commander'
import { isTaskOver, type Task } from '#contract/api/task'
import { Fault } from '#contract/fault'
import { addManagerClient, type ClientFlags, connectClient } from '../setup/client.ts'
import type { ApiClient } from '../setup/session.ts'
import type { Terminal } from '../terminal.ts'

interface TaskFlags extends ClientFlags {
  readonly org: string
  readonly project: string
  readonly timeout?: string
  readonly format: 'text' | 'json'
}
interface RevisionFlags extends TaskFlags {
  readonly branch?: string
  readonly commit?: string
  readonly tag?: string
}
interface TestFlags extends RevisionFlags {
  readonly repository?: string
}
interface DiffFlags extends TaskFlags {
  readonly against?: string
  readonly snapshot?: string
}

/** Seconds of one call. */
const wait = 5
type Ask = (client: ApiClient, place: { readonly org: string; readonly project: string }) => Promise<Task>

const common = (command: Command): Command =>
  addManagerClient(command)
    .option('--org <identifier>', 'organization', 'default')
    .option('--project <identifier>', 'project', 'default')
    .option('--timeout <seconds>', 'for waiting and working together, 5 to 3600')
    .addOption(
      new Option('--format <format>', 'what is printed on standard output').choices(['text', 'json']).default('text'),
    )
const withRevision = (command: Command): Command =>
  command
    .option('--branch <name>', 'this branch')
    .option('--commit <sha>', 'this commit')
    .option('--tag <name>', 'this tag')

export function configure(command: Command, terminal: Terminal): void {
  if (command.name() === 'connector') configureConnector(command, terminal)
  else configureInstance(command, terminal)
}

function configureConnector(command: Command, terminal: Terminal): void {
  command.description('Test a connector of a manager from where a delegate runs')
  withRevision(common(command.command('test').description('test whether it can be reached and takes the credentials')))
    .argument('<connector>', 'identifier; org.id or account.id for a wider scope')
    .option('--repository <name>', 'behind the address of a connector for a whole account')
    .action((connector: string, flags: TestFlags) =>
      perform(flags, terminal, (client, place) => {
        const repository = flags.repository === undefined ? {} : { repository: flags.repository }
        const body = { ...limitOf(flags), ...revisionOf(flags), ...repository }
        return client.testConnector({ params: { ...place, connector }, body })
      }),
    )
}

function configureInstance(command: Command, terminal: Terminal): void {
  command.description('Ask for something about a DB instance of a manager, done where a delegate reaches its database')
  const about = (name: string, description: string): Command =>
    common(command.command(name).description(description))
      .argument('<schema>', 'identifier of the DB schema')
      .argument('<instance>', 'identifier of the DB instance')
  type Call = { readonly params: Parameters<ApiClient['testInstance']>[0]['params']; readonly body: LimitBody }
  const act =
    (method: (client: ApiClient, call: Call) => Promise<Task>) =>
    (dbschema: string, dbinstance: string, flags: TaskFlags): Promise<void> =>
      perform(flags, terminal, (client, place) =>
        method(client, { params: { ...place, dbschema, dbinstance }, body: limitOf(flags) }),
      )
  about('test', 'test its database, its repository, and that the changelog is there').action(
    act((client, call) => client.testInstance(call)),
  )
  withRevision(about('preview', 'show the SQL that would run')).action(
    (dbschema: string, dbinstance: string, flags: RevisionFlags) =>
      perform(flags, terminal, (client, place) => {
        const body = { ...limitOf(flags), ...revisionOf(flags) }
        return client.previewInstance({ params: { ...place, dbschema, dbinstance }, body })
      }),
  )
  about('snapshot', 'take a snapshot and keep it').action(act((client, call) => client.takeSnapshot(call)))
  about('diff', 'show what differs from another instance, or from a snapshot')
    .option('--against <instance>', 'another instance of the schema')
    .option('--snapshot <task>', 'the id of the task that took a snapshot')
    .action((dbschema: string, dbinstance: string, flags: DiffFlags) =>
      perform(flags, terminal, (client, place) => {
        const { against, snapshot } = flags
        const reference = {
          ...(against === undefined ? {} : { dbInstance: against }),
          ...(snapshot === undefined ? {} : { snapshot }),
        }
        return client.diffInstance({
          params: { ...place, dbschema, dbinstance },
          body: { ...limitOf(flags), ...reference },
        })
      }),
    )
  about('sync', 'read the history in its database, after changes outside of Sluice').action(
    act((client, call) => client.syncInstance(call)),
  )
}

interface LimitBody {
  readonly timeoutSeconds?: number
}
const limitOf = ({ timeout }: TaskFlags): LimitBody =>
  timeout === undefined ? {} : { timeoutSeconds: Number(timeout) }
const revisionOf = ({ branch, commit, tag }: RevisionFlags) => ({
  ...(branch === undefined ? {} : { branch }),
  ...(commit === undefined ? {} : { commit }),
  ...(tag === undefined ? {} : { tag }),
})

/** The exit code is 0 when it succeeded; when not, that of what went wrong. */
async function perform(flags: TaskFlags, terminal: Terminal, ask: Ask): Promise<void> {
  const client = await connectClient(flags, terminal.environment)
  const place = { org: flags.org, project: flags.project }
  const task = await follow(client, place, await ask(client, place), terminal)
  if (flags.format === 'json') terminal.out(JSON.stringify(task))
  if (task.status !== 'succeeded') throw faultOf(task)
  if (flags.format === 'text') terminal.out(await resultOf(client, place, task))
}

async function follow(
  client: ApiClient,
  place: { readonly org: string; readonly project: string },
  first: Task,
  { err, signal }: Terminal,
): Promise<Task> {
  let told = ''
  for (let task = first; ; ) {
    const text = task.status === 'queued' && task.statusReason ? `queued: ${task.statusReason}` : task.status
    if (text !== told) {
      err(text)
      if (task.status === 'queued') for (const { reason } of task.considered) err(`  ${reason}`)
    }
    told = text
    if (isTaskOver(task.status)) return task
    task = await client.getTask({ params: { ...place, task: task.id }, query: { wait } }, signal)
  }
}

function faultOf({ id, kind, status, fault }: Task): Fault {
  if (!fault) return new Fault('cancelled', `The ${kind} ${id} is ${status}.`)
  const { code, message, hint, diagnostics = [] } = fault
  return new Fault(code, message, { diagnostics, ...(hint === undefined ? {} : { hint }) })
}

async function resultOf(
  client: ApiClient,
  place: { readonly org: string; readonly project: string },
  { id, kind, output }: Task,
): Promise<string> {
  const params = { ...place, task: id }
  switch (kind) {
    case 'preview': {
      const { sql, digest } = await client.getTaskPlan({ params })
      return `${sql}\n-- plan ${digest}`
    }
    case 'diff':
      return (await client.getTaskResult({ params: { ...params, result: 'diff' } })).text.trimEnd()
    case 'snapshot':
      return `Snapshot ${id} with ${String(output['objects'])} objects`
    case 'sync':
      return `${String(output['deployed'])} of ${String(output['changeSets'])} change sets are deployed`
    case 'connection-test':
      break
  }
  const checks = output['checks'] as readonly { what: string; detail: string }[]
  return checks.map(({ what, detail }) => `${what}: ${detail}`).join('\n')
}
