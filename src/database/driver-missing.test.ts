// What a person is told when a driver cannot be loaded: absent, or there and broken.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { driverMissing } from './driver-missing.ts'
import { openDatabase } from './open.ts'

afterEach(() => {
  vi.doUnmock('tedious')
  vi.doUnmock('oracledb')
  vi.resetModules()
})

const load = createRequire(import.meta.url)
function errorOf(path: string): unknown {
  try {
    load(path)
  } catch (error) {
    return error
  }
  throw new Error('It loaded.')
}

test('one that is not installed', async () => {
  const absent: string = 'no-such-driver'
  const error = await import(absent).catch((reason: unknown) => reason)
  for (const one of [error, errorOf('no-such-driver')])
    expect(driverMissing(one, 'no-such-driver', 'no-such-driver@1')).toMatchObject({
      code: 'database-driver-missing',
      message: 'the driver package "no-such-driver" is not installed',
      hint: 'Run npm install no-such-driver@1.',
    })
})

test('one that lacks a part, or whose part is not for this machine, in the words of the loader', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-driver-'))
  try {
    writeFileSync(join(folder, 'part.node'), 'not a library')
    writeFileSync(join(folder, 'whole.js'), 'require("@libsql/another-platform")')
    const broken = driverMissing(errorOf(join(folder, 'part.node')), 'libsql')
    expect(broken.message).toMatch(/^the driver package "libsql" cannot be loaded: .*part\.node/)
    expect(broken.hint).toContain('on this platform')
    expect(driverMissing(errorOf(join(folder, 'whole.js')), 'libsql').message).toContain('@libsql/another-platform')
  } finally {
    rmSync(folder, { recursive: true })
  }
})

// Its absence is played: here it is installed.
test.each([
  ['tedious', 'jdbc:sqlserver://127.0.0.1;databaseName=a', 'npm install tedious@19.2.2.'],
  ['oracledb', 'jdbc:oracle:thin:@//127.0.0.1/a', 'npm install oracledb@26.0.0.'],
])('opening a database without %s', async (driver, url, command) => {
  vi.doMock(driver, () => {
    throw new Error('not here')
  })
  const fault = await openDatabase({ url, username: 'a', password: 'b' }).catch((reason: unknown) => reason)
  expect(fault).toMatchObject({ code: 'database-driver-missing', hint: expect.stringContaining(command) as string })
})
