// What a step needs of the place where it runs, as far as its spec tells: a delegate checks it before it accepts the attempt.
import { z } from 'zod'
import { isScriptWork, shellPrograms } from './program-work.ts'
import {
  changelogScriptOf,
  connectionsOf,
  sourceOf,
  type StepSpec,
  type StepWork,
  testedAddresses,
} from './step-spec.ts'

export const capabilitySchema = z.discriminatedUnion('type', [
  /** One of the addresses takes connections. `by`: a repository over HTTP(S) may be reached through a proxy, a database never. */
  z.object({
    type: z.literal('reachable'),
    what: z.enum(['database', 'repository', 'secret manager']),
    by: z.enum(['http', 'https', 'tcp']),
    addresses: z
      .array(z.object({ host: z.string().min(1).max(255), port: z.int().min(1).max(65_535) }))
      .min(1)
      .max(16),
  }),
  /** The driver of a database is installed, by the name of the database in its URL. */
  z.object({ type: z.literal('driver'), database: z.string().max(64) }),
  z.object({ type: z.literal('program'), name: z.enum(['git', 'bash', 'sh', 'pwsh', 'python3']) }),
  /** The administrator of the delegate lets pipelines run scripts on it. */
  z.object({ type: z.literal('scripts') }),
  /** Steps run as pods, and may be made in the namespace; absent: in that of the delegate. */
  z.object({ type: z.literal('pods'), namespace: z.string().max(63).optional() }),
  /** The same, asked only of delegates whose steps are pods. */
  z.object({ type: z.literal('namespace'), name: z.string().max(63) }),
])
export type Capability = z.infer<typeof capabilitySchema>
type Reachable = Extract<Capability, { type: 'reachable' }>
type Address = Reachable['addresses'][number]

/** Databases whose addresses look like those of the web, and the port when none is given. */
const webLike: Readonly<Record<string, number>> = { postgresql: 5432, mysql: 3306, mariadb: 3306 }

function addressOf(text: string, defaultPort: number): Address | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d+))?$/.exec(text.trim())
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3] ?? defaultPort)
  if (!host || host.length > 255 || !(port >= 1 && port <= 65_535)) return undefined
  return { host, port }
}

function databaseAddresses(kind: string, rest: string): readonly (Address | undefined)[] {
  const port = webLike[kind]
  if (port !== undefined) {
    const hosts = /^\/\/(?:[^/?#@]*@)?([^/?#]*)/.exec(rest)?.[1]
    return (hosts ?? '').split(',').map((host) => addressOf(host, port))
  }
  // A named instance listens on a port that only its server knows.
  if (kind === 'sqlserver') return [addressOf(/^\/\/([^;\\/?]+)(?:[;/?]|$)/.exec(rest)?.[1] ?? '', 1433)]
  // Names of tnsnames.ora and descriptions in parentheses are left to the driver.
  if (kind === 'oracle') return [addressOf(/^thin:.*@(?:\/\/)?([^/:()@]+:\d+)(?:[/:]|$)/.exec(rest)?.[1] ?? '', 1521)]
  return []
}

/** `jdbc:` may be left out. Undefined: a file, or an address that only its driver can read. */
function databaseOf(url: string): { readonly kind: string; readonly addresses: readonly Address[] } | undefined {
  const match = /^(?:jdbc:)?([a-z0-9]+):(.*)$/is.exec(url.trim())
  const [, kind = '', rest = ''] = match ?? []
  if (!match) return undefined
  const found = databaseAddresses(kind.toLowerCase(), rest)
  const addresses = found.filter((address) => address !== undefined)
  return { kind: kind.toLowerCase(), addresses: addresses.length < found.length ? [] : addresses.slice(0, 16) }
}

/** What an address of the web, of git or of ssh needs to be reached. Undefined: a file, or no address. */
export function reachable(what: Reachable['what'], url: string): Reachable | undefined {
  const short = /^(?:[^@/\s]+@)?([^:/\s]+):(?!\/\/)(?!\\)[^\s]/.exec(url)
  if (short?.[1] && short[1].length > 1)
    return { type: 'reachable', what, by: 'tcp', addresses: [{ host: short[1], port: 22 }] }
  if (!URL.canParse(url)) return undefined
  const { protocol, hostname, port } = new URL(url)
  const defaults: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80, 'ssh:': 22, 'git:': 9418 }
  const standard = defaults[protocol]
  if (standard === undefined || hostname === '' || hostname.length > 255) return undefined
  const by = protocol === 'https:' ? 'https' : protocol === 'http:' ? 'http' : 'tcp'
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return {
    type: 'reachable',
    what,
    by,
    addresses: [{ host, port: port === '' ? standard : Number(port) }],
  }
}

function needsOfDatabase(url: string): readonly Capability[] {
  const database = databaseOf(url)
  if (!database) return []
  const addresses = [...database.addresses]
  const reachable: Capability = { type: 'reachable', what: 'database', by: 'tcp', addresses }
  return [{ type: 'driver', database: database.kind }, ...(addresses.length > 0 ? [reachable] : [])]
}

function needsOfClone(url: string): readonly Capability[] {
  const repository = reachable('repository', url)
  return [{ type: 'program', name: 'git' }, ...(repository ? [repository] : [])]
}

/** What can be told from the spec without asking anybody. */
export function needsOf(work: StepWork): readonly Capability[] {
  if (work.type === 'Http') return []
  if (work.type === 'GitClone') return needsOfClone(work.url)
  if (isScriptWork(work)) return [{ type: 'scripts' }, { type: 'program', name: shellPrograms[work.shell] }]
  const source = sourceOf({ work })
  const repository = source && source.type !== 'script' ? reachable('repository', source.url) : undefined
  return [
    ...(source?.type === 'git' ? [{ type: 'program' as const, name: 'git' as const }] : []),
    ...(repository ? [repository] : []),
    ...testedAddresses(work).flatMap(({ url }) => reachable('repository', url) ?? []),
    ...connectionsOf(work).flatMap(({ url }) => needsOfDatabase(url)),
  ]
}

/** What the pod of a step needs: nothing, where a process would do as well. */
export function podNeedsOf({ work, pod }: Pick<StepSpec, 'work' | 'pod'>): readonly Capability[] {
  const namespace = pod?.namespace
  const place = namespace === undefined ? {} : { namespace }
  if (changelogScriptOf({ work }) || (work.type === 'ConnectionTest' && work.cluster))
    return [{ type: 'pods', ...place }]
  return namespace === undefined ? [] : [{ type: 'namespace', name: namespace }]
}
