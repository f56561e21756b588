import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type LogChannel, lineLimit, openLogChannel } from './channel.ts'
import { createMasking, maskText } from './mask.ts'
import { openSpool, type Spool } from './spool.ts'

let folder: string
let spool: Spool
let log: LogChannel
const stamp = '2026-01-02T03:04:05.678Z'

function open(capacity = 10_000_000): void {
  spool = openSpool(folder, { capacity, segment: 65_536 })
  const masking = createMasking(['hunter22', 'line one\nline two'])
  log = openLogChannel({ masking, spool, now: () => Date.parse(stamp), onAppend: () => {} })
}
function logged(): string {
  let all = Buffer.alloc(0)
  while (spool.begin + all.length < spool.end)
    all = Buffer.concat([all, spool.read(spool.begin + all.length, 1_000_000)])
  return all.toString('utf8')
}
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-channel-'))
  open()
})
afterEach(() => {
  spool.close()
  rmSync(folder, { recursive: true })
})

describe('log channel', () => {
  test('every line has a time stamp; the first of a run of code is written at once, the others before anything is waited for', async () => {
    log.line('first')
    expect(logged()).toBe(`${stamp} first\n`)
    log.line('second\nthird')
    await Promise.resolve()
    expect(logged()).toBe(`${stamp} first\n${stamp} second\n${stamp} third\n`)
  })

  test('pieces of a program become whole lines, secrets across them are masked', () => {
    log.write('password hun')
    log.write('ter')
    log.write('22 end\r\nnext')
    log.end()
    expect(logged()).toBe(`${stamp} password ${maskText} end\n${stamp} next\n`)
  })

  test('NUL is removed before masking, so that it hides nothing', () => {
    log.line('hun\0ter2\x002')
    expect(logged()).toBe(`${stamp} ${maskText}\n`)
  })

  test('more than a burst holds back is in the file before the run of code ends', () => {
    for (let n = 0; n < 1000; n++) log.line('x'.repeat(99))
    expect(spool.end).toBeGreaterThan(60_000)
    log.end()
    expect(logged()).toBe(`${stamp} ${'x'.repeat(99)}\n`.repeat(1000))
  })

  test('a long line is cut between characters and says so', () => {
    log.line('é'.repeat(lineLimit))
    const line = logged()
    expect(line).toContain(` … ${lineLimit} bytes of this line were cut\n`)
    expect(line).not.toContain('\ufffd')
  })

  test('what does not fit is counted, and the count is logged when there is room again', async () => {
    spool.close()
    rmSync(folder, { recursive: true })
    open(200_000)
    const line = 'x'.repeat(999)
    for (let n = 0; n < 300; n++) log.line(line)
    await Promise.resolve()
    const held = spool.end
    expect(held).toBeLessThanOrEqual(200_000)
    spool.commit(held)
    log.line('after')
    const perLine = stamp.length + 1 + line.length + 1
    expect(logged()).toContain(`${300 * perLine - held} bytes of log were dropped`)
    expect(logged().trimEnd().endsWith('after')).toBe(true)
  })
})
