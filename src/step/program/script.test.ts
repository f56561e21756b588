// Scripts as real processes: what they get, what they give, and that nothing of them is left.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type ScriptWork, shells } from '#contract/delegate/program-work'
import { Fault } from '#contract/fault'
import { createMasking } from '../log/mask.ts'
import { runScript } from './script.ts'
import { shellStart } from './shell.ts'

let folder: string
let log: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-script-'))
  log = ''
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Given {
  readonly work?: Partial<ScriptWork>
  readonly environment?: Record<string, string | undefined>
  readonly signal?: AbortSignal
}
const payloads: unknown[] = []
const run = (script: ScriptWork['script'], { work = {}, environment = {}, signal }: Given = {}) => {
  const write = (text: string): void => void (log += text)
  const line = (text: string): void => write(`${text}\n`)
  return runScript({
    work: { type: 'ShellScript', shell: 'Bash', script, environment: {}, outputs: [], ...work },
    document: { folder, secrets: { token: 's3cret' }, files: {} },
    line,
    channel: { line, write, end: () => {} },
    masking: createMasking([]),
    outbox: { payload: (payload) => void payloads.push(payload) },
    environment: {
      PATH: process.env['PATH'],
      SLUICE_ALLOW_SCRIPTS: 'true',
      PGPASSWORD: 'of the delegate',
      ...environment,
    },
    begin: async () => {},
    signal: signal ?? new AbortController().signal,
  })
}
const isThere = (processId: number): boolean => {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${processId}/stat`, 'utf8'))
  } catch {
    return false
  }
}
const outputs = [{ name: 'version', variable: 'v' }]

const posixShells = shells.filter((shell) => shell === 'Bash' || shell === 'Sh')
describe.each(posixShells)('%s', (shell) => {
  test('gives variables of the shell to later steps, also those set before an early exit', async () => {
    const after = run(["v='two\nlines'\nexit 0\n"], { work: { shell, outputs } })
    expect((await after).output).toEqual({ exitCode: 0, outputVariables: { version: 'two\nlines' } })
    const none = run(['set -u; other=1'], { work: { shell, outputs } })
    expect((await none).output).toEqual({ exitCode: 0, outputVariables: {} })
  })
  test('says its exit code, and its messages name the lines of the author', async () => {
    await expect(run(['echo begun\nno_such_command\nexit 7\n'], { work: { shell } })).rejects.toMatchObject({
      code: 'script-failed',
      message: 'The script ended with exit code 7.',
    })
    expect(log).toMatch(/begun\n.*script\.sh: (?:line )?2.*no_such_command|begun\n.*: 2: .*script\.sh: no_such_command/)
  })
})

test.each(posixShells)(
  '%s begins when it is told, and never when its step died before it was written down',
  (shell) => {
    const work: ScriptWork = { type: 'Run', shell, script: [], environment: {}, outputs: [] }
    const { program, arguments: given, files } = shellStart(work, 'echo ran; read -r more; echo "$more"', folder, true)
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    const said = (input: string): string => spawnSync(program, given, { input, encoding: 'utf8' }).stdout
    expect(said('')).toBe('')
    expect(said('\nmore\n')).toBe('ran\n\n')
  },
)

describe('Python', () => {
  test('gives variables of the module or the environment, also those set before an early exit', async () => {
    const work = {
      shell: 'Python',
      outputs: [...outputs, { name: 'w', variable: 'w' }, { name: 'no', variable: 'no' }],
    } as const
    const script = "import os, sys\nprint('begun')\nv = 'two\\nlines'\nos.environ['w'] = 'x'\nsys.exit(0)\nno = 1\n"
    const { output } = await run([script], { work: { ...work, outputs: [...work.outputs] } })
    expect(output).toEqual({ exitCode: 0, outputVariables: { version: 'two\nlines', w: 'x' } })
    expect(log).toContain('begun')
  })
  test('says its exit code, and its messages name the lines of the author', async () => {
    const failing = run(['import sys\nv = [][1]\n'], { work: { shell: 'Python' } })
    await expect(failing).rejects.toMatchObject({ message: 'The script ended with exit code 1.' })
    expect(log).toMatch(/script\.py", line 2/)
    await expect(run(['import sys; sys.exit(7)'], { work: { shell: 'Python' } })).rejects.toThrow('exit code 7')
  })
  test('begins when it is told', () => {
    const work: ScriptWork = { type: 'Run', shell: 'Python', script: [], environment: {}, outputs: [] }
    const {
      program,
      arguments: given,
      files,
    } = shellStart(work, 'import sys\nprint("ran", sys.stdin.read())', folder, true)
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    const said = (input: string): string => spawnSync(program, given, { input, encoding: 'utf8' }).stdout
    expect(said('')).toBe('')
    expect(said('\nmore\n')).toBe('ran \n')
  })
})

test('a script that has its own trap is read after its last line', async () => {
  const { output } = await run(["trap 'echo bye' EXIT\nv=1"], { work: { outputs } })
  expect(output['outputVariables']).toEqual({ version: '1' })
  expect(log).toContain('bye')
})

test('has nothing of the delegate in its environment, and its own variables in no other process', async () => {
  const work = {
    environment: { TOKEN: [{ secret: 'token' }], PLAIN: ['a b'] },
    outputs: [{ name: 'all', variable: 'all' }],
  }
  const { output } = await run(['all=$(env | cut -d= -f1 | sort | tr "\\n" " ")\necho "$TOKEN $PLAIN"'], { work })
  expect(log).toContain('s3cret a b')
  expect((output['outputVariables'] as { all: string }).all).toMatch(/^(_ |OLDPWD |PATH |PLAIN |PWD |SHLVL |TOKEN )+$/)
  expect(process.env['TOKEN']).toBeUndefined()
})

test('a secret in the script is in no argument and in no file afterwards', async () => {
  const pieces: ScriptWork['script'] = [
    'x="',
    { secret: 'token' },
    '"; tr "\\0" " " < /proc/$$/cmdline; echo; ls -l "${0%/*}"',
  ]
  await run(pieces)
  expect(log).not.toContain('s3cret')
  expect(log).toMatch(/-rw-------.*script\.sh/)
  expect(readdirSync(folder)).not.toContain('script')
})

test('a secret that did not come is an error before anything runs', async () => {
  await expect(run(['echo ran', { secret: 'other' }])).rejects.toMatchObject({ code: 'secret-unresolved' })
  expect(log).toBe('')
})

test('told to stop, it may clear up; what does not end is killed with all that it started', async () => {
  const stop = new AbortController()
  const script = `(trap '' TERM; sleep 300) & child=$!\ntrap 'echo cleared' TERM\necho "child $child"\nwait`
  const ended = run([script], { signal: stop.signal })
  ended.catch(() => {})
  while (!/child \d+\n/.test(log)) await new Promise((resolve) => setTimeout(resolve, 10))
  const child = Number(/child (\d+)/.exec(log)?.[1])
  expect(isThere(child)).toBe(true)
  stop.abort(new Fault('cancelled', 'enough'))
  await expect(ended).rejects.toMatchObject({ message: 'enough' })
  expect(log).toContain('cleared')
  await expect.poll(() => isThere(child)).toBe(false)
})

test('what it leaves in the background ends with it', async () => {
  const { output } = await run(['sleep 300 &\nv=$!'], { work: { outputs } })
  const { version } = output['outputVariables'] as { version: string }
  await expect.poll(() => isThere(Number(version))).toBe(false)
})

test('a link in the place of an output is not followed', async () => {
  const script = 'echo elsewhere > real; ln -s "$PWD/real" "${0%/*}/output-0"'
  const { output } = await run([script], { work: { outputs } })
  expect(output['outputVariables']).toEqual({})
})

test('one that cannot be found again when the step dies does not go on', async () => {
  mkdirSync(join(folder, 'script.json.new'))
  await expect(run(['sleep 300'])).rejects.toMatchObject({ code: 'EISDIR' })
  const running = (): boolean =>
    readdirSync('/proc').some((name) => {
      try {
        return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'utf8').includes(folder)
      } catch {
        return false
      }
    })
  await expect.poll(running).toBe(false)
})

test('too large an output is refused, and so is a delegate that runs no scripts', async () => {
  await expect(run(['v=$(head -c 70000 /dev/zero | tr "\\0" x)'], { work: { outputs } })).rejects.toMatchObject({
    code: 'too-large',
  })
  const environment = { SLUICE_ALLOW_SCRIPTS: undefined }
  await expect(run(['touch ran'], { environment })).rejects.toMatchObject({ code: 'forbidden' })
  expect(existsSync(join(folder, 'workspace', 'ran'))).toBe(false)
})

test('a secret output goes its own way, and the others do not give it away', async () => {
  const outputs = [
    { name: 'key', variable: 'key', secret: true },
    { name: 'shown', variable: 'shown' },
  ]
  const { output } = await run(['key=hunter22-made; shown="it is $key"'], { work: { outputs } })
  expect(output?.['outputVariables']).toEqual({ key: '******', shown: 'it is ******' })
  expect(payloads).toEqual([{ kind: 'secret-output', values: { key: 'hunter22-made' } }])
})
