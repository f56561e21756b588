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
