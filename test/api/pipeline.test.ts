// Pipelines over the API: kept as they came, refused with every finding at its place; and what a run says of entities that do not fit.
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Fault, type FaultCode } from '#contract/fault'
import type { Store } from '#manager/store/port'
import type { Taken } from '../scenario/fake-delegate.ts'
import { nodeOf, releaseShop, Story } from '../scenario/release-world.ts'
import { newPlace, openPlace, type TestPlace } from '../store/store.ts'

let place: TestPlace
let store: Store
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
  story = await Story.begin(store)
})

async function faultOf(promise: Promise<unknown>, code: FaultCode): Promise<Fault> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof Fault) || error.code !== code) throw new Error(`expected ${code}`, { cause: error })
  return error
}
const yamlHere = (change: (yaml: string) => string = (yaml) => yaml): string =>
  change(releaseShop.replace('orgIdentifier: default', `orgIdentifier: ${story.here.org}`))
const body = (pipeline_yaml: string, identifier = 'release_shop') => ({
  pipeline_yaml,
  identifier,
  name: 'Release shop',
})

describe('saving', () => {
  test('the YAML comes back as it was written, and an update replaces it', async () => {
    const ada = await story.manager.as('Ada')
    const params = { ...story.here, pipeline: 'release_shop' }
    const before = await ada.getPipeline({ params })
    expect(before).toMatchObject({
      pipeline_yaml: yamlHere(),
      valid: true,
      name: 'Release shop',
      description: '',
      tags: {},
    })
    const changed = yamlHere((yaml) => `# mine\n${yaml}`)
    await ada.updatePipeline({ params, body: { ...body(changed), description: 'More', tags: { team: 'shop' } } })
    expect(await ada.getPipeline({ params })).toMatchObject({
      pipeline_yaml: changed,
      description: 'More',
      tags: { team: 'shop' },
    })
    // A client with a block of Git details says it once more.
    const inline = { git_details: { store_type: 'INLINE' } }
    expect(await ada.updatePipelineGitMetadata({ params, body: inline })).toEqual({ identifier: 'release_shop' })
    const remote = { git_details: { store_type: 'REMOTE' } }
    await faultOf(ada.updatePipelineGitMetadata({ params, body: remote }), 'not-offered')
    const unknown = { ...params, pipeline: 'nothing' }
    await faultOf(ada.updatePipelineGitMetadata({ params: unknown, body: {} }), 'not-found')
    const { rows, total } = await ada.listPipelines({ params: story.here, query: { search_term: 'SHOP' } })
    expect([rows.map((row) => row.identifier), total]).toEqual([['release_shop'], 1])
  })

  test('what does not validate is not kept, and every finding says where', async () => {
    const ada = await story.manager.as('Ada')
    const wrong = yamlHere((yaml) =>
      yaml.replace('type: DBSchemaUpdateSQL', 'type: DBSchemaUpdateSq').replace('timeout: 1d', 'timeout: 1x'),
    )
    const refused = await faultOf(
      ada.createPipeline({ params: story.here, body: body(wrong, 'other') }),
      'invalid-input',
    )
    expect(refused.message).toMatch(/^The pipeline other is not valid: .*\(line \d+, column \d+\), and 1 more$/)
    expect(
      refused.diagnostics.filter(({ severity }) => severity === 'error').map(({ span }) => [span?.file, span?.line]),
    ).toEqual([
      ['other.yaml', wrong.split('\n').findIndex((line) => line.includes('UpdateSq')) + 1],
      ['other.yaml', wrong.split('\n').findIndex((line) => line.includes('1x')) + 1],
    ])
    const { rows } = await ada.listPipelines({ params: story.here })
    expect(rows).toHaveLength(1)
    const told = await ada.validatePipeline({ params: story.here, body: { pipeline_yaml: wrong } })
    expect([told.valid, told.diagnostics.length]).toEqual([false, 2])
    expect(await ada.validatePipeline({ params: story.here, body: { pipeline_yaml: yamlHere() } })).toEqual({
      valid: true,
      diagnostics: [],
    })
  })

  test.each([
    ['identifier: release_shop', 'identifier: another', 'another'],
    ['projectIdentifier: shop', 'projectIdentifier: elsewhere', 'elsewhere'],
  ])('a document that says it belongs elsewhere is refused: %s', async (from, to, named) => {
    const ada = await story.manager.as('Ada')
    const params = { ...story.here, pipeline: 'release_shop' }
    const refused = await faultOf(
      ada.updatePipeline({ params, body: body(yamlHere((yaml) => yaml.replace(from, to))) }),
      'invalid-input',
    )
    expect(refused.message).toContain(named)
  })

  test('an identifier is taken once; after deletion it is free again, and the numbers begin anew', async () => {
    const ada = await story.manager.as('Ada')
    await faultOf(ada.createPipeline({ params: story.here, body: body(yamlHere()) }), 'already-exists')
    const first = await story.run()
    await ada.deletePipeline({ params: { ...story.here, pipeline: 'release_shop' } })
    await faultOf(story.run(), 'not-found')
    // The run has its own copy of the document and goes on.
    await story.delegate.workAll()
    expect((await story.read(first)).status).toBe('ApprovalWaiting')
    await ada.createPipeline({ params: story.here, body: body(yamlHere()) })
    expect((await story.read(await story.run())).number).toBe(1)
  })

  test('starts at once have numbers of their own; one that is refused leaves at most a gap', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => story.run()))
    const numbers = await Promise.all(ids.map(async (id) => (await story.read(id)).number))
    expect(numbers.toSorted((one, other) => one - other)).toEqual([1, 2, 3, 4, 5])
    const dana = await story.manager.as('Dana')
    const params = { ...story.here, pipeline: 'release_shop' }
    await faultOf(dana.executePipeline({ params, body: { inputs: { nothing: 'x' } } }), 'invalid-input')
    const { number } = await story.read(await story.run())
    expect(number).toBeGreaterThan(5)
  })

  test('only who may do so starts, aborts and edits', async () => {
    const ann = await story.manager.as('Ann')
    const params = { ...story.here, pipeline: 'release_shop' }
    await faultOf(ann.executePipeline({ params, body: {} }), 'forbidden')
    await faultOf(ann.deletePipeline({ params }), 'forbidden')
    const execution = await story.run()
    await faultOf(ann.abortExecution({ params: { ...story.here, execution }, body: {} }), 'forbidden')
    await faultOf(ann.getExecution({ params: { ...story.here, execution: 'none' } }), 'not-found')
    await faultOf(ann.getExecution({ params: { ...story.here, project: 'none', execution } }), 'not-found')
  })

  test('executions are listed newest first, by pipeline and page', async () => {
    const ids = [await story.run(), await story.run(), await story.run()]
    const dana = await story.manager.as('Dana')
    const { rows, total } = await dana.listExecutions({
      params: story.here,
      query: { limit: 2, pipeline: 'release_shop' },
    })
    expect([rows.map(({ id, number }) => [id, number]), total]).toEqual([
      [
        [ids[2], 3],
        [ids[1], 2],
      ],
      3,
    ])
    expect(rows[0]).toMatchObject({ triggeredBy: { type: 'MANUAL', identifier: 'dana@example.org', name: 'Dana' } })
    expect((await dana.listExecutions({ params: story.here, query: { pipeline: 'other' } })).total).toBe(0)
  })
})

