// Pipelines as they are published for the compatible product: saved as they are and run, by a real manager, a real delegate, real
// processes and real databases.
import { createHmac, randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isFinal } from '#contract/pipeline/status'
import { type Target, openTarget, targetNames } from '../database/target.ts'
import { container, document, group, step } from './published-document.ts'
import { here, openRealWorld, processRunner, type RealWorld } from './real-world.ts'

const changelog = `--liquibase formatted sql
--changeset billing:invoice
create table invoice (id int primary key, total numeric(10, 2));
--rollback drop table invoice;
--changeset billing:customer
create table customer (id int primary key, name varchar(50));
--rollback drop table customer;
`
const secret = 'correct horse battery staple'

const databases = targetNames.filter((name) => name === 'sqlite' || name === 'postgresql')

describe.each(databases)('on %s', { timeout: 120_000 }, (name) => {
  let world: RealWorld
  let target: Target
  beforeAll(async () => {
    target = await openTarget(name)
    world = await openRealWorld({ changelog, passwords: { hook_secret: secret } })
    const { client } = world
    const url = new URL(target.url.replace(/^jdbc:/, ''))
    const database = name === 'sqlite' ? target.url : `jdbc:postgresql://${url.host}${url.pathname}`
    const spec = {
      type: 'SecretTextSpec',
      secretManagerIdentifier: 'harnessSecretManager',
      valueType: 'Inline',
    } as const
    const value = decodeURIComponent(url.password) || 'none'
    const password = { type: 'SecretText', identifier: 'pw', name: 'pw', spec: { ...spec, value } } as const
    await client.createSecret({ params: here, body: { secret: password } })
    const auth = {
      type: 'UsernamePassword',
      spec: { username: decodeURIComponent(url.username) || 'none', passwordRef: 'pw' },
    } as const
    const connector = { identifier: 'billing', name: 'B', type: 'JDBC', spec: { url: database, auth } } as const
    await client.createConnector({ params: here, body: { connector } })
    const source = { connector: 'git', location: 'changelog.sql' }
    await client.createDbSchema({
      params: here,
      body: { identifier: 'billing_schema', name: 'Billing', changelog: source },
    })
    const params = { ...here, dbschema: 'billing_schema' }
    const instance = { identifier: 'billing_prod_eu', connector: 'billing', branch: 'main', context: '' }
    await client.createDbInstance({ params, body: instance })
    const environment = { ...process.env, SLUICE_ALLOW_SCRIPTS: 'true' }
    const able = { runner: processRunner(environment), environment, checks: { hasDriver: async () => true } }
    await world.delegate('able', await world.token(), able)
  })
  afterAll(async () => {
    await world.close()
    await target.remove()
  })

  const save = (identifier: string, yaml: string) =>
    world.client.createPipeline({ params: here, body: { identifier, name: identifier, pipeline_yaml: yaml } })
  const start = async (identifier: string, inputs: Readonly<Record<string, string>> = {}) =>
    (await world.client.executePipeline({ params: { ...here, pipeline: identifier }, body: { inputs } }))
      .execution_details.execution_id
  async function ended(execution: string) {
    const run = await world.until(execution, ({ status }) => isFinal(status))
    const told = run.nodes.map(({ id, status, fault }) => `${id} ${status}${fault ? ` ${fault.message}` : ''}`)
    return { run, told, output: (id: string) => run.nodes.find((node) => node.id === id)?.output ?? {} }
  }
  const play = async (identifier: string, steps: string, more = '') => {
    await save(identifier, document(identifier, steps, more))
    return await ended(await start(identifier))
  }
  const bad = (told: readonly string[]): readonly string[] => told.filter((line) => !/ (?:Success|Skipped)$/.test(line))
  const tables = async (): Promise<string> => {
    const sql =
      name === 'sqlite'
        ? "select name from sqlite_master where type = 'table'"
        : "select table_name as name from information_schema.tables where table_schema = 'public'"
    const database = await target.another()
    try {
      const { rows } = await database.session.execute(sql)
      return rows
        .map((row) => String(row['name']).toLowerCase())
        .toSorted()
        .join(' ')
    } finally {
      await database.close()
    }
  }

  test('a release by a trigger: preview, approval, apply with the tag of the commit, and an undo that is not needed', async () => {
    const steps = [
      group('preview', step('DBSchemaUpdateSQL', 'DBSchemaUpdateSQL_1', container)),
      step(
        'HarnessApproval',
        'approve',
        `approvalMessage: |-
  Please review the following SQL
  <+execution.steps.preview.steps.DBSchemaUpdateSQL_1.output.sqlCommands>
includePipelineExecutionHistory: true
isAutoRejectEnabled: false
approvers:
  userGroups: []
  minimumCount: 1
  disallowPipelineExecutor: false
approverInputs: []`,
        'timeout: 1d',
      ),
      group(
        'deploy',
        step(
          'DBSchemaApply',
          'apply_prod',
          `${container}
migrationType: Liquibase
tag: <+trigger.commitSha>
markNextChangeSetRun: true
tagDatabaseChangeSet: true
globalSettings:
  log-level: FINE
  log-file: liquibase.log`,
          'timeout: 30m\nwhen: {stageStatus: Success}',
        ) +
          step(
            'DBSchemaRollback',
            'undo',
            `${container}
migrationType: Liquibase
tag: <+execution.steps.deploy.steps.apply_prod.output.preStartTag>`,
            'timeout: 10m\nwhen: {stageStatus: Failure}',
          ),
      ),
    ].join('')
    await save('release_billing', document('release_billing', steps))
    const git = {
      url: 'https://github.com/acme',
      type: 'Account',
      authentication: { type: 'Http', spec: { type: 'Anonymous', spec: {} } },
    }
    const connector = { identifier: 'host', name: 'Host', type: 'Github', spec: git }
    await world.client.createConnector({ params: here, body: { connector } } as never)
    const yaml = `trigger:
  name: On push
  identifier: on_push
  enabled: true
  orgIdentifier: default
  projectIdentifier: shop
  pipelineIdentifier: release_billing
  encryptedWebhookSecretIdentifier: hook_secret
  source:
    type: Webhook
    spec:
      type: Github
      spec:
        type: Push
        spec:
          connectorRef: host
          repoName: billing
          autoAbortPreviousExecutions: false
          payloadConditions:
            - { key: targetBranch, operator: Equals, value: main }
            - { key: changedFiles, operator: Contains, value: schemas/ }
          headerConditions: []
          actions: []
`
    const query = { orgIdentifier: here.org, projectIdentifier: here.project, targetIdentifier: 'release_billing' }
    const { webhookUrl } = await world.client.createTrigger({ query, raw: new TextEncoder().encode(yaml) })
    const commit = '2222222222222222222222222222222222222222'
    const body = JSON.stringify({
      ref: 'refs/heads/main',
      before: '1111111111111111111111111111111111111111',
      after: commit,
      repository: { html_url: 'https://github.com/acme/billing', full_name: 'acme/billing' },
      sender: { login: 'octocat' },
      deleted: false,
      commits: [{ added: ['schemas/a.sql'], modified: [], removed: [] }],
      head_commit: { message: 'Add a table' },
    })
    const proof = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
    const response = await fetch(new URL(webhookUrl, world.manager.url), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'push',
        'x-github-delivery': randomUUID(),
        'x-hub-signature-256': proof,
      },
      body,
    })
    expect(response.status, await response.text()).toBe(200)
    const { rows } = await world.client.listTriggerEvents({ params: here, query: { limit: 10 } })
    expect(rows.map(({ status }) => status)).toEqual(['TARGET_EXECUTION_REQUESTED'])
    const execution = rows[0]?.execution ?? ''
    await world.until(execution, ({ nodes }) => nodes.some(({ status }) => status === 'ApprovalWaiting'))
    const waiting = await world.client.listApprovals({ params: here, query: { execution, status: 'WAITING' } })
    expect(waiting.rows[0]?.message).toMatch(/review the following SQL[^]*create table invoice/i)
    const params = { ...here, approval: waiting.rows[0]?.id ?? '' }
    const planDigests = waiting.rows[0]?.planDigests
    await world.client.decideApproval({ params, body: { action: 'APPROVE', comments: '', planDigests } })
    const { told, output, run } = await ended(execution)
    expect(bad(told)).toEqual([])
    expect(output('database.deploy.apply_prod')['changeSets']).toHaveLength(2)
    expect(run.nodes.find(({ id }) => id === 'database.deploy.undo')?.status).toBe('Skipped')
    expect(await tables()).toContain('invoice')
    const { told: again, output: looked } = await play(
      'look_billing',
      step('LiquibaseCommand', 'look', `${container}\ncommand: tag-exists\nsettings: { tag: "${commit}" }`),
    )
    expect(bad(again)).toEqual([])
    expect(looked('database.look')['result']).toBe(`The tag ${commit} exists`)
  })

  test('commands: a baseline, a query without the changelog, and what the history says', async () => {
    const { told, output } = await play(
      'commands',
      group(
        'commands',
        step('LiquibaseCommand', 'baseline', `${container}\ncommand: changelog-sync\nexcludeChangeLogFile: false`) +
          step(
            'LiquibaseCommand',
            'query',
            `${container}\ncommand: execute-sql\nexcludeChangeLogFile: true\nsettings:\n  sql: SELECT count(*) AS n FROM invoice`,
          ) +
          step('LiquibaseCommand', 'history', `${container}\ncommand: history\nexcludeChangeLogFile: true`) +
          step('LiquibaseCommand', 'validate', `${container}\ncommand: validate\nsettings: { LOG_LEVEL: FINE }`) +
          step('LiquibaseCommand', 'next', `${container}\ncommand: update-count-sql\nsettings: { count: "1" }`) +
          step('LiquibaseCommand', 'release', `${container}\ncommand: release-locks\nexcludeChangeLogFile: true`),
      ),
    )
    expect(bad(told)).toEqual([])
    expect(output('database.commands.query')['result']).toMatch(/\n0$/)
    expect(output('database.commands.history')['result']).toContain('invoice')
  })

  test('a changelog of what is there, the difference from a snapshot, and a script that carries the files on', async () => {
    const { told, output } = await play(
      'authoring',
      group(
        'author',
        step(
          'LiquibaseCommand',
          'generate',
          `${container}\ncommand: generate-changelog\nexcludeChangeLogFile: true\nsettings: { changelog-file: generated.yml }`,
        ) +
          step(
            'LiquibaseCommand',
            'remember',
            `connectorRef: account.harnessImage
command: snapshot
settings:
  dbSchema: billing_schema
  dbInstance: billing_prod_eu
  excludeChangeLogFile: true
  snapshot-format: json
  output-file: snapshot.json`,
          ) +
          step(
            'LiquibaseCommand',
            'change',
            `${container}\ncommand: execute-sql\nexcludeChangeLogFile: true\nsettings: { sql: drop table customer }`,
          ) +
          step(
            'LiquibaseCommand',
            'differ',
            `${container}
command: diff-changelog
excludeChangeLogFile: true
settings:
  reference-url: offline:${name}?snapshot=snapshot.json
  changelog-file: diff.yml`,
          ) +
          step(
            'Run',
            'carry',
            `connectorRef: account.images
image: alpine/git
shell: Sh
command: |-
  export GENERATED="$(grep -ci 'create *table' generated.yml)"
  DIFFERENT="$(grep -ic customer diff.yml) $(grep -ic invoice diff.yml || true)"
outputVariables:
  - name: GENERATED
  - name: DIFFERENT`,
          ),
      ),
    )
    expect(bad(told)).toEqual([])
    const { GENERATED, DIFFERENT } = output('database.author.carry')['outputVariables'] as Record<string, string>
    expect(GENERATED).toBe('2')
    // With its key or sequence where the database names them.
    expect(DIFFERENT).toMatch(/^[1-9]\d* 0$/)
  })

  test('a change set that somebody has just written is tried, and lies where the next step finds it', async () => {
    const changeSet = `- changeSet:
    id: orders
    author: dana
    changes:
      - createTable:
          tableName: orders
          columns:
            - column: { name: id, type: int, constraints: { primaryKey: true } }
`
    const steps = group(
      'try',
      step(
        'DBTestAndPreview',
        'DBTestAndPreview_1',
        `connectorRef: account.harnessImage
dbSchema: <+input>
changeset: <+input>`,
        'timeout: 20m',
      ) +
        step(
          'Run',
          'branch',
          `shell: Sh
command: found="$(cat dbops/DBTestAndPreview_1/*)"
outputVariables: [{ name: found }]`,
        ),
    )
    await save('authoring_try', document('authoring_try', steps))
    const at = 'stages.database.spec.execution.steps.try.steps.DBTestAndPreview_1.spec'
    const { told, output } = await ended(
      await start('authoring_try', {
        [`${at}.dbSchema`]: 'billing_schema',
        [`${at}.changeset`]: Buffer.from(changeSet).toString('base64'),
      }),
    )
    expect(bad(told)).toEqual([])
    const tried = output('database.try.DBTestAndPreview_1')
    expect(tried).toMatchObject({
      changeSets: [expect.stringContaining('orders')],
      directory: 'dbops/DBTestAndPreview_1',
    })
    expect(String(tried['sqlCommands'])).toMatch(/create table .*orders/i)
    expect(String(tried['rollbackCommands'])).toMatch(/drop table .*orders/i)
    expect(JSON.stringify(output('database.try.branch'))).toContain('databaseChangeLog')
    expect(await tables()).not.toContain('orders')
  })

  test('one stage for every instance of a list, with conditions, a clone, and scripts between', async () => {
    const { told, output } = await play(
      'tenants',
      group(
        'work',
        step('GitClone', 'fetch', 'connectorRef: git\nbuild: { type: branch, spec: { branch: main } }') +
          step(
            'ShellScript',
            'count',
            `shell: Bash
onDelegate: true
source:
  type: Inline
  spec:
    script: |-
      export lines=$(cat shop/changelog.sql | wc -l)
environmentVariables: []
outputVariables:
  - { name: lines, type: String, value: lines }`,
          ) +
          step(
            'DBSchemaUpdateSQL',
            'look',
            container.replace('dbInstance: billing_prod_eu', 'dbInstance: <+matrix.instance>'),
            `timeout: 10m
strategy:
  matrix:
    instance: [billing_prod_eu]
    maxConcurrency: 1
when:
  stageStatus: Success
  condition: <+pipeline.variables.trigger_branch> == "main"`,
          ) +
          step('Wait', 'settle', 'duration: 10s', 'timeout: 10m\nwhen: { stageStatus: Success, condition: "false" }'),
      ),
      `  variables:
    - name: trigger_branch
      type: String
      description: ""
      required: false
      value: <+input>.default(main).allowedValues(main,develop)
`,
    )
    expect(bad(told)).toEqual([])
    expect(output('database.work.count')['outputVariables']).toEqual({ lines: '7' })
    expect(told.find((line) => line.includes('look_0'))).toMatch(/Success$/)
    expect(told.find((line) => line.includes('settle'))).toMatch(/Skipped$/)
  })
})
