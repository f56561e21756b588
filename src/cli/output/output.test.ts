import { describe, expect, test } from 'vitest'
import { Fault } from '#contract/fault'
import type { Plan, PlannedStep } from '#engine/plan'
import type { Terminal } from '../terminal.ts'
import { printFault } from './fault.ts'
import { progressListener } from './progress.ts'
import { formatReasons, formatSummary } from './summary.ts'
import { formatTable } from './table.ts'

function recording(isTerminal = false): Terminal & { readonly said: string[] } {
  const said: string[] = []
  return {
    said,
    out: (text) => void said.push(`out ${text}`),
    err: (text) => void said.push(text),
    live: isTerminal ? (text) => void said.push(`live ${text}`) : undefined,
    color: false,
    environment: {},
    folder: '.',
    signal: new AbortController().signal,
    clock: () => 0,
  }
}

const step = { direction: 'apply', changeSet: { path: 'c.xml', id: '1', author: 'amy' } } as unknown as PlannedStep

describe('a fault', () => {
  test('is shown with its places and what to do, and gives its exit code', () => {
    const terminal = recording()
    const span = { file: 'c.xml', line: 3, column: 5 }
    const diagnostics = Array.from({ length: 52 }, () => ({
      code: 'x/y',
      severity: 'error' as const,
      message: 'wrong',
      span,
      fix: 'right it',
    }))
    const fault = new Fault('changelog-locked', 'Locked by ann.', { diagnostics, databaseCode: '55P03' })
    expect(printFault(terminal, fault)).toBe(4)
    expect(terminal.said[0]).toBe('error Locked by ann. [changelog-locked, 55P03]')
    expect(terminal.said[1]).toBe('  c.xml:3:5 error x/y: wrong\n      fix: right it')
    expect(terminal.said.at(-2)).toBe('  … and 2 more')
    expect(terminal.said.at(-1)).toContain('release the lock only when you know that it is dead')
  })

  test('that is none is a defect with an id', () => {
    const terminal = recording()
    expect(printFault(terminal, new TypeError('oops'))).toBe(70)
    expect(terminal.said[0]).toMatch(/^defect [0-9a-f]{8}: TypeError: oops\n {4}at /)
  })
})

describe('progress', () => {
  test('is one plain line for each change set when piped', async () => {
    const terminal = recording()
    const listener = progressListener(terminal)
    await listener.changeSetStarted(step)
    await listener.changeSetFinished(step, { status: 'done', duration: 3 })
    await listener.changeSetStarted({ ...step, direction: 'rollback' })
    await listener.changeSetFinished(step, { status: 'failed', duration: 3, error: 'x' })
    expect(terminal.said).toEqual([
      'Running Changeset: c.xml::1::amy',
      'Rolling Back Changeset: c.xml::1::amy',
      'failed c.xml::1::amy after 3 ms',
    ])
  })

  test('replaces its line on a terminal', async () => {
    const terminal = recording(true)
    const listener = progressListener(terminal)
    await listener.changeSetStarted(step)
    await listener.changeSetFinished(step, { status: 'skipped', duration: 2.6 })
    expect(terminal.said).toEqual(['live 1 Running Changeset: c.xml::1::amy', 'skipped c.xml::1::amy 3 ms'])
  })
})

test('the summary counts as Liquibase does', () => {
  const changeSet = step.changeSet
  const plan = {
    alreadyRan: 2,
    filtered: [
      { changeSet, reason: 'Context mismatch' },
      { changeSet, reason: 'DBMS mismatch' },
      { changeSet, reason: 'Context mismatch' },
    ],
  } as unknown as Plan
  expect(formatSummary({ run: 3, plan, skipped: ['c.xml::9::amy'], failed: 1 })).toBe(`
UPDATE SUMMARY
Run:                          3
Previously run:               2
Filtered out:                 4
-------------------------------
Total change sets:           10


FILTERED CHANGE SETS SUMMARY
Context mismatch:             2
DBMS mismatch:                1
Preconditions:                1
`)
})

test('the reasons are told in the words of the original engine', () => {
  const plan = {
    alreadyRan: 1,
    filtered: [
      { changeSet: { ...step.changeSet, dbms: ['oracle'] }, reason: 'DBMS mismatch' },
      { changeSet: { ...step.changeSet, id: '3', dbms: [] }, reason: 'Context mismatch', alreadyRan: true },
    ],
  } as unknown as Plan
  const limits = { contexts: 'y', labelFilter: '', tag: undefined, count: undefined }
  const summary = { run: 1, plan, skipped: [], failed: 0 }
  expect(formatReasons(summary, limits)).toBe(
    [
      '+----------------+-----------------------------------+',
      '| Changeset Info | Reason Skipped                    |',
      '+----------------+-----------------------------------+',
      "| c.xml::1::amy  | mismatched DBMS value of 'oracle' |",
      '+----------------+-----------------------------------+',
      "| c.xml::3::amy  | Context does not match 'y'        |",
      '|                | Changeset already ran             |',
      '+----------------+-----------------------------------+',
    ].join('\n'),
  )
  // Counted under both heads, once in the total.
  expect(formatSummary(summary)).toContain('Previously run:               1\nFiltered out:                 2\n')
  expect(formatSummary(summary)).toContain('Total change sets:            3\n')
  expect(formatSummary(summary)).toContain(
    'Context mismatch:             1\nAlready ran:                  1\nDBMS mismatch:',
  )
})

test('a table has a frame that fits its widest cells', () => {
  expect(formatTable(['A', 'Long head'], [['value', '']])).toBe(
    '+-------+-----------+\n| A     | Long head |\n+-------+-----------+\n| value |           |\n+-------+-----------+',
  )
})
