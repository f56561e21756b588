import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { logSegmentName } from '#contract/delegate/attempt-folder'
import { completeLog, readRemains } from './remains.ts'
import { judgeDeath } from './settle.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-remains-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('what a dead step is said to have done', () => {
  const attempt = { fence: '3', type: 'DBSchemaApply' }
  const x = { how: 'x', cancelled: false }
  const died = { phase: 'started', result: undefined } as const

  test('started and changing: unknown; anything else: it failed and changed nothing', () => {
    expect(judgeDeath(attempt, died, { how: 'signal SIGKILL', cancelled: false })).toMatchObject({
      outcome: 'unknown',
      fence: '3',
      fault: { code: 'outcome-unknown' },
    })
    expect(judgeDeath({ ...attempt, type: 'DBSchemaRollback' }, died, x).outcome).toBe('unknown')
    expect(judgeDeath({ ...attempt, type: 'DBSchemaUpdateSQL' }, died, x)).toMatchObject({
      outcome: 'failure',
      fault: { code: 'step-died' },
    })
    expect(judgeDeath(attempt, { ...died, phase: 'preparing' }, x)).toMatchObject({
      outcome: 'failure',
      fault: { code: 'step-died' },
    })
  })

  test('one that was asked to stop before it began was cancelled; once it had begun that does not help', () => {
    const stopped = { how: 'signal SIGTERM', cancelled: true }
    expect(judgeDeath(attempt, { ...died, phase: 'preparing' }, stopped)).toMatchObject({ outcome: 'cancelled' })
    expect(judgeDeath(attempt, died, stopped)).toMatchObject({ outcome: 'unknown' })
  })

  test('what it was about to report is reported', () => {
    const result = { fence: '3', outcome: 'success', output: { preStartTag: 'before' } } as const
    expect(judgeDeath(attempt, { ...died, result }, x)).toEqual(result)
  })

  test('is read from its folder; what cannot be read counts as not begun only when it is not there', async () => {
    expect(await readRemains(folder)).toEqual({ phase: 'preparing', result: undefined })
    writeFileSync(join(folder, 'state.json'), '{"phase":"started"}')
    writeFileSync(join(folder, 'result.json'), '{"outcome":')
    expect(await readRemains(folder)).toEqual({ phase: 'started', result: undefined })
    writeFileSync(join(folder, 'state.json'), '')
    expect(await readRemains(folder)).toEqual({ phase: 'started', result: undefined })
  })
})

describe('the rest of a log', () => {
  /** A manager with the beginning of the log. */
  function target(log: string) {
    let bytes = Buffer.from(log)
    return {
      log: () => bytes.toString(),
      committed: async () => bytes.length,
      append: async (offset: number, more: Uint8Array) => {
        expect(offset).toBe(bytes.length)
        bytes = Buffer.concat([bytes, more])
        return bytes.length
      },
    }
  }
  const segments = (...texts: string[]): void => {
    let start = 0
    for (const text of texts) {
      writeFileSync(join(folder, logSegmentName(start)), text)
      start += Buffer.byteLength(text)
    }
  }

  test.each(['', 'one\n', 'one\ntwo\nth', 'one\ntwo\nthree\n'])(
    'is sent from where the manager is: %j',
    async (known) => {
      segments('one\ntw', 'o\nthree\n')
      const manager = target(known)
      const end = await completeLog(folder, 'It died.', manager)
      expect(manager.log()).toBe('one\ntwo\nthree\nIt died.\n')
      expect(end).toEqual({
        bytes: manager.log().length,
        sha256: createHash('sha256').update(manager.log()).digest('hex'),
      })
    },
  )

  test('a line that was being written is ended', async () => {
    segments('one\ntw')
    const manager = target('')
    await completeLog(folder, 'It died.', manager)
    expect(manager.log()).toBe('one\ntw\nIt died.\n')
  })

  test('without any log there is the last line', async () => {
    const manager = target('')
    await completeLog(folder, 'It died.', manager)
    expect(manager.log()).toBe('It died.\n')
  })

  test('a beginning that is gone is not made up', async () => {
    writeFileSync(join(folder, logSegmentName(4)), 'two\n')
    const manager = target('one\n')
    expect(await completeLog(folder, 'It died.', manager)).toBeUndefined()
    expect(manager.log()).toBe('one\ntwo\nIt died.\n')
  })
})
