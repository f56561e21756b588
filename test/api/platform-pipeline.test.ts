// What the compatible MCP server does with pipelines, sent as it sends it: YAML bodies, the scope in the query, bodies of `{}`.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import type { Store } from '#manager/store/port'
import { emailOf, type Story } from '../scenario/release-world.ts'
import { newPlace, openPlace, type TestPlace } from '../store/store.ts'
import { PlatformClient } from './platform-client.ts'

let place: TestPlace
let store: Store
let client: PlatformClient
let story: Story
beforeAll(async () => {
  place = await newPlace('embedded')
  store = await openPlace(place)
})
afterAll(async () => {
  await store.close()
  await place.remove()
})
beforeEach(async () => {
  client = await PlatformClient.begin(store)
  story = client.story
})
type Sent = Parameters<PlatformClient['send']>
const send = (...call: Sent) => client.send(...call)
const data = (...call: Sent) => client.data(...call)

const asking = `pipeline:
  identifier: ask
  name: Ask first
  description: Asks.
  tags: { team: shop }
  variables:
    - { name: env, type: String, value: "<+input>.allowedValues(dev,prod)" }
    - { name: fixed, type: String, value: x }
  stages:
    - stage:
        identifier: one
        name: One
        type: Custom
        spec:
          execution:
            steps:
              - step:
                  identifier: apply
                  name: Apply
                  type: DBSchemaApply
                  timeout: 10m
                  spec: { dbSchema: shop, dbInstance: shop_dev, tag: "<+input>.default(v1)" }
              - step: { identifier: wait, name: Wait, type: Wait, spec: { duration: 1h } }
`
const template = {
  pipeline: {
    identifier: 'ask',
    variables: [{ name: 'env', type: 'String', value: '<+input>.allowedValues(dev,prod)' }],
    stages: [
      {
        stage: {
          identifier: 'one',
          type: 'Custom',
          spec: {
            execution: {
              steps: [{ step: { identifier: 'apply', type: 'DBSchemaApply', spec: { tag: '<+input>.default(v1)' } } }],
            },
          },
        },
      },
    ],
  },
}

describe('pipelines', () => {
  test('one lives: created from YAML, listed, read, replaced, deleted, and gone with a code', async () => {
    expect(await data('POST', '/pipeline/api/pipelines/v2', { body: asking })).toEqual({
      identifier: 'ask',
      governanceMetadata: null,
    })
    const one = {
      name: 'Ask first',
      identifier: 'ask',
      description: 'Asks.',
      tags: { team: 'shop' },
      modules: ['dbops'],
      storeType: 'INLINE',
      createdAt: expect.any(Number),
      lastUpdatedAt: expect.any(Number),
      entityValidityDetails: { valid: true },
      executionSummaryInfo: { lastExecutionId: null, lastExecutionStatus: null, lastExecutionTs: null },
    }
    const query = { searchTerm: 'ASK', page: '0', size: '20' }
    expect(
      await data('POST', '/pipeline/api/pipelines/list', { query, body: { filterType: 'PipelineSetup' } }),
    ).toEqual({
      totalPages: 1,
      totalItems: 1,
      totalElements: 1,
      pageItemCount: 1,
      pageSize: 20,
      content: [one],
      pageIndex: 0,
      empty: false,
    })
    expect(await data('GET', '/pipeline/api/pipelines/summary/ask')).toEqual(one)
    expect(await data('GET', '/pipeline/api/pipelines/ask')).toEqual({
      yamlPipeline: asking,
      modules: ['dbops'],
      storeType: 'INLINE',
      entityValidityDetails: { valid: true },
    })
    const renamed = asking.replace('Ask first', 'Ask twice')
    await data('PUT', '/pipeline/api/pipelines/v2/ask', { body: renamed })
    expect((await data('GET', '/pipeline/api/pipelines/summary/ask')).name).toBe('Ask twice')
    // An object instead of YAML text.
    await data('PUT', '/pipeline/api/pipelines/v2/ask', { body: parse(asking) })
    expect((await data('GET', '/pipeline/api/pipelines/ask')).yamlPipeline).toBe(JSON.stringify(parse(asking)))
    expect(await data('DELETE', '/pipeline/api/pipelines/ask')).toBe(true)
    const gone = await send('GET', '/pipeline/api/pipelines/ask')
    expect([gone.status, gone.body.code]).toEqual([404, 'RESOURCE_NOT_FOUND_EXCEPTION'])
  })

  test.each([
    ['no YAML at all', ': : :', {}, 400],
    ['an identifier that is none', asking.replace('identifier: ask', 'identifier: a b'), {}, 400],
    ['a step that is not known', asking.replace('DBSchemaApply', 'DBSchemaAply'), {}, 400],
    ['a document that is kept in Git', asking, { storeType: 'REMOTE' }, 501],
    ['no project', asking, { projectIdentifier: '' }, 400],
  ])('%s is refused', async (_, body, query, status) => {
    const answered = await send('POST', '/pipeline/api/pipelines/v2', { body, query })
    expect([answered.status, answered.body.status]).toEqual([status, 'ERROR'])
  })

  test('who may not edit, execute or decide may not do it by this way either', async () => {
    const viewer = await client.keyOf('Ann')
    const nobody = await client.keyOf('Mia')
    const query = {}
    for (const [method, path, body] of [
      ['POST', '/pipeline/api/pipelines/v2', asking],
      ['PUT', '/pipeline/api/pipelines/v2/release_shop', asking],
      ['DELETE', '/pipeline/api/pipelines/release_shop', undefined],
      ['POST', '/pipeline/api/pipeline/execute/release_shop', ''],
    ] as const)
      expect((await send(method, path, { query, body, key: viewer })).status, path).toBe(403)
    expect((await send('GET', '/pipeline/api/pipelines/release_shop', { key: viewer })).status).toBe(200)
    expect((await send('GET', '/pipeline/api/pipelines/release_shop', { key: nobody })).status).toBe(403)
  })
})

