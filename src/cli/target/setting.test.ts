import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Fault } from '#contract/fault'
import type { Terminal } from '../terminal.ts'
import { readSettings } from './setting.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-setting-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const terminal = (environment: Record<string, string> = {}): Terminal => ({
  out: () => {},
  err: () => {},
  live: undefined,
  color: false,
  environment,
  folder,
  signal: new AbortController().signal,
  clock: () => 0,
})

describe('a setting comes from', () => {
  test('the flag, before environment and file', async () => {
    writeFileSync(join(folder, 'liquibase.properties'), 'url=file\nusername=file\nchangeLogFile=c.xml\n')
    const { get } = await readSettings(
      'update',
      { url: 'flag' },
      terminal({ LIQUIBASE_COMMAND_URL: 'environment', LIQUIBASE_COMMAND_USERNAME: 'environment' }),
    )
    expect([get('url'), get('username'), get('changelog-file'), get('password')]).toEqual([
      'flag',
      'environment',
      'c.xml',
      undefined,
    ])
  })

  test('the more specific line of the file, whatever the order', async () => {
    const lines = [
      'liquibase.command.update.contexts=for-update',
      'contexts=for-all',
      'liquibase.command.rollback.contexts=for-rollback',
      'label-filter=a',
      'liquibase.command.labelFilter=b',
    ]
    writeFileSync(join(folder, 'liquibase.properties'), lines.join('\n'))
    expect((await readSettings('update', {}, terminal())).get('contexts')).toBe('for-update')
    expect((await readSettings('status', {}, terminal())).get('contexts')).toBe('for-all')
    expect((await readSettings('status', {}, terminal())).get('label-filter')).toBe('b')
  })

  test('a property of the command line, between flag and environment', async () => {
    const environment = { LIQUIBASE_COMMAND_URL: 'environment', LIQUIBASE_SEARCH_PATH: 'environment' }
    const define = ['liquibase.command.url=property', 'liquibase.command.status.contexts=a', 'plain=1']
    const { get } = await readSettings('update', { define, searchPath: 'flag' }, terminal(environment))
    expect([get('url'), get('search-path'), get('contexts')]).toEqual(['property', 'flag', undefined])
    expect((await readSettings('status', { define }, terminal())).get('contexts')).toBe('a')
    const { notes } = await readSettings('status', { define: ['liquibase.command.ulr=x', 'ulr=x'] }, terminal())
    expect(notes).toEqual(['note: -D: nothing reads the key liquibase.command.ulr; is url meant?'])
  })

  test('no variable that only looks like one, which is told', async () => {
    const environment = {
      LIQUIBASE_COMMAND_URL: 'x',
      LIQUIBASE_COMMAND_UPDATE_CONTEXTS: 'x',
      LIQUIBASE_SEARCH_PATH: 'x',
      LIQUIBASE_HOME: 'x',
      LIQUIBASE_COMMAND_CHANGELOG_FIEL: 'x',
      LIQUIBASE_BOGUS: 'x',
    }
    expect((await readSettings('status', {}, terminal(environment))).notes).toEqual([
      'note: nothing reads the variable LIQUIBASE_COMMAND_CHANGELOG_FIEL; is LIQUIBASE_COMMAND_CHANGELOG_FILE meant?',
      'note: nothing reads the variable LIQUIBASE_BOGUS',
    ])
  })

  test('the environment under any of its names', async () => {
    const settings = await readSettings(
      'update-sql',
      {},
      terminal({ LIQUIBASE_COMMAND_UPDATE_SQL_CONTEXT_FILTER: 'x', LIQUIBASE_SEARCH_PATH: 'y' }),
    )
    expect([settings.get('contexts'), settings.get('search-path')]).toEqual(['x', 'y'])
  })

  test('changelog properties are lines with parameter.', async () => {
    writeFileSync(join(folder, 'other.properties'), 'parameter.owner=shop\nliquibase.parameter.size = 9\n')
    const settings = await readSettings('update', { defaultsFile: 'other.properties' }, terminal())
    expect(settings.parameters).toEqual({ owner: 'shop', size: '9' })
  })

  test('nowhere: the fault says all the ways to set it', async () => {
    const { require } = await readSettings('update', {}, terminal())
    expect(() => require('url')).toThrow(Fault)
    await expect(readSettings('update', { defaultsFile: 'none.properties' }, terminal())).rejects.toThrow(
      /none.properties/,
    )
  })
})
