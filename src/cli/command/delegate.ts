// `sluice delegate`: works inside a network for a manager outside of it.
import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { homedir, hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { type Command, Option } from 'commander'
import type { Logger } from 'pino'
import { allowScriptsVariable } from '#contract/delegate/program-work'
import { Fault } from '#contract/fault'
import { type DelegateOptions, startDelegate } from '#delegate/delegate'
import type { DelegateLog } from '#delegate/log'
import type { OwnSecrets } from '#delegate/secret/managers'
import { stepVariables } from '#outward/bundle'
import { type OutwardSettings, readOutward } from '#outward/setting'
import { hasDriver } from '../process/driver.ts'
import { createLog } from '../process/log.ts'
import { openRunner, type RunnerFlags } from '../process/runner.ts'
import { stopOnSignals } from '../process/stop.ts'
import { version } from '../process/version.ts'

interface Options extends RunnerFlags {
  readonly manager: string
  readonly name: string
  readonly tag: readonly string[]
  readonly directory: string
  readonly capacity: string
  readonly tokenFile?: string
  readonly allowPlainHttp?: boolean
  readonly allowScripts?: boolean
  readonly secretsFolder?: string
  readonly kubernetesSecrets?: string | true
  readonly drainSeconds: string
  readonly caFile?: string
  readonly clientCertificate?: string
  readonly clientKey?: string
  readonly healthPort?: string
  readonly healthHost: string
  readonly metricPrefix: string
  readonly cpuThreshold?: string
  readonly memoryThreshold?: string
}

const usualHealthPort = '3460'
const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value]

export function configure(command: Command): void {
  command
    .description('Run steps for a manager, from inside the network of the databases; connects outward only')
    .requiredOption('--manager <url>', 'address of the manager, e.g. https://sluice.example.com')
    .option('--token-file <file>', 'file with a delegate token, for the first start; or set SLUICE_DELEGATE_TOKEN')
    .option('--name <name>', 'how people see it', hostname())
    .option('--tag <tag>', 'what pipelines select it by; may be repeated', collect, [])
    .option('--directory <folder>', 'keys and running steps, private', join(homedir(), '.sluice', 'delegate'))
    .option('--capacity <number>', 'steps at the same time', '4')
    .option('--cpu-threshold <percent>', 'take nothing new while the load of the processors is above')
    .option('--memory-threshold <percent>', 'take nothing new while more of the memory is used')
    .option('--drain-seconds <number>', 'how long to wait for running steps at the end; they go on by themselves', '60')
    .addOption(new Option('--runner <kind>', 'how steps run').choices(['process', 'kubernetes']).default('process'))
    .option('--kubernetes-settings <file>', 'how pods are made, YAML; for --runner kubernetes')
    .option('--kubeconfig <file>', 'which cluster; absent: the one that the delegate is a pod of')
    .option('--ca-file <file>', 'PEM file of authorities to trust besides the well-known ones: manager, Git, databases')
    .option('--client-certificate <file>', 'PEM file of the certificate that is shown to the manager (mutual TLS)')
    .option('--client-key <file>', 'PEM file of its key')
    .option(
      '--health-port <number>',
      `port of /api/health and /api/metrics; 0 offers neither (default: ${usualHealthPort}, if free)`,
    )
    .option('--health-host <address>', 'address that they are offered on', '127.0.0.1')
    .option('--metric-prefix <text>', 'how the names of all metrics begin', 'sluice_')
    .option('--secrets-folder <folder>', 'secret files that steps may refer to as delegateFile')
    .option('--kubernetes-secrets [namespace]', 'let steps refer to Secrets of this namespace as delegateKubernetes')
    .option('--allow-scripts', 'let pipelines run scripts here, with what this user may do and reach')
    .option('--allow-plain-http', 'accept plain HTTP to another machine')
    .action(runDelegate)
}

function wholeNumber(text: string, option: string, most: number): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0 && value <= most) return value
  throw new Fault('usage', `${option} must be a whole number up to ${most}.`)
}

