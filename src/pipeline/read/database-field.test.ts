// Every field of the seven database steps that the compatible product documents: heard, or named where it stands. `heard` is what the
// graph has of it; `said` is the finding at the line of the field, an error unless it begins with the severity.
import { expect, test } from 'vitest'
import { readPipeline } from './pipeline.ts'

const specs = {
  DBSchemaApply: 'dbSchema: shop\ndbInstance: prod',
  DBSchemaRollback: 'dbSchema: shop\ndbInstance: prod\ntag: v0',
  DBSchemaUpdateSQL: 'dbSchema: shop\ndbInstance: prod',
  DBSchemaRollbackSQL: 'dbSchema: shop\ndbInstance: prod\ntag: v0',
  DBTestAndPreview: 'dbSchema: shop\ndbInstance: prod\nchangeset: eA==',
  LiquibaseCommand: 'dbSchema: shop\ndbInstance: prod\ncommand: status',
  FlywayCommand: 'dbSchema: shop\ndbInstance: prod\ncommand: migrate-sql',
} as const
type Type = keyof typeof specs
const all = Object.keys(specs).filter((type) => type !== 'FlywayCommand') as Type[]
const without = (...types: readonly Type[]): readonly Type[] => all.filter((type) => !types.includes(type))

interface Case {
  /** A line of the spec; it takes the place of one that is there. */
  readonly field: string
  readonly heard?: object
  readonly said?: string
}
const of = (types: readonly Type[], cases: readonly Case[]) =>
  cases.flatMap((one) => types.map((type) => ({ type, ...one })))

const documented = [
  ...of(all, [
    { field: 'dbSchema: other', heard: { work: { dbSchema: 'other' } } },
    { field: 'dbSchema: "a b"', said: 'bad-identifier' },
    { field: 'dbInstance: <+pipeline.identifier>', heard: { work: { dbInstance: '<+pipeline.identifier>' } } },
    { field: 'dbInstance: a-b', said: 'bad-identifier' },
    { field: 'connectorRef: account.harnessImage', said: 'info not-used' },
    { field: 'imagePullPolicy: Always', said: 'info not-used' },
    { field: 'privileged: false', heard: {} },
    { field: 'privileged: true', said: 'not-offered' },
    { field: 'runAsUser: 1000', heard: { pod: { runAsUser: 1000 } } },
    { field: 'runAsUser: root', said: 'wrong-value' },
    { field: 'resources: { limits: { memory: 500Mi, cpu: "1" } }', heard: { pod: { memory: '500Mi', cpu: '1' } } },
    { field: 'resources: { limits: { memory: much } }', said: 'wrong-value' },
    { field: 'resources: { requests: { cpu: "1" } }', said: 'info not-used' },
    { field: 'envVariables: { OWNER: amy }', heard: { work: { environment: { OWNER: 'amy' } } } },
    { field: 'envVariables: { "a-b": amy }', said: 'bad-identifier' },
    { field: 'envVariables: { KEY: <+secrets.getValue("x")> }', said: 'bad-expression' },
    { field: 'delegateSelectors: [eu]', heard: { delegateSelectors: ['eu'] } },
    { field: 'description: why', heard: {} },
    { field: 'reuse: true', said: 'info not-used' },
    { field: 'colour: blue', said: 'unknown-field' },
  ]),
  ...of(
    ['DBSchemaApply'],
    [
      { field: 'tag: v1', heard: { work: { tag: 'v1' } } },
      { field: 'migrationType: Liquibase', heard: {} },
      { field: 'migrationType: Flyway', said: 'not-offered' },
      { field: 'markNextChangeSetRun: true', heard: { work: { recordFailed: true } } },
      { field: 'changeSetFailureStrategy: MARK_NEXT_RUN', heard: { work: { recordFailed: true } } },
      { field: 'markNextChangeSetRun: perhaps', said: 'wrong-type' },
      { field: 'tagDatabaseChangeSet: true', said: 'info not-used' },
      { field: 'settings: { contexts: eu }', said: 'not-offered' },
    ],
  ),
  ...of(
    ['DBSchemaRollback', 'DBSchemaRollbackSQL'],
    [
      { field: 'tag: v1', heard: { work: { tag: 'v1' } } },
      { field: 'tag: ""', said: 'wrong-value' },
      { field: 'changeSetCount: 2', said: 'missing-field' },
      { field: 'changeSetCount: 0', said: 'wrong-type' },
    ],
  ),
  ...of(['DBSchemaRollback'], [{ field: 'migrationType: Flyway', said: 'not-offered' }]),
  ...of(
    ['DBSchemaRollbackSQL', 'DBSchemaUpdateSQL', 'DBTestAndPreview', 'LiquibaseCommand'],
    [{ field: 'migrationType: Liquibase', said: 'unknown-field' }],
  ),
  ...of(without('DBSchemaApply', 'LiquibaseCommand'), [
    { field: 'settings: { contexts: eu }', heard: { work: { contexts: 'eu' } } },
    { field: 'settings: { label-filter: eu }', heard: { work: { labelFilter: 'eu' } } },
    { field: 'settings: { LOG_LEVEL: FINE }', said: 'info not-used' },
    { field: 'settings: { search-path: x }', said: 'not-offered' },
  ]),
  ...of(without('LiquibaseCommand'), [
    { field: 'globalSettings: { contexts: eu }', heard: { work: { contexts: 'eu' } } },
    { field: 'globalSettings: { log-level: FINE }', said: 'info not-used' },
    { field: 'globalSettings: { default-schema-name: x }', said: 'not-offered' },
  ]),
  ...of(without('LiquibaseCommand'), [
    { field: 'image: registry.example.com/x:1', heard: { work: { image: 'registry.example.com/x:1' } } },
  ]),
  ...of(['LiquibaseCommand'], [{ field: 'image: registry.example.com/x:1', said: 'info not-used' }]),
  ...of(['DBTestAndPreview'], [{ field: 'changeset: eQ==', heard: { work: { changeset: 'eQ==' } } }]),
  ...of(
    ['LiquibaseCommand'],
    [
      { field: 'command: history', heard: { work: { command: 'history' } } },
      { field: 'command: nothing', said: 'wrong-value' },
      { field: 'settings: { contexts: eu }', heard: { work: { contexts: 'eu' } } },
      { field: 'settings: { search-path: x }', said: 'not-offered' },
      { field: 'excludeChangeLogFile: false', heard: {} },
      { field: 'excludeChangeLogFile: true', said: 'wrong-value' },
      { field: 'globalSettings: { contexts: eu }', said: 'unknown-field' },
    ],
  ),
] as readonly (Case & { readonly type: Type })[]

