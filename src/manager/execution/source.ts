// A changelog in an archive, or written by a script: what the step needs to fetch it.
import { artifactNameSchema, readArchivePath } from '#contract/delegate/archive-path'
import { type SourceSpec, scriptSourceSchema } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { registryPrefix } from '#contract/image'
import type { ChangelogScript } from '../entity/schema-source.ts'
import type { ArchiveAccess } from './connector.ts'

const invalid = (message: string, hint: string): Fault => new Fault('invalid-input', message, { hint })

/** `text` without expressions, `path` of the changelog in the archive. Raises `invalid-input`; `what` it is, for people. */
export function archiveSource(server: ArchiveAccess, what: string, text: string, path: string): SourceSpec {
  const archive = readArchivePath(text)
  if (!archive)
    throw invalid(
      `The ${what} is ${text}, which is no path of one.`,
      'Write a path below the address of the connector, such as releases/shop-1.4.zip, if you like with @sha256:… behind it.',
    )
  const { credentials, s3 } = server
  if (server.type === 'DockerRegistry') return artifact(server, what, archive, path)
  const url = `${server.url.replace(/\/+$/, '')}/${archive.path.split('/').map(encodeURIComponent).join('/')}`
  if (!/^https?:/i.test(url))
    throw invalid(`The address ${server.url} is none of http or https.`, 'Correct the connector.')
  return {
    type: 'archive',
    url,
    path,
    ...credentials,
    ...(s3 ? { s3 } : {}),
    ...(archive.sha256 ? { sha256: archive.sha256 } : {}),
  }
}

/** Address of the registry of a connector, without a path. */
export const registryAddress = (url: string): string =>
  `${/^http:/i.test(url.trim()) ? 'http' : 'https'}://${registryPrefix(url).split('/')[0]}`

function artifact(
  server: ArchiveAccess,
  what: string,
  archive: NonNullable<ReturnType<typeof readArchivePath>>,
  path: string,
): SourceSpec {
  const [, ...prefix] = registryPrefix(server.url).split('/')
  const name = [...prefix, archive.path].join('/')
  if (!artifactNameSchema.safeParse(name).success)
    throw invalid(`The ${what} is ${name}, which is no name of an artifact.`, 'Write it as team/shop:1.4.')
  const [repository = '', tag = 'latest'] = name.split(':')
  return {
    type: 'oci',
    url: registryAddress(server.url),
    repository,
    reference: archive.sha256 === undefined ? tag : `sha256:${archive.sha256}`,
    path,
    ...server.credentials,
  }
}

/** A script of the user in an image of the user. Raises `invalid-input`, and `not-offered` for one that refers to secrets. */
export function scriptSource(
  schema: string,
  script: ChangelogScript | null,
  resolve: (what: string, text: string) => string,
): SourceSpec {
  if (!script) throw invalid(`The DB schema ${schema} has neither a changelog nor a script.`, 'Give it one of the two.')
  const of = (what: string, text: string): string => resolve(`${what} of the script of the DB schema ${schema}`, text)
  const command = of('command', script.command)
  // Resolving leaves them as they are, and the script would see the expression.
  if (command.includes('<+secrets.'))
    throw new Fault('not-offered', `The script of the DB schema ${schema} refers to a secret, which it is not given.`, {
      hint: 'Let it read what it needs from a Secret that the step group mounts (volumes).',
    })
  const found = scriptSourceSchema.safeParse({
    type: 'script',
    image: of('image', script.image),
    shell: script.shell === '' ? 'Sh' : of('shell', script.shell),
    command,
    path: script.location,
  })
  if (found.success) return found.data
  const [issue] = found.error.issues
  throw invalid(
    `The script of the DB schema ${schema} cannot be used: ${issue?.path.join('.')} ${issue?.message}`,
    'Correct image, shell, command and location of changeLogScript.',
  )
}
