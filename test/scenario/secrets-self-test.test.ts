// `sluice secrets self-test` as an administrator runs it: the built program, a release of its own, and its verdict.
import { spawnSync } from 'node:child_process'
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
