// A step in a stock plugin image, both sides of it: the shell that is the first process of the tool's container, and the step that
// tells it what to do. As processes of this machine, with a folder in place of the pod's.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { folderSource } from '#changelog/folder'
import type { Payload } from '#contract/delegate/payload'
import { podPaths } from '#contract/delegate/pod-folder'
import type { StepEvent } from '#contract/delegate/protocol'
import type { PipelineTarget } from '#contract/delegate/step-spec'
import { besideCommand } from '#delegate/runner/kubernetes/tool'
import { openContext } from '#engine/open'
import { createMasking } from '#step/log/mask'
import { openTool, type Tool, toolIsThere } from '#step/pod/beside'
import { performStock } from '#step/work/stock'
import type { StockState } from '#step/work/stock-state'

let root: string
let child: ChildProcess
let tool: Tool
let stopping: AbortController
const said: string[] = []
const sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  sleepFor(milliseconds, undefined, signal ? { signal } : {})

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'sluice-tool-'))
  for (const path of [podPaths.beside, podPaths.tool, `${podPaths.source}/tree`])
    mkdirSync(join(root, path), { recursive: true })
  for (const list of [said, payloads, events]) list.length = 0
  stopping = new AbortController()
  const [program = '', ...args] = besideCommand(['/bin/sh', resolve('test/cluster/stock-image.sh')]).map((text) =>
    text.replaceAll('/sluice/', `${root}/sluice/`),
  )
  const env = { ...process.env, STOCK_ENGINE: expect.getState().currentTestName?.includes('real') ? engine : '' }
  child = spawn(program, args, { stdio: 'inherit', detached: true, env })
  const ports = { root, sleep, signal: new AbortController().signal }
  await toolIsThere(ports)
  tool = openTool(ports)
})
afterEach(async () => {
  if (child.exitCode === null && child.signalCode === null && child.pid) process.kill(-child.pid, 'SIGKILL')
  await sleepFor(10)
  rmSync(root, { recursive: true, force: true })
})

const engine = resolve('dist/cli/main.js')
const password = 'se\'cr$t\n"x'
const payloads: Payload[] = []
const events: StepEvent['body'][] = []
const outbox: StockState['outbox'] = {
  payload: (payload) => void payloads.push(payload),
  event: (event) => void events.push(event),
  told: async () => {},
  delivered: async () => {},
  stop: async () => {},
}
const target = { dbSchema: 's', dbInstance: 'i', contexts: '', labelFilter: '', substituteProperties: {} }
async function perform(changelog: string, work: Partial<PipelineTarget> & { type: PipelineTarget['type'] }) {
  writeFileSync(join(root, podPaths.source, 'tree', 'c.yaml'), changelog)
  const source = { type: 'git' as const, url: 'https://g/x.git', reference: { branch: 'main' }, path: 'c.yaml' }
  const connection = { url: `jdbc:sqlite:${join(root, 'target.db')}`, username: undefined, password: undefined }
  const place = join(root, podPaths.source, 'tree')
  const opened = {
    connection,
    changelogFile: 'c.yaml',
    contexts: '',
    labelFilter: '',
    parameters: {},
    host: 'h',
    run: 'r',
  }
  return await performStock({
    work: { ...target, source, connection, preStartTag: 'before', ...work } as PipelineTarget,
    tool,
    root: place,
    state: {
      outbox,
      masking: createMasking([password]),
      line: (text) => void said.push(`${text}\n`),
      signal: stopping.signal,
      withEngine: async (use, signal) => {
        const given = { ...opened, files: folderSource([place]), clock: () => Date.now(), log: () => {} }
        const context = await openContext(given, signal)
        try {
          return await use(context)
        } finally {
          await context.close()
        }
      },
    },
    credentials: { username: 'u', password },
    properties: {},
    outbox,
    streams: { open: () => ({ write: (text) => void said.push(text) }) },
    line: (text) => void said.push(`${text}\n`),
    write: (chunk) => void said.push(chunk),
    begin: async () => {},
    signal: stopping.signal,
  })
}

const statesOf = (list: readonly Payload[]): string[][] =>
  list.flatMap((one) => (one.kind === 'change-sets' ? [one.changeSets.map(({ status }) => status)] : []))

