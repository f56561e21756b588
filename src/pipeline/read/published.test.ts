// Documents with every field that the published schema and pages give to the steps that are offered: accepted as they are.
import { describe, expect, test } from 'vitest'
import { readPipeline } from './pipeline.ts'

const pod = `stepGroupInfra:
  type: KubernetesDirect
  spec: { connectorRef: account.cluster, namespace: databases, serviceAccountName: runner, initTimeout: 5m }
sharedPaths: []`
const container = `connectorRef: account.harnessImage
image: plugins/drone-liquibase:1.30.0-4.33
imagePullPolicy: IfNotPresent
privileged: false
runAsUser: 1000
envVariables: { A: b }
delegateSelectors: [eu]
resources: { limits: { memory: 500Mi, cpu: "1" }, requests: { memory: 200Mi } }
dbSchema: billing_schema
dbInstance: billing_prod_eu`
const logging = `globalSettings: { log-level: FINE, log-file: liquibase.log, sql-log-level: FINE }`

const indent = (text: string, by: number): string => text.replaceAll(/^/gm, ' '.repeat(by))
const step = (type: string, spec: string, more = ''): string =>
  `- step:
    type: ${type}
    name: ${type} prod
    identifier: ${type}_prod
    description: as published
    timeout: 1h 30m
    when: { stageStatus: Success }
${more === '' ? '' : `${indent(more, 4)}\n`}    spec:
${indent(spec, 6)}`
const group = (steps: string): string => `- stepGroup:
    name: deploy
    identifier: deploy
${indent(pod, 4)}
    steps:
${indent(steps, 6)}`
const pipeline = (steps: string, type = 'Custom'): string => `pipeline:
  name: Release
  identifier: release
  projectIdentifier: shop
  orgIdentifier: default
  tags: {}
  allowStageExecutions: true
  fixedInputsOnRerun: false
  stages:
    - stage:
        name: Database
        identifier: database
        description: ""
        type: ${type}
        tags: {}
        spec:
          execution:
            steps:
${indent(steps, 14)}
            rollbackSteps: []
`
const errorsOf = (yaml: string) =>
  readPipeline(yaml)
    .diagnostics.filter(({ severity }) => severity === 'error')
    .map(({ message, span }) => `${span?.line}:${span?.column} ${message}`)

const apply = step(
  'DBSchemaApply',
  `${container}
migrationType: Liquibase
tag: <+trigger.commitSha>
markNextChangeSetRun: true
tagDatabaseChangeSet: true
${logging}`,
)
const undo = `migrationType: Liquibase
tag: <+execution.steps.deploy.steps.DBSchemaApply_prod.output.preStartTag>`
const settings = `${container}
settings: { LOG_LEVEL: FINE, contexts: prod, label-filter: v2 }
${logging}`
const strategies = `failureStrategies:
  - onFailure: { errors: [AllErrors], action: { type: StageRollback } }
strategy:
  matrix: { region: [eu, us], exclude: [{ region: us }], maxConcurrency: 1, nodeName: <+matrix.region> }`

describe('as published', () => {
  test.each([
    ['apply', group(apply)],
    ['rollback to the anchor', group(`${apply}\n${step('DBSchemaRollback', `${container}\n${undo}\n${logging}`)}`)],
    ['preview', group(step('DBSchemaUpdateSQL', settings, strategies))],
    ['preview of a rollback', group(step('DBSchemaRollbackSQL', `${settings}\nchangeSetCount: 2`))],
    [
      'an older spelling of what happens after a failure',
      group(step('DBSchemaApply', `${container}\nchangeSetFailureStrategy: MARK_NEXT_RUN`)),
    ],
    [
      'the history of a database that was there before',
      group(step('LiquibaseCommand', `${container}\ncommand: changelog-sync\nexcludeChangeLogFile: false`)),
    ],
    [
      'a query',
      group(
        step(
          'LiquibaseCommand',
          `${container}\ncommand: execute-sql\nexcludeChangeLogFile: true\nsettings: { sql: SELECT 1 }`,
        ),
      ),
    ],
    [
      'a gate between two groups',
      `${group(step('DBSchemaUpdateSQL', settings))}
${step(
  'HarnessApproval',
  `approvalMessage: <+execution.steps.deploy.steps.DBSchemaUpdateSQL_prod.output.sqlCommands>
includePipelineExecutionHistory: true
isAutoRejectEnabled: false
approvers: { userGroups: [account.dbas], minimumCount: 1, disallowPipelineExecutor: true, disallowedUserEmails: [] }
approverInputs: [{ name: ticket, defaultValue: "", required: true, regex: "OPS-.*", description: The ticket }]`,
)}
${step('DBSchemaApply', container)}`,
    ],
    [
      'scripts and requests',
      `${step(
        'ShellScript',
        `shell: Bash
onDelegate: true
source: { type: Inline, spec: { script: "echo 1" } }
environmentVariables: []
outputVariables: []`,
      )}
${step('Run', 'shell: Sh\ncommand: echo 1\nconnectorRef: account.images\nimage: alpine\nimagePullPolicy: Always')}
${step('Http', 'url: https://example.org\nmethod: GET\nheaders: []\ninputVariables: []\noutputVariables: []')}`,
    ],
  ])('%s', (_name, steps) => {
    expect(errorsOf(pipeline(steps))).toEqual([])
  })

  test('in stages of a deployment that have no application', () => {
    expect(errorsOf(pipeline(group(apply), 'Deployment'))).toEqual([])
  })

  test('what nobody would carry out is refused where it stands', () => {
    const yaml = pipeline(group(step('DBSchemaApply', container, 'enforce: { policySets: [account.guardrails] }')))
    expect(errorsOf(yaml)).toEqual([expect.stringMatching(/^\d+:\d+ `enforce` of step DBSchemaApply_prod/)])
  })
})