describe('input sets', () => {
  const set = `inputSet:
  identifier: dev
  name: For dev
  pipeline:
    identifier: ask
    variables: [{ name: env, type: String, value: dev }]
`
  const query = { pipelineIdentifier: 'ask' }

  test('what to fill in is told, a set of it lives, and a run started with both says what it was given', async () => {
    await data('POST', '/pipeline/api/pipelines/v2', { body: asking })
    const asked = await data('POST', '/pipeline/api/inputSets/template', { query, body: {} })
    expect(asked).toMatchObject({ hasInputSets: false, modules: ['dbops'] })
    expect(parse(asked.inputSetTemplateYaml)).toEqual(template)
    const nothing = { pipelineIdentifier: 'release_shop' }
    expect(await data('POST', '/pipeline/api/inputSets/template', { query: nothing, body: {} })).toMatchObject({
      inputSetTemplateYaml: null,
    })

    const shown = {
      accountId: expect.any(String),
      orgIdentifier: story.here.org,
      projectIdentifier: 'shop',
      pipelineIdentifier: 'ask',
      identifier: 'dev',
      name: 'For dev',
      description: '',
      tags: {},
      inputSetType: 'INPUT_SET',
      storeType: 'INLINE',
      inputSetYaml: set,
      errorResponse: false,
      createdAt: expect.any(Number),
      lastUpdatedAt: expect.any(Number),
    }
    expect(await data('POST', '/pipeline/api/inputSets', { query, body: set })).toEqual(shown)
    expect(await data('GET', '/pipeline/api/inputSets/dev', { query })).toEqual(shown)
    const { content, totalItems } = await data('GET', '/pipeline/api/inputSets', { query })
    const own = ['accountId', 'orgIdentifier', 'projectIdentifier', 'inputSetYaml', 'errorResponse']
    const listed = Object.fromEntries(Object.entries(shown).filter(([name]) => !own.includes(name)))
    expect([content, totalItems]).toEqual([[listed], 1])
    const renamed = set.replace('For dev', 'For all')
    expect((await data('PUT', '/pipeline/api/inputSets/dev', { query, body: renamed })).name).toBe('For all')

    // The whole template, filled in.
    const filled = asked.inputSetTemplateYaml.replace('<+input>.allowedValues(dev,prod)', 'prod')
    const started = await data('POST', '/pipeline/api/pipeline/execute/ask', {
      query: { inputSetIdentifiers: 'dev' },
      body: filled,
    })
    const { uuid } = started.planExecution
    expect(started).toEqual({
      planExecution: {
        uuid: expect.any(String),
        status: 'Running',
        metadata: { pipelineIdentifier: 'ask', executionUuid: uuid },
      },
    })
    const given = await data('GET', `/pipeline/api/pipelines/execution/${uuid}/inputsetV2`)
    expect(given.inputSetDetails).toEqual([{ identifier: 'dev', name: 'dev' }])
    expect(parse(given.inputSetTemplateYaml)).toEqual(template)
    expect(parse(given.inputSetYaml).pipeline.variables).toEqual([{ name: 'env', type: 'String', value: 'prod' }])
    expect(JSON.stringify(parse(given.inputSetYaml))).toContain('"tag":"v1"')
    expect(await data('DELETE', '/pipeline/api/inputSets/dev', { query })).toBe(true)
    expect((await send('GET', '/pipeline/api/inputSets/dev', { query })).body.code).toBe('RESOURCE_NOT_FOUND_EXCEPTION')
  })
})

