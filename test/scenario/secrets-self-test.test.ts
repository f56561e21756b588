// `sluice secrets self-test` as an administrator runs it: the built program, a release of its own, and its verdict.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

test('the secret of the self-test is seen only where it has to be', { timeout: 240_000 }, () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'secrets', 'self-test'], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
  })
  expect(stderr).toBe('')
  // What it must have looked at, or "not seen" says nothing.
  for (const place of [
    'not seen  arguments of all processes',
    'not seen  environments of all processes',
    'seen      the step among the processes looked at',
    'seen      git among the processes looked at',
    'not seen  files of manager, delegate and step',
    'not seen  log of manager and delegate',
    'not seen  answers of getLog',
    'not seen  answers of getExecution',
    'not seen  table DATABASECHANGELOG of',
    'seen      table self_test of the database',
    'seen      password at the Git server',
  ])
    expect(stdout).toContain(`ok   ${place}`)
  expect(stdout).not.toContain('FAIL')
  expect(stdout).toMatch(/The secret was seen only where it has to be\.\n$/)
  expect(status).toBe(0)
})

test('a release that goes wrong is a fault with its reason, and no list of places', { timeout: 240_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-git-'))
  try {
    // Serves, and fetches nothing.
    const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
    const script = `#!/bin/sh\ncase "$*" in *http://*) echo "no network today" >&2; exit 128 ;; esac\nexec ${git} "$@"\n`
    writeFileSync(join(folder, 'git'), script, { mode: 0o755 })
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'secrets', 'self-test'], {
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env['PATH']}`, HOME: process.env['HOME'] },
    })
    expect(stdout).toBe('')
    expect(stderr).toContain('The release of the self-test went wrong, so nothing was tested')
    expect(stderr).toContain('no network today')
    expect(status).toBe(3)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
