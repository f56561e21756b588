// Takes zip and tar archives apart in memory: plain files only. A name that leads out of the folder, a link, or a size beyond the limit
// ends it before anything is written.
import { crc32, gunzipSync, inflateRawSync } from 'node:zlib'
import { Fault } from '#contract/fault'

export interface ArchiveFile {
  /** With slashes, relative. */
  readonly path: string
  readonly bytes: Uint8Array
}

/** Bytes that an archive may hold when it is unpacked, and files. */
export const archiveLimits = { bytes: 268_435_456, files: 50_000 } as const

const broken = (message: string): Fault =>
  new Fault('changelog-invalid', `The archive cannot be used: ${message}.`, {
    hint: 'Pack plain files as .zip, .tar.gz or .tar, with paths below the root of the archive.',
  })

/** The path in one form; undefined for a folder. */
function safePath(name: string): string | undefined {
  if (/[\0\\]/.test(name) || name.startsWith('/') || /^[a-z]:/i.test(name))
    throw broken(`it holds the path ${JSON.stringify(name)}`)
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) throw broken(`the path ${JSON.stringify(name)} leads out of it`)
  return name.endsWith('/') || parts.length === 0 ? undefined : parts.join('/')
}

/** What was unpacked so far, of one archive or of several that count together. */
export class UnpackedFiles {
  readonly list: ArchiveFile[] = []
  #bytes = 0
  /** Bytes that may still come. */
  get left(): number {
    return archiveLimits.bytes - this.#bytes
  }
  add(name: string, read: () => Uint8Array): void {
    const path = safePath(name)
    if (path === undefined) return
    if (this.list.length >= archiveLimits.files) throw broken(`it holds more than ${archiveLimits.files} files`)
    const bytes = read()
    this.#bytes += bytes.length
    if (this.#bytes > archiveLimits.bytes) throw broken(`it holds more than ${archiveLimits.bytes} bytes`)
    this.list.push({ path, bytes })
  }
}

/** Raises `changelog-invalid` for what is neither, or not whole. */
export function unpack(archive: Uint8Array, files = new UnpackedFiles()): readonly ArchiveFile[] {
  const data = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength)
  try {
    if (data.subarray(0, 2).toString('latin1') === 'PK') readZip(data, files)
    else if (data[0] === 0x1f && data[1] === 0x8b)
      readTar(gunzipSync(data, { maxOutputLength: archiveLimits.bytes * 2 }), files)
    else readTar(data, files)
  } catch (error) {
    if (error instanceof Fault) throw error
    throw broken(error instanceof Error ? error.message : String(error))
  }
  return files.list
}

const isLink = (mode: number): boolean => (mode & 0o170000) === 0o120000

/** APPNOTE.TXT 4.3: the directory at the end is what counts, not the headers before the files. */
function readZip(data: Buffer, files: UnpackedFiles): void {
  const end = data.lastIndexOf('PK\u0005\u0006', undefined, 'latin1')
  if (end < 0) throw broken('it has no directory at its end')
  const count = data.readUInt16LE(end + 10)
  let at = data.readUInt32LE(end + 16)
  if (count === 0xffff || at === 0xffffffff) throw broken('it is larger than 4 GiB')
  for (let index = 0; index < count; index++) {
    if (data.readUInt32LE(at) !== 0x02014b50) throw broken('its directory is damaged')
    const flags = data.readUInt16LE(at + 8)
    const method = data.readUInt16LE(at + 10)
    const crc = data.readUInt32LE(at + 16)
    const packed = data.readUInt32LE(at + 20)
    const nameLength = data.readUInt16LE(at + 28)
    const name = data.subarray(at + 46, at + 46 + nameLength).toString('utf8')
    const local = data.readUInt32LE(at + 42)
    if (flags & 1) throw broken('it is encrypted')
    if (isLink(data.readUInt16LE(at + 40))) throw broken(`${name} is a link`)
    files.add(name, () => {
      const start = local + 30 + data.readUInt16LE(local + 26) + data.readUInt16LE(local + 28)
      const bytes = inflated(data.subarray(start, start + packed), method, files.left)
      if (crc32(bytes) !== crc) throw broken(`${name} is damaged`)
      return bytes
    })
    at += 46 + nameLength + data.readUInt16LE(at + 30) + data.readUInt16LE(at + 32)
  }
}

function inflated(packed: Buffer, method: number, most: number): Uint8Array {
  if (method === 0) return packed
  if (method === 8) return inflateRawSync(packed, { maxOutputLength: most + 1 })
  throw broken(`it is packed by method ${method}`)
}

const field = (header: Buffer, from: number, to: number): string =>
  header.subarray(from, to).toString('utf8').split('\0', 1)[0] ?? ''

/** pax(5): records of `length key=value`. */
function paxPath(bytes: Buffer): string | undefined {
  return /^\d+ path=(.*)$/m.exec(bytes.toString('utf8'))?.[1]
}

/** POSIX ustar with pax and GNU names. */
function readTar(data: Buffer, files: UnpackedFiles): void {
  let longName: string | undefined
  let at = 0
  while (at + 512 <= data.length && data[at] !== 0) {
    const header = data.subarray(at, at + 512)
    if (field(header, 257, 262) !== 'ustar') throw broken('it is neither zip nor tar')
    const size = Number.parseInt(field(header, 124, 136).trim() || '0', 8)
    if (!Number.isSafeInteger(size) || size < 0 || at + 512 + size > data.length) throw broken('it is cut off')
    const type = String.fromCharCode(header[156] ?? 0)
    const bytes = data.subarray(at + 512, at + 512 + size)
    const prefix = field(header, 345, 500)
    const name = longName ?? (prefix === '' ? field(header, 0, 100) : `${prefix}/${field(header, 0, 100)}`)
    longName = undefined
    if (type === 'x') longName = paxPath(bytes)
    else if (type === 'L') longName = field(bytes, 0, bytes.length)
    else if (type === '0' || type === '\0') files.add(name, () => bytes)
    else if (type === '1' || type === '2') throw broken(`${name} is a link`)
    else if (type !== '5' && type !== 'g') throw broken(`${name} is no plain file`)
    at += 512 + Math.ceil(size / 512) * 512
  }
  if (at < data.length && data[at] !== 0) throw broken('it is cut off')
}
