// How an image is started, as its registry tells it: Kubernetes does not. Asked with the credentials that pods pull with.
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Fetch } from '#contract/client'
import type { Clock } from '#contract/delegate/repeat'
import { Fault } from '#contract/fault'
import { openRegistry, type RegistryOptions } from '#outward/registry'
import type { KubernetesSettings } from './settings.ts'

export interface EntrypointOptions {
  readonly settings: KubernetesSettings
  readonly fetch: Fetch
  readonly clock: Clock
}

/** Program and arguments that start the image. Raises Fault `invalid-input` with what the administrator can do. */
export type EntrypointOf = (image: string) => Promise<readonly string[]>

/** Milliseconds: a tag may be moved. */
const remembered = 600_000
const patience = 15_000
/** Images; an installation has a few. */
const most = 100

const configLimit = 4_194_304
const manifestSchema = z.union([
  z.object({ config: z.object({ digest: z.string() }) }),
  z.object({
    manifests: z
      .array(
        z.object({ digest: z.string(), platform: z.object({ os: z.string(), architecture: z.string() }).optional() }),
      )
      .max(1000),
  }),
])
const words = z.array(z.string()).nullish()
const configSchema = z.object({ config: z.object({ Entrypoint: words, Cmd: words }).default({}) })
const entrySchema = z.object({
  username: z.string().optional(),
  password: z.string().optional(),
  /** Both in base64, with a colon between. */
  auth: z.string().optional(),
})

/** The name of an image without tag and digest. */
export const repositoryOf = (image: string): string =>
  image.replace(/@sha256:[0-9a-f]{64}$/, '').replace(/:[^:/]*$/, '')

interface Place {
  /** As credentials and settings name it. */
  readonly host: string
  readonly repository: string
  readonly reference: string
}

/** `team/image:1` is `docker.io/team/image:1`, and `image` is `docker.io/library/image:latest`. */
export function placeOf(image: string): Place {
  const name = repositoryOf(image)
  const first = name.split('/', 1)[0] ?? ''
  const isHost = name.includes('/') && (/[.:]/.test(first) || first === 'localhost')
  const host = isHost ? first : 'docker.io'
  const path = isHost ? name.slice(first.length + 1) : name
  const repository = host === 'docker.io' && !path.includes('/') ? `library/${path}` : path
  const rest = image.slice(name.length)
  const digest = /@(sha256:[0-9a-f]{64})$/.exec(rest)?.[1]
  const tag = /^:([^@]+)/.exec(rest)?.[1]
  return { host, repository, reference: digest ?? tag ?? 'latest' }
}

/** From the text of a Docker configuration, in its newer or older form. */
export function credentialsFor(text: string, host: string): RegistryOptions['credentials'] {
  const file = JSON.parse(text) as Readonly<Record<string, unknown>>
  const entries = (typeof file['auths'] === 'object' && file['auths'] !== null ? file['auths'] : file) as typeof file
  const names = host === 'docker.io' ? ['https://index.docker.io/v1/', 'index.docker.io', 'docker.io'] : [host]
  const found = names.flatMap((name) => [entries[name], entries[`https://${name}`], entries[`http://${name}`]])
  const { username, password, auth } = entrySchema.safeParse(found.find((one) => one !== undefined)).data ?? {}
  if (auth === undefined || username !== undefined) return { username, password }
  const [, user, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(auth, 'base64').toString('utf8')) ?? []
  return { username: user, password: secret }
}

/** What the settings name counts; of other images the registry is asked, once in ten minutes. */
export function createEntrypoints({ settings, fetch, clock }: EntrypointOptions): EntrypointOf {
  const { entrypoints, plainHttpRegistries } = settings.images
  const known = new Map<string, { readonly until: number; readonly command: readonly string[] }>()

  async function ask(image: string): Promise<readonly string[]> {
    const { host, repository, reference } = placeOf(image)
    const file = settings.registryCredentialsFile
    const credentials = file === undefined ? {} : credentialsFor(await readFile(file, 'utf8'), host)
    const scheme = plainHttpRegistries.includes(host) ? 'http' : 'https'
    const server = `${scheme}://${host === 'docker.io' ? 'registry-1.docker.io' : host}`
    const registry = openRegistry({ server, repository, credentials, fetch, signal: AbortSignal.timeout(patience) })
    const read = async (name: string) =>
      manifestSchema.parse(JSON.parse((await registry.manifest(name)).bytes.toString('utf8')))
    let manifest = await read(reference)
    if ('manifests' in manifest) manifest = await read(chosen(manifest.manifests))
    if (!('config' in manifest)) throw new Fault('invalid-input', `${image} is an index of indexes.`)
    const bytes = await registry.blob(manifest.config.digest, configLimit)
    const { Entrypoint, Cmd } = configSchema.parse(JSON.parse(bytes.toString('utf8'))).config
    return [...(Entrypoint ?? []), ...(Cmd ?? [])]
  }

  return async (image) => {
    const own = entrypoints[repositoryOf(image)]
    if (own !== undefined) return own
    const before = known.get(image)
    if (before && before.until > clock.elapsed()) return before.command
    const hint = `Name its entry point in the settings of the delegate, images.entrypoints, under ${repositoryOf(image)}.`
    const command = await ask(image).catch((cause: unknown) => {
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new Fault('invalid-input', `How the image ${image} is started its registry does not tell: ${why}`, { hint })
    })
    if (command.length === 0)
      throw new Fault('invalid-input', `The image ${image} has no entry point and no command.`, { hint })
    if (known.size >= most) known.clear()
    known.set(image, { until: clock.elapsed() + remembered, command })
    return command
  }
}

/** For this kind of processor if there is one: all of an image are started in the same way. */
function chosen(
  manifests: readonly {
    readonly digest: string
    readonly platform?: { os: string; architecture: string } | undefined
  }[],
): string {
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  const linux = manifests.filter(({ platform }) => platform?.os === 'linux')
  const [first] = [...linux.filter(({ platform }) => platform?.architecture === architecture), ...linux]
  if (!first) throw new Fault('invalid-input', 'It has nothing for Linux.')
  return first.digest
}
