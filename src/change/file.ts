// Files that changes refer to: where they are, which encoding they have, and what to say when they are missing.
import { Fault } from '#contract/fault'
import type { ChangeContext } from './change.ts'

export interface FileReference {
  readonly path: string
  /** A name such as `UTF-8` or `ISO-8859-1`; UTF-8 when absent. */
  readonly encoding: string | undefined
  /** Relative to the changelog that names it, instead of the search path. */
  readonly relative: boolean | undefined
}

/** The path from the root of the search path. Fault `changelog-invalid` when it leads out of it. */
export function resolvePath(path: string, changelogPath: string, relative: boolean | undefined): string {
  const written = path.replaceAll('\\', '/').replace(/^classpath:/, '')
  const base = relative ? changelogPath.split('/').slice(0, -1) : []
  const parts: string[] = [...base]
  for (const part of written.split('/')) {
    if (part === '..' && parts.pop() === undefined) throw leaves(path)
    if (part !== '..' && part !== '' && part !== '.') parts.push(part)
  }
  return parts.join('/')
}

const leaves = (path: string): Fault =>
  new Fault('changelog-invalid', `the path "${path}" leaves the search path`, {
    hint: 'Put the file below a folder of the search path.',
  })

export async function readFileBytes(
  context: ChangeContext,
  path: string,
  relative: boolean | undefined,
): Promise<Uint8Array> {
  const resolved = resolvePath(context.expand(path), context.changelogPath, relative)
  const bytes = await context.files.read(resolved)
  if (bytes) return bytes
  throw new Fault(
    'changelog-invalid',
    `${context.changelogPath} refers to the file "${resolved}", which does not exist`,
    {
      hint: relative
        ? 'The path counts from the folder of the changelog. Correct it, or add the file.'
        : 'The path counts from the search path. Correct it, set relativeToChangelogFile, or add the file.',
    },
  )
}

/** Decoded, without byte order mark, properties not expanded. */
export async function readFileText(context: ChangeContext, file: FileReference): Promise<string> {
  const bytes = await readFileBytes(context, file.path, file.relative)
  return decode(bytes, file.encoding ?? context.encoding, resolvePath(file.path, context.changelogPath, file.relative))
}

/** Fault `changelog-invalid` when the encoding is unknown or the bytes are not in it. */
export function decode(bytes: Uint8Array, encoding: string | undefined, path: string): string {
  let decoder: InstanceType<typeof TextDecoder>
  try {
    decoder = new TextDecoder(encoding ?? 'utf-8', { fatal: true })
  } catch {
    throw new Fault('changelog-invalid', `${path}: there is no encoding "${encoding}"`, {
      hint: 'Use a name such as UTF-8, ISO-8859-1, windows-1252 or UTF-16LE.',
    })
  }
  try {
    return decoder.decode(bytes)
  } catch {
    throw new Fault('changelog-invalid', `${path} is not in the encoding ${encoding ?? 'UTF-8'}`, {
      hint: 'Save the file in that encoding, or name its encoding.',
    })
  }
}
