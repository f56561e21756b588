import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { gunzipSync } from 'node:zlib'
import type { LogSender, Piece, SendReply } from './send.ts'
import { openSpool, type Spool } from './spool.ts'
import { startUpload, type Upload } from './upload.ts'

/** A manager in memory: keeps contiguous bytes, answers as told first. */
class Memory implements LogSender {
  bytes = Buffer.alloc(0)
  readonly calls: { offset: number; length: number }[] = []
  readonly answers: SendReply[] = []
  private readonly waiting = new Set<() => void>()

  async append(offset: number, { body, isCompressed }: Piece): Promise<SendReply> {
    const bytes = isCompressed ? gunzipSync(body) : body
    this.calls.push({ offset, length: bytes.length })
    try {
      const told = this.answers.shift()
      if (told) return told
      if (offset !== this.bytes.length) return { type: 'elsewhere' }
      this.bytes = Buffer.concat([this.bytes, bytes])
      return { type: 'committed', offset: this.bytes.length }
    } finally {
      for (const check of this.waiting) check()
    }
  }
  async committed(): Promise<SendReply> {
    return { type: 'committed', offset: this.bytes.length }
  }
  /** Resolves when the manager has so many bytes. */
  has(length: number): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (this.bytes.length >= length) resolve()
      }
      this.waiting.add(check)
      check()
    })
  }
}

let folder: string
let spool: Spool
let memory: Memory
let upload: Upload
const refusals: string[] = []
const put = (text: string): void => {
  spool.append(new TextEncoder().encode(text))
  upload.wake()
}
const never = new AbortController().signal

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-upload-'))
  spool = openSpool(folder, { capacity: 1_000_000, segment: 100_000 })
  memory = new Memory()
  refusals.length = 0
  upload = startUpload({
    spool,
    sender: memory,
    random: () => 0.01,
    elapsed: () => performance.now(),
    onRefused: (reason) => refusals.push(reason),
  })
})
afterEach(async () => {
  await upload.stop()
  spool.close()
  rmSync(folder, { recursive: true })
})

describe('upload', () => {
  test('the first line goes at once, what follows is batched until drained', async () => {
    put('first\n')
    await memory.has(6)
    put('second\n')
    put('third\n')
    expect(memory.calls).toHaveLength(1)
    expect(await upload.drain(never)).toBe(true)
    expect(memory.bytes.toString()).toBe('first\nsecond\nthird\n')
    expect(memory.calls).toHaveLength(2)
  })

  test('64 KiB do not wait for the second', async () => {
    put('first\n')
    await memory.has(6)
    put('x'.repeat(70_000))
    await memory.has(70_006)
  })

  test('resumes where the manager says after an offset it does not have', async () => {
    put('first\n')
    await memory.has(6)
    memory.bytes = memory.bytes.subarray(0, 2)
    put('second\n')
    expect(await upload.drain(never)).toBe(true)
    expect(memory.bytes.toString()).toBe('first\nsecond\n')
  })

  test('goes on after failures, with smaller chunks when they are too large', async () => {
    memory.answers.push(
      { type: 'later', afterMilliseconds: 0, reason: 'HTTP 503' },
      { type: 'too-large' },
      { type: 'later', afterMilliseconds: 5, reason: 'HTTP 429' },
    )
    put('y'.repeat(400_000))
    expect(await upload.drain(never)).toBe(true)
    expect(memory.bytes.toString()).toBe('y'.repeat(400_000))
    expect(refusals).toEqual([])
  })

  test('stops when the manager refuses for good, and when it lost what is gone here', async () => {
    memory.answers.push({ type: 'refused', reason: 'HTTP 410' })
    put('first\n')
    expect(await upload.drain(never)).toBe(false)
    expect(refusals).toEqual(['HTTP 410'])
  })

  test('a rewind sends again from there', async () => {
    put('first\n')
    await upload.drain(never)
    memory.bytes = Buffer.alloc(0)
    upload.rewind(0)
    expect(await upload.drain(never)).toBe(true)
    expect(memory.bytes.toString()).toBe('first\n')
  })
})
