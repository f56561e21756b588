// A stream of a step, its log above all, on disk until the manager has it: segments of bytes by stream offset, bounded, readable after a crash.
import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { attemptFiles, segmentName } from '#contract/delegate/attempt-folder'

/** Bytes. */
export const spoolLimits = { capacity: 67_108_864, segment: 1_048_576 } as const

export interface Spool {
  /** Bytes that were ever appended: the offset of the next one. */
  readonly end: number
  /** First offset that can still be read. */
  readonly begin: number
  /** False when there is no room, which stays so until more is committed. */
  append(bytes: Uint8Array): boolean
  /** At most `limit` bytes from `offset`; none at the end. */
  read(offset: number, limit: number): Uint8Array<ArrayBuffer>
  /** The manager has everything before `offset`; it is deleted as soon as its room is needed. */
  commit(offset: number): void
  /** sha-256, hex, of all bytes that were ever appended. */
  digest(): string
  close(): void
}

/** Bytes that are put into the digest together. */
const hashBytes = 65_536

interface Segment {
  readonly start: number
  length: number
  readonly file: number
  readonly path: string
}

/** Opens an empty spool in a private folder; its files begin with `prefix`. */
export function openSpool(
  folder: string,
  limits: { capacity: number; segment: number } = spoolLimits,
  prefix: string = attemptFiles.logPrefix,
): Spool {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const hash = createHash('sha256')
  // Lines are short: the digest takes many of them at a time, for each call costs more than its bytes.
  const unhashed = Buffer.alloc(hashBytes)
  let waiting = 0
  const segments: Segment[] = []
  let end = 0
  let committed = 0

  function hashWaiting(): void {
    hash.update(unhashed.subarray(0, waiting))
    waiting = 0
  }

  function addToDigest(bytes: Uint8Array): void {
    if (waiting + bytes.length > hashBytes) hashWaiting()
    if (bytes.length > hashBytes) hash.update(bytes)
    else {
      unhashed.set(bytes, waiting)
      waiting += bytes.length
    }
  }

  function addSegment(): Segment {
    const path = join(folder, segmentName(prefix, end))
    const segment = { start: end, length: 0, file: openSync(path, 'wx+', 0o600), path }
    segments.push(segment)
    return segment
  }

  function dropCommitted(): boolean {
    const [first] = segments
    if (!first || first.start + first.length > committed || segments.length === 1) return false
    closeSync(first.file)
    rmSync(first.path)
    segments.shift()
    return true
  }

  const begin = (): number => segments[0]?.start ?? end
  return {
    get end() {
      return end
    },
    get begin() {
      return begin()
    },
    append(bytes) {
      while (end - begin() + bytes.length > limits.capacity) if (!dropCommitted()) return false
      const last = segments.at(-1)
      const segment = last && last.length < limits.segment ? last : addSegment()
      // Straight to the file: what was logged is there even when this process is killed at once.
      let written = 0
      while (written < bytes.length)
        written += writeSync(segment.file, bytes, written, bytes.length - written, segment.length + written)
      segment.length += bytes.length
      end += bytes.length
      addToDigest(bytes)
      return true
    },
    read(offset, limit) {
      const bytes = new Uint8Array(Math.max(0, Math.min(limit, end - offset)))
      let filled = 0
      for (const { start, length, file } of segments) {
        const from = offset + filled - start
        if (from < 0 || from >= length || filled === bytes.length) continue
        const read = readSync(file, bytes, filled, Math.min(length - from, bytes.length - filled), from)
        filled += read
        if (read < length - from) break
      }
      return bytes.subarray(0, filled)
    },
    commit(offset) {
      committed = Math.max(committed, offset)
    },
    digest() {
      hashWaiting()
      return hash.copy().digest('hex')
    },
    close() {
      for (const { file } of segments.splice(0)) closeSync(file)
    },
  }
}
