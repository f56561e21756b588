// Steps as stock images take them, and what their output files mean.
import { describe, expect, test } from 'vitest'
import { judgeStockRun, optionVariable, readStockOutput, stockRuns } from './stock-image.ts'
import type { PipelineTarget } from './step-spec.ts'
import { storedZstandard } from './zstandard.ts'

const place = { source: '/workspace/source', output: '/workspace/output', sqlFile: '/workspace/plan.sql' }
const target = {
  dbSchema: 'shop',
  dbInstance: 'test',
  source: { type: 'git' as const, url: 'https://git/shop', reference: { branch: 'main' }, path: 'db/changelog.yaml' },
  connection: { url: 'jdbc:postgresql://db/shop' },
  contexts: 'test',
  labelFilter: '',
  substituteProperties: {},
}
const credentials = { username: 'app', password: 'hunter2' }
const runs = (work: Partial<PipelineTarget> & { type: string }, properties = {}) =>
  stockRuns({ ...target, ...work } as PipelineTarget, place, credentials, properties)

/** Reads back a frame of stored blocks, by the description of the format. */
function unstore(frame: Uint8Array): string {
  const view = new DataView(frame.buffer, frame.byteOffset)
  expect(view.getUint32(0, true)).toBe(0xfd2fb528)
  expect(frame[4]).toBe(0xa0)
  const parts: Uint8Array[] = []
  let at = 9
  for (let last = false; !last; ) {
    const header = (frame[at] ?? 0) | ((frame[at + 1] ?? 0) << 8) | ((frame[at + 2] ?? 0) << 16)
    last = (header & 1) === 1
    expect((header >> 1) & 3).toBe(0)
    const size = header >> 3
    parts.push(frame.subarray(at + 3, at + 3 + size))
    at += 3 + size
  }
  expect(at).toBe(frame.length)
  const bytes = Buffer.concat(parts)
  expect(view.getUint32(5, true)).toBe(bytes.length)
  return bytes.toString('utf8')
}

