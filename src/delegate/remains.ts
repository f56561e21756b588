// What a step left in its folder, and the rest of its log brought to the manager after it died.
import { createHash } from 'node:crypto'
import { open, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { z } from 'zod'
import { attemptFiles, logSegmentStart } from '#contract/delegate/attempt-folder'
import {
  type LeaseCount,
  type LeftResult,
  leaseCountSchema,
  leftResultSchema,
  type StepState,
  stepStateSchema,
} from '#contract/delegate/step-document'

export interface Remains {
  readonly phase: StepState['phase']
  /** The outcome that it was about to report. */
  readonly result: LeftResult | undefined
}

/** Undefined when there is no such file, null when it cannot be read. */
async function readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined | null> {
  try {
    return schema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : null
  }
}

/** A state that cannot be read means the worse: that the step had started. */
export async function readRemains(folder: string): Promise<Remains> {
  const state = await readJson(join(folder, attemptFiles.state), stepStateSchema)
  const result = await readJson(join(folder, attemptFiles.result), leftResultSchema)
  const phase = state === undefined ? 'preparing' : (state?.phase ?? 'started')
  return { phase, result: result ?? undefined }
}

export async function readLeases(folder: string): Promise<LeaseCount> {
  return (await readJson(join(folder, attemptFiles.lease), leaseCountSchema)) ?? { renewed: 0, failed: 0 }
}

export interface LogEnd {
  readonly bytes: number
  readonly sha256: string
}

interface LogTarget {
  committed(): Promise<number>
  append(offset: number, bytes: Uint8Array<ArrayBuffer>): Promise<number>
}

const chunkBytes = 524_288

interface Segment {
  readonly path: string
  readonly start: number
  readonly end: number
}

async function segmentsOf(folder: string): Promise<readonly Segment[]> {
  const found: Segment[] = []
  for (const name of (await readdir(folder)).toSorted()) {
    const start = logSegmentStart(name)
    if (start === undefined) continue
    const path = join(folder, name)
    found.push({ path, start, end: start + (await stat(path)).size })
  }
  return found
}

async function readSegment({ path, start }: Segment, from: number, to: number): Promise<Uint8Array<ArrayBuffer>> {
  const file = await open(path, 'r')
  try {
    const bytes = new Uint8Array(to - from)
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from - start)
    return bytes.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/**
 * Sends what the manager does not have yet, then one last line. Gives size and digest of the whole; undefined when the
 * beginning is not here any more, so that nobody can tell.
 */
export async function completeLog(folder: string, lastLine: string, target: LogTarget): Promise<LogEnd | undefined> {
  const segments = await segmentsOf(folder)
  const hash = createHash('sha256')
  let position = await target.committed()
  let end = 0
  let lastByte = 0x0a
  for (const segment of segments) {
    for (let at = segment.start; at < segment.end; ) {
      const bytes = await readSegment(segment, at, Math.min(segment.end, at + chunkBytes))
      if (bytes.length === 0) break
      hash.update(bytes)
      if (position >= at && position < at + bytes.length)
        position = await target.append(position, bytes.slice(position - at))
      lastByte = bytes.at(-1) ?? lastByte
      at += bytes.length
      end = at
    }
  }
  // A line that was being written when the step died is ended first.
  const line = new TextEncoder().encode(`${lastByte === 0x0a ? '' : '\n'}${lastLine}\n`)
  if (position !== end) return undefined
  await target.append(end, line)
  hash.update(line)
  return segments[0]?.start === 0 ? { bytes: end + line.length, sha256: hash.digest('hex') } : undefined
}
