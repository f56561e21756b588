// LiquibaseCommand at save: which command becomes which work, and what is refused where it stands.
import { expect, test } from 'vitest'
import { readPipeline } from './pipeline.ts'

const read = (spec: string) => {
  const { pipeline, diagnostics } = readPipeline(`pipeline:
  identifier: p
  name: P
  stages:
    - stage:
        identifier: s
        name: S
        type: Custom
        spec:
          execution:
            steps:
              - step:
                  identifier: c
                  name: C
                  type: LiquibaseCommand
                  spec: { dbSchema: shop, dbInstance: prod, ${spec} }
`)
  const node = pipeline?.graph.nodes.get('s.c')
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  return {
    work: node?.kind === 'step' ? node.work : undefined,
    errors: errors.map(({ message }) => message),
    diagnostics,
  }
}
const target = { dbSchema: 'shop', dbInstance: 'prod' }

test.each([
  ['command: update, settings: { contexts: prod }', { type: 'DBSchemaApply', ...target, contexts: 'prod' }],
  ['command: updateSql', { type: 'DBSchemaUpdateSQL', ...target }],
  ['command: rollback, settings: { tag: v1 }', { type: 'DBSchemaRollback', ...target, tag: 'v1' }],
  [
    'command: rollback-count-sql, settings: { count: 2 }',
    { type: 'DBSchemaRollbackSQL', ...target, changeSetCount: 2 },
  ],
  ['command: update-count, settings: { count: 2 }', { type: 'DBSchemaApply', ...target, count: 2 }],
  ['command: update-to-tag, settings: { tag: v1 }', { type: 'DBSchemaApply', ...target, toTag: 'v1' }],
  ['command: update-testing-rollback', { type: 'DBSchemaApply', ...target, testRollback: true }],
  [
    'command: rollback-to-date, settings: { date: 2026-11-20 }',
    { type: 'DBSchemaRollback', ...target, date: '2026-11-20' },
  ],
  [
    'command: drop-all-sql, settings: { schemas: a }',
    { type: 'LiquibaseCommand', command: 'drop-all-sql', arguments: { schemas: 'a' }, ...target },
  ],
  [
    'command: tag, settings: { tag: v1 }',
    { type: 'LiquibaseCommand', command: 'tag', arguments: { tag: 'v1' }, ...target },
  ],
  [
    'command: history, excludeChangeLogFile: true',
    { type: 'LiquibaseCommand', command: 'history', arguments: {}, withoutChangelog: true, ...target },
  ],
])('%s', (spec, work) => {
  expect(read(spec)).toMatchObject({ work, errors: [] })
})

test.each([
  ['command: updat', /is not a command of the engine/],
  ['command: db-doc', /db-doc is not offered as a step/],
  ['command: rollback-to-date, settings: { date: yesterday }', /`date` is no date/],
  ['command: update-count', /update-count needs the setting `count`/],
  ['command: update-count, settings: { count: 0 }', /must be a whole number/],
  ['command: drop-all-sql, settings: { force: "true" }', /`force` is not an argument of drop-all-sql/],
  ['command: tag', /tag needs the setting `tag`/],
  ['command: rollback-count, settings: { count: many }', /must be a whole number/],
  ['command: history, settings: { contexts: prod }', /`contexts` is not an argument of history/],
  ['command: status, excludeChangeLogFile: true', /status cannot do without the changelog/],
  ['command: snapshot, settings: { snapshot-format: pdf }', /one of txt, json, yaml/],
  ['command: execute-sql, settings: { sql: <+secrets.getValue("x")> }', /secret cannot stand here/],
])('%s is refused', (spec, message) => {
  const { errors, diagnostics } = read(spec)
  expect(errors[0]).toMatch(message)
  expect(diagnostics.find(({ severity }) => severity === 'error')?.span?.line).toBe(16)
})

test('drop-all without a step before it that lists what is dropped is refused where it stands', () => {
  const { errors, diagnostics } = read('command: drop-all')
  expect(errors[0]).toMatch(/would drop everything in shop\/prod, and no step before it lists/)
  expect(diagnostics.find(({ severity }) => severity === 'error')?.span).toMatchObject({ line: 13 })
  expect(read('command: drop-all, settings: { force: "no" }').errors[0]).toMatch(/can only be true/)
})

test('an approval of a drop that is listed only after it shows nothing, and is told so', () => {
  const drop = (id: string, command: string) =>
    `{ step: { identifier: ${id}, name: ${id}, type: LiquibaseCommand, spec: { dbSchema: shop, dbInstance: prod, command: ${command} } } }`
  const approve =
    '{ step: { identifier: ok, name: ok, type: HarnessApproval, spec: { approvers: { userGroups: [dba], minimumCount: 1, disallowPipelineExecutor: false } } } }'
  const warnings = (...steps: readonly string[]) =>
    readPipeline(
      `pipeline: { identifier: p, name: P, stages: [{ stage: { identifier: s, name: S, type: Custom, spec: { execution: { steps: [${steps.join()}] } } } }] }`,
    ).diagnostics.filter(({ code }) => code.endsWith('approval-without-preview'))
  const list = drop('list', 'drop-all-sql')
  const all = drop('all', 'drop-all')
  expect(warnings(approve, list, all).map(({ message }) => message)).toEqual([
    'ok decides about shop/prod without showing what is dropped.',
  ])
  expect(warnings(list, approve, all)).toEqual([])
})