describe('a step as variables', () => {
  test('apply: the anchor, the update with its options, the tag; the secrets are named', () => {
    const [anchor, update, tag] = runs({ type: 'DBSchemaApply', preStartTag: 'before-1', tag: 'v1' })
    expect(anchor?.environment).toEqual({
      PLUGIN_COMMAND: 'tag',
      DRONE_OUTPUT: '/workspace/output',
      PLUGIN_LIQUIBASE_URL: 'jdbc:postgresql://db/shop',
      PLUGIN_LIQUIBASE_USERNAME: 'app',
      PLUGIN_LIQUIBASE_PASSWORD: 'hunter2',
      PLUGIN_LIQUIBASE_TAG: 'before-1',
    })
    expect(update?.environment).toMatchObject({
      PLUGIN_COMMAND: 'update',
      PLUGIN_LIQUIBASE_CHANGELOG_FILE: 'db/changelog.yaml',
      PLUGIN_LIQUIBASE_SEARCH_PATH: '/workspace/source',
      PLUGIN_LIQUIBASE_CONTEXT_FILTER: 'test',
    })
    expect(update?.environment).not.toHaveProperty('PLUGIN_LIQUIBASE_LABEL_FILTER')
    expect(update?.secretNames).toEqual(['PLUGIN_LIQUIBASE_USERNAME', 'PLUGIN_LIQUIBASE_PASSWORD'])
    expect(tag?.environment).toMatchObject({ PLUGIN_LIQUIBASE_TAG: 'v1' })
  })

  test.each([
    [{ type: 'DBSchemaRollback', tag: 'v1' }, 'rollback', { PLUGIN_LIQUIBASE_TAG: 'v1' }, true],
    [
      { type: 'DBSchemaRollback', date: '2026-11-20' },
      'rollback-to-date',
      { PLUGIN_LIQUIBASE_DATE: '2026-11-20' },
      true,
    ],
    [{ type: 'DBSchemaApply', preStartTag: '', count: 2 }, 'update-count', { PLUGIN_LIQUIBASE_COUNT: '2' }, true],
    [{ type: 'DBSchemaApply', preStartTag: '', toTag: 'v1' }, 'update-to-tag', { PLUGIN_LIQUIBASE_TAG: 'v1' }, true],
    [{ type: 'DBSchemaApply', preStartTag: '', testRollback: true }, 'update-testing-rollback', {}, true],
    [{ type: 'DBSchemaRollback', changeSetCount: 3 }, 'rollback-count', { PLUGIN_LIQUIBASE_COUNT: '3' }, true],
    [{ type: 'DBSchemaUpdateSQL' }, 'update-sql', { PLUGIN_LIQUIBASE_OUTPUT_FILE: '/workspace/plan.sql' }, false],
    [{ type: 'DBSchemaRollbackSQL', tag: 'v1' }, 'rollback-sql', { PLUGIN_LIQUIBASE_TAG: 'v1' }, false],
    [{ type: 'DBSchemaRollbackSQL', changeSetCount: 1 }, 'rollback-count-sql', { PLUGIN_LIQUIBASE_COUNT: '1' }, false],
  ] as const)('%j is %s', (work, command, variables, changes) => {
    const [run, ...more] = runs(work)
    expect(more).toEqual([])
    expect(run).toMatchObject({ command, changes, environment: { PLUGIN_COMMAND: command, ...variables } })
  })

  test('properties go in as base64 of a Zstandard frame of JSON', () => {
    const properties = { owner: 'shop', password: 'ä"secret' }
    const [run] = runs({ type: 'DBSchemaUpdateSQL' }, properties)
    const frame = Buffer.from(run?.environment['PLUGIN_SUBSTITUTE_LIQUIBASE'] ?? '', 'base64')
    expect(JSON.parse(unstore(frame))).toEqual(properties)
    expect(run?.secretNames).toContain('PLUGIN_SUBSTITUTE_LIQUIBASE')
    for (const text of ['', 'x', 'ä'.repeat(200_000)]) expect(unstore(storedZstandard(text))).toBe(text)
  })

  test('a failed change set is marked as run by the command that is called so', () => {
    const [run] = runs({ type: 'DBSchemaApply', preStartTag: '', recordFailed: true })
    expect(run).toMatchObject({ command: 'update', onFailure: { command: 'mark-next-changeset-ran', changes: true } })
  })

  test('what the image cannot do has no runs; names of options', () => {
    expect(runs({ type: 'Reconcile' })).toEqual([])
    expect(optionVariable('log-level')).toBe('PLUGIN_LIQUIBASE_LOG_LEVEL')
  })
})

describe('the result', () => {
  const changing = { changes: true }
  const showing = { changes: false }
  test.each([
    ['exit_code=0\n', 0, changing, 'success'],
    ['exit_code=1\n', 0, changing, 'failure'],
    ['exit_code=1\n', 0, showing, 'failure'],
    ['exit_code=1\n', 137, changing, 'failure'],
    ['', 0, changing, 'unknown'],
    ['', 0, showing, 'failure'],
    ['exit_code=\n', 0, changing, 'unknown'],
    ['exit_code=0\nexit_code=1\n', 0, changing, 'unknown'],
    ['exit_code=0\n', 137, changing, 'unknown'],
    ['exit_code=0\n', undefined, changing, 'unknown'],
    ['# exit_code=0\nmy exit_code=0', 0, changing, 'unknown'],
  ] as const)('%j with container status %s of %j is %s', (output, status, run, outcome) => {
    expect(judgeStockRun(run, status, output)).toMatchObject({ outcome })
  })

  test('the output of the step is JSON, and only that', () => {
    expect(readStockOutput('step_output={"a":1}\r\nexit_code=0')).toEqual({ exitCode: 0, stepOutput: { a: 1 } })
    expect(readStockOutput('step_output={broken').stepOutput).toBeUndefined()
  })
})