describe('runs', () => {
  const execute = async (): Promise<string> =>
    (await data('POST', '/pipeline/api/pipeline/execute/release_shop', { body: '' })).planExecution.uuid

  test('a run is listed and read with its graph, its approval decided, and its log fetched', async () => {
    const uuid = await execute()
    await story.delegate.workAll()
    const query = { pipelineIdentifier: 'release_shop', status: 'Waiting', page: '0', size: '5' }
    const { content: list } = await data('POST', '/pipeline/api/pipelines/execution/summary', {
      query,
      body: { filterType: 'PipelineExecution' },
    })
    const summary = {
      planExecutionId: uuid,
      pipelineIdentifier: 'release_shop',
      name: 'Release shop',
      orgIdentifier: story.here.org,
      projectIdentifier: 'shop',
      status: 'ApprovalWaiting',
      runSequence: 1,
      executionTriggerInfo: {
        triggerType: 'API',
        triggeredBy: { identifier: 'Ada', uuid: emailOf('Ada'), extraInfo: { email: emailOf('Ada') } },
      },
      modules: ['dbops'],
      createdAt: expect.any(Number),
      startTs: expect.any(Number),
      endTs: null,
      startingNodeId: 'dev',
      totalStagesCount: 4,
      successfulStagesCount: 2,
      failedStagesCount: 0,
      runningStagesCount: 1,
    }
    expect(list).toMatchObject([summary])
    expect(list[0].layoutNodeMap.dev).toEqual({
      nodeUuid: 'dev',
      nodeIdentifier: 'dev',
      nodeGroup: 'STAGE',
      nodeType: 'Custom',
      name: 'Dev',
      status: 'Success',
      module: 'dbops',
      startTs: expect.any(Number),
      endTs: expect.any(Number),
    })
    const none = { ...query, status: 'Failed' }
    expect((await data('POST', '/pipeline/api/pipelines/execution/summary', { query: none, body: {} })).empty).toBe(
      true,
    )
    expect((await data('GET', '/pipeline/api/pipelines/summary/release_shop')).executionSummaryInfo).toMatchObject({
      lastExecutionId: uuid,
      lastExecutionStatus: 'ApprovalWaiting',
    })

    const read = await data('GET', `/pipeline/api/pipelines/execution/v2/${uuid}`, {
      query: { renderFullBottomGraph: 'true' },
    })
    expect(read.pipelineExecutionSummary).toMatchObject(summary)
    const { rootNodeId, nodeMap, nodeAdjacencyListMap } = read.executionGraph
    expect(nodeAdjacencyListMap[rootNodeId].children).toEqual(['dev', 'staging', 'approval', 'prod'])
    const apply = 'dev.deploy.apply_dev'
    expect(nodeAdjacencyListMap['dev.deploy'].children).toEqual([apply])
    expect(nodeMap[apply]).toMatchObject({
      uuid: apply,
      identifier: 'apply_dev',
      name: 'Apply to dev',
      baseFqn: `pipeline.stages.${apply}`,
      stepType: 'DBSchemaApply',
      status: 'Success',
      logBaseKey: expect.stringMatching(new RegExp(`/pipeline/release_shop/1/-${uuid}/dev/deploy/apply_dev$`)),
    })
    const bare = await data('GET', `/pipeline/api/pipelines/execution/v2/${uuid}`, {
      query: { renderFullBottomGraph: 'false' },
    })
    expect(bare.executionGraph).toBeNull()

    await client.writeLog(uuid, apply, 'applied \u{1F600}\n')
    const key: string = nodeMap[apply].logBaseKey
    expect(await client.logOf(key)).toBe('applied \u{1F600}\n')
    expect(await client.logOf(key.slice(0, key.indexOf('/dev/')))).toContain(
      `== ${apply} (Success)\napplied \u{1F600}\n`,
    )

    const approvals = `/pipeline/api/v1/orgs/${story.here.org}/projects/shop/approvals/execution/${uuid}`
    const [approval, ...others] = (await send('GET', approvals, { query: { approval_status: 'WAITING' } })).body
    expect([approval, others]).toEqual([
      {
        id: expect.any(String),
        type: 'HarnessApproval',
        status: 'WAITING',
        deadline: expect.any(Number),
        created: expect.any(Number),
        error_message: '',
        details: {
          approvalMessage: expect.any(String),
          includePipelineExecutionHistory: false,
          approvers: { userGroups: [], minimumCount: 1, disallowPipelineExecutor: true },
          approvalActivities: [],
          approverInputs: [],
        },
      },
      [],
    ])
    expect((await send('GET', approvals, { query: { approval_type: 'JiraApproval' } })).body).toEqual([])
    const activity = `/pipeline/api/approvals/${approval.id}/harness/activity`
    const body = { action: 'APPROVE', comments: 'read' }
    expect((await send('POST', activity, { body, key: await client.keyOf('Dana') })).status).toBe(403)
    expect((await send('POST', activity, { body })).status).toBe(403)
    // Named by its id alone.
    const decided = await data('POST', activity, { body, key: await client.keyOf('Ann'), query: { orgIdentifier: '' } })
    expect(decided).toMatchObject({
      id: approval.id,
      status: 'APPROVED',
      errorMessage: '',
      details: { approvalActivities: [{ user: { name: 'Ann' }, action: 'APPROVE', comments: 'read' }] },
    })
  })

  test('a run is paused, resumed and aborted, and gone on from with a body of {}', async () => {
    const uuid = await execute()
    const interrupt = (interruptType: string) =>
      send('PUT', `/pipeline/api/pipeline/execute/interrupt/${uuid}`, { query: { interruptType }, body: {} })
    expect((await interrupt('Pause')).body.data).toEqual({ planExecutionId: uuid, type: 'Pause' })
    expect((await story.read(uuid)).status).toMatch(/^Paus/)
    expect((await interrupt('Resume')).status).toBe(200)
    expect((await interrupt('StageRollback')).status).toBe(501)
    expect((await interrupt('Nonsense')).status).toBe(400)
    expect((await interrupt('AbortAll')).status).toBe(200)
    await story.delegate.workAll()
    expect((await story.read(uuid)).status).toBe('Aborted')
    expect((await interrupt('AbortAll')).status).toBe(409)
    const again = await data('PUT', `/pipeline/api/pipeline/execute/retry/${uuid}`, { body: {} })
    expect(again.planExecution.uuid).not.toBe(uuid)
  })

  test('an address of a log is for who may see the run, for a while, and for that log', async () => {
    const uuid = await execute()
    await story.delegate.workAll()
    const prefix = `acct/pipeline/release_shop/1/-${uuid}/dev/deploy/apply_dev`
    const ask = (query: Record<string, string>, key?: string) =>
      send('POST', '/gateway/log-service/blob/download', { query, ...(key === undefined ? {} : { key }) })
    expect((await ask({ prefix }, await client.keyOf('Mia'))).status).toBe(403)
    expect((await ask({ prefix: `acct/pipeline/x/1/-nothing` })).status).toBe(404)
    expect((await ask({ prefix: 'nonsense' })).status).toBe(400)
    const { body } = await ask({ prefix })
    const link = new URL(body.link)
    const token = link.searchParams.get('token') ?? ''
    const [text = '', signature = ''] = token.split('.')
    const other = Buffer.from(Buffer.from(text, 'base64url').toString().replace('apply_dev', 'apply_prd'))
    for (const wrong of [
      `${other.toString('base64url')}.${signature}`,
      `${text}.`,
      text,
      `${text}.${'A'.repeat(43)}`,
    ]) {
      const path = `/log-service/blob/content?token=${wrong}`
      expect((await story.manager.app.request(path)).status).toBe(403)
    }
    expect((await story.manager.app.request(link.href)).status).toBe(200)
  })
})
