// Folders of step groups: one for each, kept while their run goes on, gone when the manager says that it is over or nobody came for a day.
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '#contract/delegate/repeat'
import { openWorkspaces } from './workspace.ts'

let directory = ''
beforeEach(() => void (directory = mkdtempSync(join(tmpdir(), 'sluice-workspaces-'))))
afterEach(() => rmSync(directory, { recursive: true }))

test('a run has one folder for each group, which nobody else may read, and loses it when it is over', async () => {
  const over = new Set<string>()
  const ask = async (executions: readonly string[]) => executions.filter((one) => over.has(one))
  const workspaces = openWorkspaces(directory, systemClock, ask)
  const mine = await workspaces.open('one', 's.g', 60)
  expect(statSync(mine).mode & 0o777).toBe(0o700)
  writeFileSync(join(mine, 'file'), 'x')
  const other = await workspaces.open('one', 's.h', 60)
  expect(other).not.toBe(mine)
  expect(await workspaces.open('one', 's.g', 60)).toBe(mine)
  await workspaces.open('two', 's.g', 60)
  expect(existsSync(join(mine, 'file'))).toBe(true)
  over.add('one')
  await workspaces.open('two', 's.g', 60)
  await vi.waitFor(() => expect([existsSync(mine), existsSync(other)]).toEqual([false, false]), 20_000)
})

test('without an answer of the manager it is kept for a day after the last step may have ended', async () => {
  let passed = 0
  const clock = { ...systemClock, now: () => Date.now() + passed }
  const workspaces = openWorkspaces(directory, clock, () => Promise.reject(new Error('away')))
  const mine = await workspaces.open('one', 's.g', 3600)
  passed = 24 * 3_600_000
  await workspaces.open('two', 's.g', 60)
  expect(existsSync(mine)).toBe(true)
  passed = 26 * 3_600_000
  await workspaces.open('three', 's.g', 60)
  await vi.waitFor(() => expect(existsSync(mine)).toBe(false), 20_000)
})
