// `sluice demo`: one process with a seeded project, run up to an approval; `--once` goes on to the end by itself.
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { Fault } from '#contract/fault'
import type { Users } from '#manager/main'
import { ensureRepository } from '../demo/repository.ts'
import { demoSetup } from '../demo/setup.ts'
import { allDeployed, approveAndFinish, migrationState, releaseShop } from '../demo/run.ts'
import type { Teller } from '../demo/follow.ts'
import { admin, approver, developer, people } from '../demo/people.ts'
import { matrixTable } from '../demo/report.ts'
import { type DemoTargets, embeddedTargets, serverTargets } from '../demo/target.ts'
import { examplesDirectory } from '../process/built.ts'
import { createLog } from '../process/log.ts'
import { addManagerOptions, type ManagerFlags, managerOptions } from '../process/option.ts'
import { stopOnSignals } from '../process/stop.ts'
import { startUp } from '../process/up.ts'
import { ensureEntities } from '../setup/entity.ts'
import { signIn } from '../setup/session.ts'

interface DemoFlags extends ManagerFlags {
  readonly once: boolean
  readonly database?: string
  readonly username?: string
  readonly passwordFile?: string
}

export function configure(command: Command): void {
  addManagerOptions(command.description('Seed a web shop project and release its database up to an approval'), {
    data: '.sluice/demo',
  })
    .option('--once', 'approve as the second person, wait, print what is deployed where, and end', false)
    .option(
      '--database <jdbc url>',
      'run on a PostgreSQL server instead of embedded databases: jdbc:postgresql://host:5432/postgres',
    )
    .option('--username <name>', 'user on that server')
    .option('--password-file <file>', 'file with its password; or set SLUICE_PASSWORD')
    .action(demo)
}

async function demo(flags: DemoFlags): Promise<void> {
  const log = createLog(process.env, true)
  const line = (text: string): void => console.log(`  ${text}`)
  const teller: Teller = { line, said: new Map() }
  const { signal, requested } = stopOnSignals(() => process.exit(130))
  const targets = await targetsOf(flags, signal)
  const prepare = async (users: Users): Promise<void> => {
    await Promise.all(people.map((person) => users.ensureUser(person)))
  }
  const running = await startUp({ ...managerOptions(flags, log), prepare, capacity: 2 }, signal)
  try {
    const { manager } = running.process
    console.log(`Sluice is ready at ${manager.url}`)
    await seed(manager.url, flags, targets, line)
    const atApproval = await releaseShop(manager.url, teller, signal)
    if (flags.once) process.exitCode = await finish(manager.url, atApproval.id, teller, signal)
    else {
      printWhatNext(manager.url, atApproval.status === 'Success')
      await requested
      console.log('\nStopping. Nothing is lost: `npm run demo` goes on where this was.')
    }
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    await running.close()
  }
  process.exit()
}

async function targetsOf(flags: DemoFlags, signal: AbortSignal): Promise<DemoTargets> {
  if (flags.database === undefined) return embeddedTargets(join(resolve(flags.data), 'databases'))
  const password = flags.passwordFile
    ? (await readFile(flags.passwordFile, 'utf8')).replace(/\r?\n$/, '')
    : process.env['SLUICE_PASSWORD']
  return await serverTargets(flags.database, { username: flags.username, password }, signal)
}

async function seed(
  baseUrl: string,
  flags: DemoFlags,
  targets: DemoTargets,
  line: (text: string) => void,
): Promise<void> {
  const repository = join(resolve(flags.data), 'shop.git')
  const examples = examplesDirectory()
  await ensureRepository(repository, join(examples, 'shop'))
  const client = await signIn(baseUrl, admin.email, admin.password)
  const pipelineYaml = await readFile(join(examples, 'pipelines', 'release_shop.yaml'), 'utf8')
  const created = await ensureEntities(
    client,
    demoSetup({ ...targets, repositoryUrl: `file://${repository}`, pipelineYaml }),
  )
  if (created.length > 0) line(`Seeded ${created.length} entities of project shop.`)
}

async function finish(baseUrl: string, execution: string, teller: Teller, signal: AbortSignal): Promise<number> {
  const client = await signIn(baseUrl, approver.email, approver.password)
  const end = await approveAndFinish(client, execution, teller, signal)
  const state = await migrationState(client, signal)
  console.log(`\n${matrixTable(state)}\n`)
  if (end.status === 'Success' && allDeployed(state)) {
    console.log(`Release ${end.number}: everything is deployed on ${state.instances.length} instances.`)
    return 0
  }
  const failed = end.nodes.find((node) => node.fault)
  throw new Fault(
    'change-set-failed',
    `Release ${end.number} ended as ${end.status}${failed?.fault ? `: ${failed.fault.message}` : '.'}`,
    {
      hint: 'Run `npm run demo` and open the execution in the browser.',
    },
  )
}

function printWhatNext(url: string, done: boolean): void {
  console.log(`
Open ${url}

  ${developer.email.padEnd(24)} password ${developer.password.padEnd(12)} started the release; may not approve it
  ${approver.email.padEnd(24)} password ${approver.password.padEnd(12)} may approve it
  ${admin.email.padEnd(24)} password ${admin.password.padEnd(12)} administrator

${
  done
    ? 'The release is done. Look at Schemas › Shop for change set × instance, or run Pipelines › Release shop again.'
    : `Sign in as ${approver.email}, open Approvals, review the SQL for shop_prod, and approve.
Then watch the production stage, and look at Schemas › Shop for what is deployed where.`
}
Ctrl-C stops.`)
}
