// What a person is told when an optional driver is not installed. Its absence is played: here it is installed.
import { afterEach, expect, test, vi } from 'vitest'
import { openDatabase } from './open.ts'

afterEach(() => {
  vi.doUnmock('tedious')
  vi.doUnmock('oracledb')
  vi.resetModules()
})

const absent = (): never => {
  throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
}

test.each([
  ['tedious', 'jdbc:sqlserver://127.0.0.1;databaseName=a', 'Run npm install tedious@19.2.2.'],
  ['oracledb', 'jdbc:oracle:thin:@//127.0.0.1/a', 'Run npm install oracledb@26.0.0.'],
])('%s', async (driver, url, hint) => {
  vi.doMock(driver, absent)
  await expect(openDatabase({ url, username: 'a', password: 'b' })).rejects.toMatchObject({
    code: 'database-driver-missing',
    message: `the driver package "${driver}" is not installed`,
    hint,
  })
})