const document = (type: Type, spec: string, node = ''): string => `pipeline:
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
                  identifier: d
                  name: D
                  type: ${type}${node && `\n                  ${node}`}
                  spec:
${spec.replaceAll(/^/gm, ' '.repeat(20))}
`
const nameOf = (line: string): string => line.slice(0, line.indexOf(':'))

test.each(documented)('$type $field', ({ type, field, heard, said }) => {
  const lines = specs[type].split('\n').filter((line) => nameOf(line) !== nameOf(field))
  const { pipeline, diagnostics } = readPipeline(document(type, [...lines, field].join('\n')))
  const found = diagnostics.map(({ severity, code, span }) => ({
    text: `${severity === 'error' ? '' : `${severity} `}${code.replace('pipeline/', '')}`,
    line: span?.line,
    column: span?.column ?? 0,
  }))
  if (said === undefined) {
    expect(found).toEqual([])
    expect(pipeline?.graph.nodes.get('s.d')).toMatchObject(heard ?? {})
    return
  }
  // Where the spec as a whole lacks something, it is said at the spec.
  const lineOfSpec = 17
  const at = said === 'missing-field' ? lineOfSpec : lineOfSpec + lines.length
  expect(found.map(({ text, line }) => `${text} at ${line}`)).toContain(`${said} at ${at}`)
  expect(found.find(({ text }) => text === said)?.column).toBeGreaterThan(20)
})

test.each([
  ['enforce: { policySets: [account.guard] }', 'not-offered'],
  ['timeout: 5s', 'bad-timeout'],
  ['when: { stageStatus: Never }', 'wrong-value'],
  ['strategy: { repeat: {} }', 'missing-field'],
  ['failureStrategies: [{ onFailure: { errors: [Unknown], action: { type: Retry } } }]', 'missing-field'],
])('of every node: %s', (field, said) => {
  for (const type of all) {
    const { diagnostics } = readPipeline(document(type, specs[type], field))
    expect(
      diagnostics.filter(({ span }) => span?.line === 16).map(({ code }) => code),
      type,
    ).toContain(`pipeline/${said}`)
  }
})

test.each(all)('%s takes what every node takes', (type) => {
  const node = 'timeout: 1h 30m\n                  description: why\n                  when: { stageStatus: All }'
  const { pipeline, diagnostics } = readPipeline(document(type, specs[type], node))
  expect(diagnostics).toEqual([])
  expect(pipeline?.graph.nodes.get('s.d')).toMatchObject({ timeoutSeconds: 5400, when: { on: 'All' } })
})

test('FlywayCommand is refused where it stands', () => {
  const [finding] = readPipeline(document('FlywayCommand', specs.FlywayCommand)).diagnostics
  expect(finding).toMatchObject({ code: 'pipeline/not-offered', severity: 'error', span: { line: 15 } })
})