describe('a stock plugin image', () => {
  test('tags, updates and tags; variables of any text reach it, and nothing of them stays', async () => {
    const result = await perform('databaseChangeLog: []', { type: 'DBSchemaApply', tag: 'after' })
    expect(result.output).toEqual({ preStartTag: 'before', changeSets: [] })
    expect(payloads).toContainEqual({ kind: 'anchor', preStartTag: 'before' })
    const text = said.join('')
    expect(text).toContain('Successfully tagged before\n')
    expect(text).toContain(`--password ${password} update`)
    expect(text).toContain("'update' was executed successfully")
    expect(text).toContain('Successfully tagged after\n')
    tool.end()
    await new Promise((done) => child.once('exit', done))
    expect(child.exitCode).toBe(0)
    const left = readdirSync(join(root, podPaths.beside)).filter((name) => !name.startsWith('output-'))
    for (const name of left) expect(readFileSync(join(root, podPaths.beside, name), 'utf8')).not.toContain('PLUGIN')
  })
  test('shows SQL', async () => {
    const { output } = await perform('databaseChangeLog: []', { type: 'DBSchemaUpdateSQL' })
    expect(output).toEqual({ sqlCommands: ['create table shown (id int);\n'] })
  })
  test('exits with 0 and says in its output file that it failed', async () => {
    await expect(perform('# stock: fail\n', { type: 'DBSchemaApply' })).rejects.toMatchObject({
      code: 'change-set-failed',
      message: expect.stringContaining('exit code 3') as string,
    })
    expect(said.join('')).toContain('Migration failed')
  })
  test.each([
    ['DBSchemaRollback', 'outcome-unknown'],
    ['DBSchemaUpdateSQL', 'change-set-failed'],
  ] as const)('that says nothing about its end, %s: %s', async (type, code) => {
    await expect(perform('# stock: silent\n', { type })).rejects.toMatchObject({ code })
  })
  test('is ended when the step is to stop, and what it was doing is unknown', async () => {
    const running = perform('# stock: sleep\n', { type: 'DBSchemaApply' })
    running.catch(() => {})
    while (!said.join('').includes('sleeping')) await sleepFor(20)
    stopping.abort(new Error('enough'))
    await expect(running).rejects.toMatchObject({ code: 'outcome-unknown' })
  })
  test('whose container dies is unknown', async () => {
    const running = perform('# stock: sleep\n', { type: 'DBSchemaApply' })
    running.catch(() => {})
    while (!said.join('').includes('sleeping')) await sleepFor(20)
    if (child.pid) process.kill(-child.pid, 'SIGKILL')
    await expect(running).rejects.toMatchObject({ code: 'outcome-unknown' })
  }, 15_000)
  test('whose work is real is seen by the history: what ran, and how the changelog stands, also when it failed', async () => {
    const set = (id: number, sql: string): string =>
      `- changeSet: {id: ${id}, author: a, comment: it, changes: [{sql: {sql: "${sql}"}}]}\n`
    const good = `databaseChangeLog:\n${set(1, 'create table one (id int)')}${set(2, 'create table two (id int)')}`
    const { output } = await perform(good, { type: 'DBSchemaApply' })
    expect(output).toEqual({ preStartTag: 'before', changeSets: ['c.yaml::1::a', 'c.yaml::2::a'] })
    expect(events.map((event) => [event.type, event.id, event.direction, 'status' in event && event.status])).toEqual([
      ['change-set.finished', '1', 'apply', 'Successfully_Deployed'],
      ['change-set.finished', '2', 'apply', 'Successfully_Deployed'],
    ])
    expect(statesOf(payloads)).toEqual([
      ['Not_Deployed', 'Not_Deployed'],
      ['Successfully_Deployed', 'Successfully_Deployed'],
    ])
    for (const list of [payloads, events]) list.length = 0
    rmSync(join(root, podPaths.tool, 'step'), { recursive: true })
    const bad = `${good}${set(3, 'create table three (id int)')}${set(4, 'create table one (id int)')}`
    await expect(perform(bad, { type: 'DBSchemaApply', preStartTag: '' })).rejects.toMatchObject({
      code: 'change-set-failed',
    })
    expect(events.map(({ id }) => id)).toEqual(['3'])
    expect(statesOf(payloads).at(-1)?.slice(2)).toEqual(['Successfully_Deployed', 'Not_Deployed'])
  }, 60_000)
  test('on a database that our own engine cannot read leaves what is deployed unknown, and does its work', async () => {
    const { output } = await perform('changes: none', { type: 'DBSchemaApply' })
    expect(output).toEqual({ preStartTag: 'before' })
    expect(said.join('')).toContain('What is deployed is not known')
    expect(events).toEqual([])
  })
  test('cannot run what was approved', async () => {
    await expect(perform('', { type: 'DBSchemaApply', approvedDigest: 'd' })).rejects.toMatchObject({
      code: 'not-offered',
    })
  })
})
