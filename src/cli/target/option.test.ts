import { describe, expect, test } from 'vitest'
import type { Terminal } from '../terminal.ts'
import { changelogOptions, targetOptions } from './option.ts'
import type { CommandSession } from './command-session.ts'
import { type Flags, readSettings } from './setting.ts'

const terminal: Terminal = {
  out: () => {},
  err: () => {},
  live: undefined,
  color: false,
  environment: { SLUICE_PASSWORD: 'from environment', MY_TOKEN: 'x', HOME: '/home/amy' },
  folder: '/work',
  signal: new AbortController().signal,
  clock: () => 0,
}

async function session(flags: Flags): Promise<CommandSession> {
  const settings = await readSettings('update', flags, terminal)
  return { settings, terminal, log: () => {}, json: false, print: () => {} }
}

describe('what the engine is opened with', () => {
  test('a catalog is the database on MySQL and MariaDB, and nothing elsewhere', async () => {
    const flags = { defaultCatalogName: 'shop', liquibaseCatalogName: 'history' }
    const namesOf = async (url: string, more: Flags = {}) => {
      const { connection, history } = await targetOptions(await session({ url, ...flags, ...more }), undefined)
      return [connection.defaultSchemaName, history?.schemaName]
    }
    expect(await namesOf('jdbc:mariadb://db/x')).toEqual(['shop', 'history'])
    expect(await namesOf('jdbc:mysql://db/x', { defaultSchemaName: 'own' })).toEqual(['own', 'history'])
    expect(await namesOf('jdbc:postgresql://db/x')).toEqual([undefined, undefined])
    expect(await namesOf('jdbc:sqlite:x.db')).toEqual([undefined, undefined])
  })

  test('lock waiting in minutes, in seconds, and how often to look', async () => {
    const waitOf = async (flags: Flags) =>
      (await targetOptions(await session({ url: 'jdbc:sqlite:x', ...flags }), undefined)).lockWait
    expect(await waitOf({})).toEqual({ patience: 300_000, interval: 1000 })
    expect(await waitOf({ changelogLockWaitTimeInMinutes: '2', changelogLockPollRate: '10' })).toEqual({
      patience: 120_000,
      interval: 10_000,
    })
    expect(await waitOf({ changelogLockWaitTimeInMinutes: '2', lockWait: '7' })).toMatchObject({ patience: 7000 })
    await expect(waitOf({ lockWait: 'soon' })).rejects.toThrow('--lock-wait soon is not a number')
  })

  test('the password from the safest place that has one', async () => {
    const passwordOf = async (flags: Flags) =>
      (await targetOptions(await session({ url: 'jdbc:sqlite:x', ...flags }), undefined)).connection.password
    expect(await passwordOf({})).toBe('from environment')
    expect(await passwordOf({ password: 'flag' })).toBe('flag')
    await expect(passwordOf({ passwordFile: 'none' })).rejects.toThrow('password file none cannot be read')
  })

  test('a changelog below the search path, and an environment without secrets', async () => {
    const optionsOf = async (flags: Flags) => changelogOptions(await session(flags), flags)
    const inside = await optionsOf({ changelogFile: '/work/db/c.xml', define: ['a=1', 'b=x=y'] })
    expect([inside.changelogFile, inside.parameters]).toEqual(['db/c.xml', { a: '1', b: 'x=y' }])
    for (const written of ['classpath:db/c.xml', './db/c.xml', 'db\\c.xml', 'x/../db/c.xml']) {
      expect((await optionsOf({ changelogFile: written })).changelogFile).toBe('db/c.xml')
    }
    expect(inside.environment).toEqual({ HOME: '/home/amy' })
    await expect(optionsOf({ changelogFile: '/etc/c.xml' })).rejects.toThrow('outside of the search path')
    await expect(optionsOf({ changelogFile: 'c.xml', define: ['a'] })).rejects.toThrow('-Da is not a property')
  })
})
