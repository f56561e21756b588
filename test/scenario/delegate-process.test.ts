// The command `sluice delegate` as a process of its own: killed at work, its step goes on, and the next one takes over.
import { type ChildProcess, spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createWorld, program, type StepWorld, tables } from './step-world.ts'

let world: StepWorld
let children: ChildProcess[] = []
beforeEach(async () => {
  world = await createWorld()
  world.commit({ 'changelog.sql': tables('alpha', 'beta', 'gamma') })
})
afterEach(async () => {
  world.manager.intercept = undefined
  for (const child of children) child.kill('SIGKILL')
  children = []
  await world.close()
})

interface DelegateProcess {
  readonly child: ChildProcess
  readonly said: () => string
  readonly ended: Promise<string>
}
function startDelegate(...more: string[]): DelegateProcess {
  const child = spawn(
    process.execPath,
    [program, 'delegate', '--manager', world.manager.url, '--directory', world.directory, '--name', 'killed', ...more],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env['PATH'], SLUICE_DELEGATE_TOKEN: world.manager.joinToken },
    },
  )
  children.push(child)
  let output = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const ended = new Promise<string>((resolve) => child.once('exit', (code, signal) => resolve(signal ?? String(code))))
  return { child, said: () => output, ended }
}
const attempts = (): string[] => readdirSync(join(world.directory, 'attempts'))

describe('sluice delegate', { timeout: 60_000 }, () => {
  test('killed at work: the step goes on by itself, and the next delegate adopts it', async () => {
    const first = startDelegate()
    const release = world.hold('events')
    const attempt = world.manager.enqueue(world.spec('a1', { type: 'DBSchemaApply' }))
    await world.manager.until(() => world.manager.calls.includes('events'))
    first.child.kill('SIGKILL')
    await first.ended
    const polls = world.manager.polls.length
    const second = startDelegate()
    await world.manager.until(() => world.manager.polls.length > polls)
    expect(world.manager.polls.at(-1)).toMatchObject({ freeSlots: 3, running: ['a1'] })
    expect(second.said()).toContain('adopted attempt a1')
    release()
    await world.manager.until(() => attempt.state === 'finished')
    expect(attempt.finish?.outcome).toBe('success')
    await expect.poll(attempts, { timeout: 10_000 }).toEqual([])
    expect(world.manager.delegates.size).toBe(1)
  })

  test('killed, and its step finishes while no delegate is there', async () => {
    const first = startDelegate()
    const release = world.hold('events')
    const attempt = world.manager.enqueue(world.spec('a1', { type: 'DBSchemaApply' }))
    await world.manager.until(() => world.manager.calls.includes('events'))
    first.child.kill('SIGKILL')
    await first.ended
    release()
    await world.manager.until(() => attempt.state === 'finished')
    expect(attempt.finish?.outcome).toBe('success')
    startDelegate()
    await expect.poll(attempts, { timeout: 10_000 }).toEqual([])
    const next = await world.run(world.spec('a2', { type: 'DBSchemaUpdateSQL' }))
    expect(next.finish).toMatchObject({ outcome: 'success', output: { changeSets: [] } })
  })

  test('killed together with its step: the next delegate reports what is not known', async () => {
    const first = startDelegate()
    const release = world.hold('events')
    const attempt = world.manager.enqueue(world.spec('a1', { type: 'DBSchemaApply' }))
    await world.manager.until(() => world.manager.calls.includes('events'))
    const step = world.processOf('a1')
    first.child.kill('SIGKILL')
    process.kill(step, 'SIGKILL')
    await first.ended
    release()
    startDelegate()
    await world.manager.until(() => attempt.state === 'finished')
    expect(attempt.finish).toMatchObject({ outcome: 'unknown', fault: { code: 'outcome-unknown' } })
    expect(attempt.log.toString()).toContain('Step started')
  })

  test('asked to end: it waits for its step, then goes', async () => {
    const { child, ended, said } = startDelegate()
    const release = world.hold('events')
    const attempt = world.manager.enqueue(world.spec('a1', { type: 'DBSchemaApply' }))
    await world.manager.until(() => world.manager.calls.includes('events'))
    child.kill('SIGTERM')
    release()
    await world.manager.until(() => attempt.state === 'finished')
    expect(await ended).toBe('0')
    expect(attempt.finish?.outcome).toBe('success')
    expect(attempts()).toEqual([])
    expect(said()).not.toContain(world.manager.joinToken)
  })

  test('asked to end with no patience: the step goes on', async () => {
    const { child, ended, said } = startDelegate('--drain-seconds', '0')
    const release = world.hold('events')
    const attempt = world.manager.enqueue(world.spec('a1', { type: 'DBSchemaApply' }))
    await world.manager.until(() => world.manager.calls.includes('events'))
    child.kill('SIGTERM')
    expect(await ended).toBe('0')
    expect(said()).toContain('go on by themselves')
    release()
    await world.manager.until(() => attempt.state === 'finished')
    expect(attempt.finish?.outcome).toBe('success')
  })

  test('says what is wrong when it cannot start', async () => {
    const wrong = startDelegate('--capacity', 'many')
    expect(await wrong.ended).toBe('2')
    expect(wrong.said()).toContain('--capacity must be a whole number')
    const plain = spawn(process.execPath, [
      program,
      'delegate',
      '--manager',
      'http://sluice.example.com',
      '--directory',
      world.directory,
    ])
    children.push(plain)
    let said = ''
    plain.stderr.on('data', (part: Buffer) => {
      said += part.toString()
    })
    expect(await new Promise((resolve) => plain.once('exit', resolve))).toBe(2)
    expect(said).toContain('--allow-plain-http')
  })
})