async function readToken(file: string | undefined): Promise<string | undefined> {
  const text = file ? await readFile(file, 'utf8') : process.env['SLUICE_DELEGATE_TOKEN']
  return text?.trim() || undefined
}

/** What the options say goes before what the environment says. */
function outwardOf(options: Options): OutwardSettings {
  const read = readOutward(process.env)
  return {
    ...read,
    caFile: options.caFile === undefined ? read.caFile : resolve(options.caFile),
    certificateFile:
      options.clientCertificate === undefined ? read.certificateFile : resolve(options.clientCertificate),
    keyFile: options.clientKey === undefined ? read.keyFile : resolve(options.clientKey),
  }
}

/** A machine may have several delegates: only a port that somebody asked for must be free. */
function healthOf(options: Options): Pick<DelegateOptions, 'health'> {
  const asked = options.healthPort
  const port = wholeNumber(asked ?? usualHealthPort, '--health-port', 65_535)
  const prefix = options.metricPrefix
  if (!/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(prefix))
    throw new Fault('usage', '--metric-prefix may have letters, digits, _ and :, and begins with no digit.')
  return port === 0 ? {} : { health: { host: options.healthHost, port, prefix, mayFail: asked === undefined } }
}

function pressureOf({ cpuThreshold, memoryThreshold }: Options): NonNullable<DelegateOptions['pressure']> {
  const percent = (text: string | undefined, option: string): number | undefined =>
    text === undefined ? undefined : wholeNumber(text, option, 10_000)
  return {
    processor: percent(cpuThreshold, '--cpu-threshold'),
    memory: percent(memoryThreshold, '--memory-threshold'),
  }
}

function ownSecrets({ secretsFolder, kubernetesSecrets }: Options): OwnSecrets {
  return {
    ...(secretsFolder === undefined ? {} : { folder: resolve(secretsFolder) }),
    ...(kubernetesSecrets === undefined
      ? {}
      : { kubernetes: kubernetesSecrets === true ? {} : { namespace: kubernetesSecrets } }),
  }
}

async function runDelegate(options: Options): Promise<void> {
  const log = createLog(process.env, false)
  const say: DelegateLog = (level, message, details) => log[level](details ?? {}, message)
  // Until the last step has ended or was let go, which is later than a signal.
  const running = new AbortController()
  try {
    const outward = outwardOf(options)
    const added = stepVariables(outward, process.env, join(resolve(options.directory), 'trust'))
    const environment = {
      ...process.env,
      ...(options.allowScripts ? { [allowScriptsVariable]: 'true' } : {}),
    }
    const runner = await openRunner(options, options.name, say, { ...environment, ...added }, running.signal)
    await work(options, log, { runner, outward, environment, log: say })
  } finally {
    running.abort(new Error('the delegate ended'))
  }
}

async function work(
  options: Options,
  log: Logger,
  ports: Pick<DelegateOptions, 'runner' | 'outward' | 'environment' | 'log'>,
): Promise<void> {
  const drainSeconds = wholeNumber(options.drainSeconds, '--drain-seconds', 86_400)
  const directory = resolve(options.directory)
  // Steps are processes of their own: leaving in a hurry stops none of them.
  const { signal } = stopOnSignals(() => process.exit(130))
  const delegate = await startDelegate(
    {
      ...ports,
      managerUrl: options.manager,
      allowPlainHttp: options.allowPlainHttp ?? false,
      token: await readToken(options.tokenFile),
      name: options.name,
      tags: options.tag,
      version,
      directory,
      capacity: wholeNumber(options.capacity, '--capacity', 1000),
      nodeTrusts: process.env['NODE_EXTRA_CA_CERTS'],
      checks: { hasDriver },
      pressure: pressureOf(options),
      ...healthOf(options),
      ownSecrets: ownSecrets(options),
      random: Math.random,
      randomId: randomUUID,
      processId: process.pid,
    },
    signal,
  )
  try {
    await delegate.done
  } finally {
    const left = await delegate.drain(drainSeconds * 1000)
    if (left.length > 0) log.info({ attempts: left }, 'ended; these steps go on by themselves')
  }
}
