// The root keys of the built-in secret store: from a file, an environment variable, or opened by a key service. Whoever has them
// and the store can read all secrets.
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { Fault } from '#contract/fault'
import type { RandomBytes } from '../access/token.ts'
import type { RootKeys } from './envelope.ts'

/** A key management service that wraps the root key, so that no disk holds it in the clear. */
export interface KeyService {
  /** What its lines begin with, so that they are told from those of another service. */
  readonly mark: string
  /** One line of text without white space that only the service can open. */
  wrap(key: Uint8Array, signal: AbortSignal): Promise<string>
  unwrap(wrapped: string, signal: AbortSignal): Promise<Uint8Array>
}

export const rootKeyBytes = 32
const othersMayRead = 0o077
/** Before a key that a key service has wrapped. */
const wrappedMark = 'wrapped:'

function writeKeyFile(path: string, lines: readonly string[], flags: 'w' | 'wx'): void {
  const file = openSync(path, flags, 0o600)
  try {
    writeSync(file, lines.map((line) => `${line}\n`).join(''))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Replaces the file at once: whoever reads it sees the old lines or the new ones. */
export function replaceKeyFile(path: string, lines: readonly string[]): void {
  writeKeyFile(`${path}.new`, lines, 'w')
  renameSync(`${path}.new`, path)
  // The name must survive a power cut as well, before anything is encrypted with the new key.
  const folder = openSync(dirname(path), 'r')
  try {
    if (process.platform !== 'win32') fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function createUnlessThere(path: string, line: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    // `wx`: two processes that start at once must not each make a key.
    writeKeyFile(path, [line], 'wx')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** 32 bytes from base64. Raises `usage`, without the text. */
export function parseRootKey(text: string, where: string): Uint8Array {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length === rootKeyBytes && /^[A-Za-z0-9+/]{43}=$/.test(text.trim())) return new Uint8Array(key)
  throw new Fault('usage', `The root key in ${where} is not 32 bytes in base64.`, {
    hint: 'Restore the key that belongs to this store. A new one (openssl rand -base64 32) cannot open the secrets in it.',
  })
}

export const formatRootKey = (key: Uint8Array): string => Buffer.from(key).toString('base64')

/** The lines of a key file, without empty ones. Raises `usage` when others may read it. */
export function readKeyFile(path: string): string[] {
  const file = openSync(path, 'r')
  try {
    const others = fstatSync(file).mode & othersMayRead
    if (others !== 0 && process.platform !== 'win32')
      throw new Fault('usage', `The key file ${path} can be read by other users of this machine.`, {
        hint: `chmod 600 ${path}`,
      })
    return linesOf(readFileSync(file, 'utf8'))
  } finally {
    closeSync(file)
  }
}

const linesOf = (text: string): string[] => text.split(/\s+/).filter((line) => line !== '')

async function openLine(
  line: string,
  where: string,
  service: KeyService | undefined,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (!line.startsWith(wrappedMark)) return parseRootKey(line, where)
  if (!service)
    throw new Fault('usage', `The root key in ${where} is wrapped by a key service, and none is named.`, {
      hint: 'Set SLUICE_KEY_SERVICE to the service that wrapped it.',
    })
  const wrapped = line.slice(wrappedMark.length)
  if (!wrapped.startsWith(service.mark))
    throw new Fault(
      'usage',
      `The root key in ${where} was wrapped by another key service than the one that is named.`,
      {
        hint: 'Set SLUICE_KEY_SERVICE to the service that wrapped it.',
      },
    )
  const key = await service.unwrap(wrapped.slice(service.mark.length), signal)
  if (key.length === rootKeyBytes) return key
  throw new Fault('usage', `What the key service opened from ${where} is not a root key of 32 bytes.`)
}

/** The line that a key stands in a file with: wrapped when there is a key service, which has to open it again before anything depends on it. */
export async function keyLine(key: Uint8Array, service: KeyService | undefined, signal: AbortSignal): Promise<string> {
  if (!service) return formatRootKey(key)
  const wrapped = await service.wrap(key, signal)
  const opened = await service.unwrap(wrapped, signal)
  if (!Buffer.from(opened).equals(key))
    throw new Fault('secret-manager-refused', 'The key service does not open what it has just wrapped.', {
      hint: 'Nothing was written. Check that the key can encrypt and decrypt.',
    })
  return `${wrappedMark}${service.mark}${wrapped}`
}

export interface RootKeySource {
  /** The file of the keys; made when it is missing, unless `text` is there. */
  readonly file: string
  /** From the environment, instead of the file: keys with white space between. */
  readonly text?: string | undefined
  readonly service?: KeyService | undefined
}

/** The first key is the current one; those after it open what was encrypted before. Raises `usage`. */
export async function loadRootKeys(
  { file, text, service }: RootKeySource,
  signal: AbortSignal,
  random: RandomBytes = randomBytes,
): Promise<RootKeys> {
  const where = text === undefined ? file : 'the environment'
  if (text === undefined && !existsSync(file))
    createUnlessThere(file, await keyLine(new Uint8Array(random(rootKeyBytes)), service, signal))
  const lines = text === undefined ? readKeyFile(file) : linesOf(text)
  const [current, ...older] = await Promise.all(lines.map((line) => openLine(line, where, service, signal)))
  if (!current) throw new Fault('usage', `There is no root key in ${where}.`)
  return { current, older }
}
