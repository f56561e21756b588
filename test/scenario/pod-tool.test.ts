// A step in a stock plugin image, both sides of it: the shell that is the first process of the tool's container, and the step that
// tells it what to do. As processes of this machine, with a folder in place of the pod's.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleepFor } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { podPaths } from '#contract/delegate/pod-folder'
import type { PipelineTarget } from '#contract/delegate/step-spec'
import { besideCommand } from '#delegate/runner/kubernetes/tool'
import { openTool, type Tool, toolIsThere } from '#step/pod/beside'
import { performStock } from '#step/work/stock'

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
  said.length = 0
  stopping = new AbortController()
  const [program = '', ...args] = besideCommand(['/bin/sh', resolve('test/cluster/stock-image.sh')]).map((text) =>
    text.replaceAll('/sluice/', `${root}/sluice/`),
  )
  child = spawn(program, args, { stdio: 'inherit', detached: true })
  const ports = { root, sleep, signal: new AbortController().signal }
  await toolIsThere(ports)
  tool = openTool(ports)
})
afterEach(async () => {
  if (child.exitCode === null && child.signalCode === null && child.pid) process.kill(-child.pid, 'SIGKILL')
  await sleepFor(10)
  rmSync(root, { recursive: true, force: true })
})

const password = 'se\'cr$t\n"x'
const payloads: unknown[] = []
const target = { dbSchema: 's', dbInstance: 'i', contexts: '', labelFilter: '', substituteProperties: {} }
async function perform(changelog: string, work: Partial<PipelineTarget> & { type: PipelineTarget['type'] }) {
  writeFileSync(join(root, podPaths.source, 'tree', 'c.yaml'), changelog)
  const source = { type: 'git' as const, url: 'https://g/x.git', reference: { branch: 'main' }, path: 'c.yaml' }
  const connection = { url: 'jdbc:postgresql://h/d' }
  return await performStock({
    work: { ...target, source, connection, preStartTag: 'before', ...work } as PipelineTarget,
    tool,
    root: join(root, podPaths.source, 'tree'),
    credentials: { username: 'u', password },
    properties: {},
    outbox: { payload: (payload) => void payloads.push(payload) },
    streams: { open: () => ({ write: (text) => void said.push(text) }) },
    line: (text) => void said.push(`${text}\n`),
    write: (chunk) => void said.push(chunk),
    begin: async () => {},
    signal: stopping.signal,
  })
}

describe('a stock plugin image', () => {
  test('tags, updates and tags; variables of any text reach it, and nothing of them stays', async () => {
    const result = await perform('databaseChangeLog: []', { type: 'DBSchemaApply', tag: 'after' })
    expect(result.output).toEqual({ preStartTag: 'before' })
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
  test('cannot run what was approved', async () => {
    await expect(perform('', { type: 'DBSchemaApply', approvedDigest: 'd' })).rejects.toMatchObject({
      code: 'not-offered',
    })
  })
})
