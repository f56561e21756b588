// `sluice connect`: points a running manager at your own repository and database, with a first pipeline.
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { databaseIdentifierSchema } from '#contract/identifier'
import { Fault } from '#contract/fault'
import { firstPipeline } from '../setup/first-pipeline.ts'
import { correctEntities } from '../setup/correct.ts'
import { ensureEntities, type Setup } from '../setup/entity.ts'
import { signIn } from '../setup/session.ts'

interface ConnectOptions {
  readonly manager: string
  readonly email: string
  readonly passwordFile?: string
  readonly project: string
  readonly git: string
  readonly branch: string
  readonly gitUsername?: string
  readonly gitTokenFile?: string
  readonly changelogFile: string
  readonly url: string
  readonly username: string
  readonly databasePasswordFile?: string
  readonly instance: string
  readonly contexts: string
}

export function configure(command: Command): void {
  command
    .description(
      'Point a running manager at your Git repository and database: project, connectors, schema, instance, first pipeline; called again it corrects what is there, but for the pipeline',
    )
    .requiredOption('--git <url>', 'repository, e.g. https://git.example.com/team/shop.git')
    .option('--branch <name>', 'branch to follow', 'main')
    .requiredOption('--changelog-file <path>', 'changelog file, relative to the root of the repository')
    .requiredOption('--url <jdbc url>', 'database, e.g. jdbc:postgresql://host:5432/shop')
    .requiredOption('--username <name>', 'database user')
    .option('--database-password-file <file>', 'file with its password; or set SLUICE_DATABASE_PASSWORD')
    .option('--git-username <name>', 'user for a private repository')
    .option('--git-token-file <file>', 'file with its token; or set SLUICE_GIT_TOKEN')
    .option('--project <identifier>', 'project to put it in', 'shop')
    .option('--instance <identifier>', 'name of the database instance', 'dev')
    .option('--contexts <expression>', 'contexts of the instance', '')
    .option('--manager <url>', 'address of the manager', 'http://127.0.0.1:7400')
    .option('--email <e-mail>', 'who signs in', 'admin@sluice.local')
    .option('--password-file <file>', 'file with the password; or set SLUICE_PASSWORD')
    .action(connect)
}

async function connect(options: ConnectOptions, command: Command): Promise<void> {
  const password = await secretFrom('the manager', options.passwordFile, 'SLUICE_PASSWORD', '--password-file')
  const databasePassword = await secretFrom(
    'the database',
    options.databasePasswordFile,
    'SLUICE_DATABASE_PASSWORD',
    '--database-password-file',
  )
  const gitToken = options.gitUsername
    ? await secretFrom('the repository', options.gitTokenFile, 'SLUICE_GIT_TOKEN', '--git-token-file')
    : undefined
  for (const name of [options.project, options.instance]) {
    if (!databaseIdentifierSchema.safeParse(name).success || name.includes('$')) {
      throw new Fault('usage', `${name} is not an identifier: start with a letter or _, then letters, digits or _.`)
    }
  }
  const client = await signIn(options.manager.replace(/\/$/, ''), options.email, password)
  const setup = setupFrom(options, databasePassword, gitToken)
  const created = await ensureEntities(client, setup)
  for (const what of created) console.log(`created ${what}`)
  const isSaid = (name: string): boolean => command.getOptionValueSource(name) === 'cli'
  const said = { branch: isSaid('branch'), contexts: isSaid('contexts') }
  for (const what of await correctEntities(client, setup, created, said)) console.log(`changed ${what}`)
  console.log(`Open ${options.manager}, project ${options.project}, and run the pipeline ${setup.pipeline.name}.`)
}

function setupFrom(options: ConnectOptions, databasePassword: string, gitToken: string | undefined): Setup {
  const { project, instance } = options
  const passwordRef = `${project}_${instance}_password`
  return {
    scope: { org: 'default', project },
    projectName: project,
    secrets: { [passwordRef]: databasePassword, ...(gitToken ? { [`${project}_git_token`]: gitToken } : {}) },
    repository: {
      identifier: `${project}_repository`,
      url: options.git,
      username: options.gitUsername,
      passwordRef: gitToken ? `${project}_git_token` : undefined,
    },
    schema: { identifier: project, name: project, location: options.changelogFile, branch: options.branch },
    instances: [
      {
        identifier: instance,
        name: instance,
        url: options.url,
        username: options.username,
        passwordRef,
        context: options.contexts,
        tags: {},
      },
    ],
    pipeline: firstPipeline({ org: 'default', project, schema: project, instance }),
  }
}

async function secretFrom(whose: string, file: string | undefined, variable: string, flag: string): Promise<string> {
  const value = file ? (await readFile(file, 'utf8')).replace(/\r?\n$/, '') : process.env[variable]
  if (value) return value
  throw new Fault('usage', `The password of ${whose} is missing.`, { hint: `Set ${variable}, or give ${flag}.` })
}
