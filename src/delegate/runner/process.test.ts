import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { StepDocument } from '#contract/delegate/step-document'
import type { AcceptedAttempt, RunningStep } from './port.ts'
import { createProcessRunner, stepEnvironment } from './process.ts'
import { identifyProcess } from '#contract/delegate/process-identity'

/** Stands for a step: reads its document, says that it did, and stays until it is told to stop. */
const program = `
import { readFileSync, writeFileSync } from 'node:fs'
const document = JSON.parse(readFileSync(0, 'utf8'))
const status = { pid: process.pid, secrets: Object.keys(document.secrets).length }
if (process.platform === 'linux') {
  status.argv = readFileSync('/proc/self/cmdline', 'utf8')
  status.environ = readFileSync('/proc/self/environ', 'utf8')
}
process.on('SIGTERM', () => process.exit(7))
setInterval(() => {}, 1000)
console.log('last words')
writeFileSync('ready.json', JSON.stringify(status))
`
let folder: string
let attempt: AcceptedAttempt
let step: RunningStep | undefined
const secret = 'hunter22-very-secret'
const token = 'attempt-token-very-secret'
const document = { attemptToken: token, secrets: { password: secret } } as unknown as StepDocument

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-runner-'))
  writeFileSync(join(folder, 'program.mjs'), program)
  mkdirSync(join(folder, 'a1'))
  attempt = {
    attempt: 'a1',
    fence: '1',
    type: 'DBSchemaApply',
    attemptToken: token,
    acceptedAt: 0,
    timeoutSeconds: 60,
    folder: join(folder, 'a1'),
  }
})
afterEach(async () => {
  step?.kill()
  await step?.ended
  step = undefined
  rmSync(folder, { recursive: true })
})

const runner = (environment: Record<string, string | undefined> = process.env) =>
  createProcessRunner({ command: [process.execPath, join(folder, 'program.mjs')], environment, watchInterval: 20 })
async function ready(): Promise<{ pid: number; argv?: string; environ?: string; secrets: number }> {
  const read = (): string => readFileSync(join(folder, 'a1', 'ready.json'), 'utf8')
  await expect
    .poll(
      () => {
        try {
          return read().endsWith('}')
        } catch {
          return false
        }
      },
      { timeout: 10_000 },
    )
    .toBe(true)
  return JSON.parse(read()) as { pid: number; secrets: number }
}

describe('process runner', () => {
  test('secrets reach the step, and are neither in its arguments nor in its environment', async () => {
    step = await runner({
      ...process.env,
      NODE_OPTIONS: '--no-warnings',
      SLUICE_DELEGATE_TOKEN: 'join',
      PGPASSWORD: secret,
    }).start(attempt, document)
    const status = await ready()
    expect(status.secrets).toBe(1)
    const visible = `${status.argv}${status.environ}`
    for (const hidden of [secret, token, 'NODE_OPTIONS', 'SLUICE_', 'PGPASSWORD']) expect(visible).not.toContain(hidden)
    step.terminate()
    expect(await step.ended).toBe('exit code 7')
    expect(readFileSync(join(attempt.folder, 'output.txt'), 'utf8')).toBe('last words\n')
    for (const file of ['process.json', 'output.txt'])
      expect(readFileSync(join(attempt.folder, file), 'utf8')).not.toContain(secret)
  })

  test('the script of a step that is gone when the delegate comes back does not go on', async () => {
    const script = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' })
    const processId = script.pid ?? 0
    const ended = new Promise((resolve) => script.once('exit', (_, signal) => resolve(signal)))
    const identity = await identifyProcess(processId)
    writeFileSync(join(attempt.folder, 'process.json'), JSON.stringify({ processId, identity: 'of an earlier one' }))
    writeFileSync(join(attempt.folder, 'script.json'), JSON.stringify({ processId, identity }))
    expect(await runner().find(attempt)).toBeUndefined()
    expect(await ended).toBe('SIGKILL')
  })

  test('a killed step says so', async () => {
    step = await runner().start(attempt, document)
    await ready()
    step.kill()
    expect(await step.ended).toBe('signal SIGKILL')
  })

  test('another delegate finds a step that runs, can stop it, and sees it end', async () => {
    step = await runner().start(attempt, document)
    await ready()
    const found = await runner().find(attempt)
    found?.terminate()
    expect(await found?.ended).toContain('earlier delegate')
    expect(await step.ended).toBe('exit code 7')
    expect(await runner().find(attempt)).toBeUndefined()
  })

  test('a number that another process has now is not taken for the step', async () => {
    writeFileSync(
      join(attempt.folder, 'process.json'),
      JSON.stringify({ processId: process.pid, identity: 'before:1' }),
    )
    expect(await runner().find(attempt)).toBeUndefined()
  })

  test('a program that is not there is an error, not a step', async () => {
    const none = createProcessRunner({ command: ['/nowhere/node'], environment: {} })
    await expect(none.start(attempt, document)).rejects.toThrow(/cannot be started/)
  })

  test('only what a step needs is passed on', () => {
    expect(
      stepEnvironment({ PATH: '/bin', NODE_OPTIONS: '--inspect', AWS_SECRET: 'x', HTTPS_PROXY: 'http://p' }),
    ).toEqual({
      PATH: '/bin',
      HTTPS_PROXY: 'http://p',
    })
  })

  test('a process has an identity as long as it lives', async () => {
    const own = await identifyProcess(process.pid)
    expect(own).toBeTruthy()
    expect(await identifyProcess(process.pid)).toBe(own)
    expect(await identifyProcess(2 ** 22 + 1)).toBeUndefined()
  })
})