/** Of what the delegate takes, that of this test's project: earlier tests leave work in the queue, and its delegate serves all. */
async function takenHere(): Promise<Taken | undefined> {
  const taken = await story.delegate.take()
  return taken.find(({ spec }) => spec.project.org === story.here.org)
}

describe('entities that do not fit are an error of the step that needs them', () => {
  test.each([
    ["update db_schema set migration_type = 'Flyway' where", 'of migration type Flyway'],
    ["update db_schema set type = 'Script' where", 'has neither a changelog nor a script'],
    [
      `update db_schema set changelog = '{"connector":"git","location":"a.yaml","archivePath":"a.zip"}' where`,
      'is of type Git, wanted is Artifactory, DockerRegistry',
    ],
    [`update db_schema set changelog = '{"connector":"git","location":"a.yaml"}' where`, 'names no repository'],
    [
      `update db_schema set changelog = '{"connector":"account.git","location":"a.yaml"}' where`,
      'There is no connector account.git.',
    ],
    [
      `update db_schema set changelog = '{"connector":"shop_dev","location":"a.yaml"}' where`,
      'is of type JDBC, wanted is Git',
    ],
    ["update db_instance set branch = '' where db_schema_id in (select id from db_schema where", 'names no branch'],
    [
      "update db_instance set commit_sha = '<+trigger.commitSha>' where db_schema_id in (select id from db_schema where",
      'has no value',
    ],
    [
      `update db_instance set substitute_properties = '{"a":"<+secrets.getValue(1)>"}' where db_schema_id in (select id from db_schema where`,
      'secrets are read as <+secrets.getValue("id")>',
    ],
    [
      `update db_instance set substitute_properties = '{"a":"<<+''+secrets.getValue(\\"shop_dev_password\\")>''>"}' where db_schema_id in (select id from db_schema where`,
      'secrets are read as <+secrets.getValue("id")>',
    ],
  ])('%s', async (update, sentence) => {
    const closing = update.includes('in (select') ? ')' : ''
    const mine = `project_id = (select p.id from project p join organization o on o.id = p.organization_id and o.identifier = '${story.here.org}')`
    await sql.raw(`${update} ${mine}${closing}`).execute(store.db)
    const execution = await story.run()
    const state = await story.read(execution)
    expect(state.status).toBe('Errored')
    expect(nodeOf(state, 'dev.preview.preview_dev').statusReason).toContain(sentence)
    expect(nodeOf(state, 'dev.preview.preview_dev').attempt).toBeNull()
  })

  test.each([
    [
      'Artifactory',
      { artifactoryServerUrl: 'https://files.example.org/artifactory/', auth: { type: 'Anonymous' } },
      `releases/shop-<+pipeline.sequenceId>.zip@sha256:${'a'.repeat(64)}`,
      { type: 'archive', url: 'https://files.example.org/artifactory/releases/shop-1.zip', sha256: 'a'.repeat(64) },
    ],
    [
      'DockerRegistry',
      { dockerRegistryUrl: 'https://registry.example.org/v2/', auth: { type: 'Anonymous' } },
      'team/shop:1.<+pipeline.sequenceId>',
      { type: 'oci', url: 'https://registry.example.org', repository: 'team/shop', reference: '1.1' },
    ],
  ])('a changelog in an archive behind a connector of type %s', async (type, spec, archivePath, source) => {
    const ada = await story.manager.as('Ada')
    const connector = { identifier: 'files', name: 'Files', type, spec } as Parameters<
      typeof ada.createConnector
    >[0]['body']['connector']
    await ada.createConnector({ params: story.here, body: { connector } })
    const changelog = JSON.stringify({ connector: 'files', location: 'db/changelog.yaml', archivePath })
    await sql`update db_schema set changelog = ${changelog}::jsonb where project_id = (select p.id from project p
      join organization o on o.id = p.organization_id and o.identifier = ${story.here.org})`.execute(store.db)
    await story.run()
    const taken = await takenHere()
    expect(taken?.spec.work).toMatchObject({ source: { ...source, path: 'db/changelog.yaml' } })
  })

  test('a changelog that a script writes, and the image of the account: told to the pod', async () => {
    const script = JSON.stringify({
      image: 'team/shell:<+pipeline.sequenceId>',
      shell: 'Bash',
      command: 'make <+pipeline.sequenceId>',
      location: 'out/c.yaml',
    })
    await sql`update db_schema set type = 'Script', change_log_script = ${script}::jsonb where project_id = (select p.id
      from project p join organization o on o.id = p.organization_id and o.identifier = ${story.here.org})`.execute(
      store.db,
    )
    await sql`insert into image_override (area, field, image) values ('database', 'defaultTag', 'plugins/liquibase:4')`.execute(
      store.db,
    )
    await story.run()
    const taken = await takenHere()
    await sql`delete from image_override`.execute(store.db)
    expect(taken?.spec).toMatchObject({
      images: { step: 'plugins/liquibase:4' },
      work: {
        source: { type: 'script', image: 'team/shell:1', shell: 'Bash', command: 'make 1', path: 'out/c.yaml' },
      },
    })
    const needs = await sql<{
      needs: unknown
    }>`select needs from attempt where id = ${taken?.spec.attempt ?? ''}`.execute(store.db)
    expect(needs.rows[0]?.needs).toContainEqual({ type: 'pods' })
  })

  test('commit and tag may be expressions', async () => {
    await sql`update db_instance set commit_sha = 'r<+pipeline.sequenceId>' where db_schema_id in (select db_schema.id from db_schema
      join project on project.id = project_id join organization on organization.id = organization_id
      and organization.identifier = ${story.here.org})`.execute(store.db)
    await story.run()
    const taken = await takenHere()
    expect(taken?.spec.work).toMatchObject({ source: { reference: { commit: 'r1' } } })
  })
})
