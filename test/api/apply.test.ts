// Configuration as code against a real manager over sockets: export, apply, twice, elsewhere; the difference is shown first.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sql } from 'kysely'
import { kinds } from '#cli/configuration/kind'
import { run } from '#cli/main'
import { firstPipeline } from '#cli/setup/first-pipeline'
import { api } from '#contract/api/index'
import { createClient } from '#contract/client'
import { pipelineHandlers } from '#manager/execution/pipeline-handlers'
import { freezeHandlers } from '#manager/freeze/handlers'
import { inputSetHandlers } from '#manager/input-set/handlers'
import { triggerHandlers } from '#manager/trigger/handlers'
import { type RunningServer, startServer } from '#manager/http/server'
import { addProject, openWorld, type World } from './world.ts'

interface Manager {
  readonly world: World
  readonly server: RunningServer
  readonly key: string
}
const folder = mkdtempSync(join(tmpdir(), 'sluice-apply-'))
let one: Manager
let other: Manager

async function startManager(): Promise<Manager> {
  const world = await openWorld()
  const own = { ...pipelineHandlers(world.store), ...inputSetHandlers(world.store) }
  const more = { ...triggerHandlers(world.store, 'account'), ...freezeHandlers(world.store, 'account') }
  const handlers = { ...world.options.handlers, ...own, ...more }
  const server = await startServer({ ...world.options, handlers, host: '127.0.0.1', port: 0 })
  const { value } = await world.as('admin').createApiKey({ body: { identifier: 'code' } })
  return { world, server, key: value }
}
beforeAll(async () => {
  one = await startManager()
  other = await startManager()
  await fill(one)
})
afterAll(async () => {
  for (const { server, world } of [one, other]) {
    await server.close(0)
    await world.close()
  }
  rmSync(folder, { recursive: true })
})

async function sluice(manager: Manager, ...args: string[]): Promise<{ code: number; out: string }> {
  const lines: string[] = []
  const terminal = {
    out: (line: string) => void lines.push(line),
    err: (line: string) => void lines.push(line),
    live: undefined,
    color: false,
    environment: { SLUICE_API_KEY: manager.key },
    folder: '.',
    signal: new AbortController().signal,
    clock: () => 0,
  }
  const code = await run([...args, '--manager', manager.server.url], terminal)
  return { code, out: lines.join('\n') }
}

/** One of every kind. */
async function fill({ world, server, key }: Manager): Promise<void> {
  const admin = world.as('admin')
  const params = await addProject(world)
  const shop = { orgIdentifier: 'default', projectIdentifier: 'shop' }
  const spec = { url: 'https://git.example.com/shop.git', type: 'Http' as const, connectionType: 'Repo' as const }
  await admin.createConnector({
    params,
    body: { connector: { type: 'Git', identifier: 'git', name: 'Git', spec } },
  } as never)
  const changelog = { connector: 'git', location: 'db/changelog.yaml' }
  await admin.createDbSchema({ params, body: { identifier: 'app', name: 'App', changelog, tags: { team: 'shop' } } })
  for (const identifier of ['dev', 'prod'])
    await admin.createDbInstance({
      params: { ...params, dbschema: 'app' },
      body: { identifier, connector: 'c', branch: 'main', substituteProperties: { a: 'b' } },
    })
  const { identifier, name, yaml } = firstPipeline({ ...params, schema: 'app', instance: 'dev' })
  const client = createClient(api, { baseUrl: server.url, headers: { 'x-api-key': key } })
  await client.createPipeline({ params, body: { identifier, name, pipeline_yaml: yaml } })
  const set = (name: string, text: string) =>
    client.createInputSet({
      params,
      query: { pipeline: identifier },
      body: { identifier: name, name, input_set_yaml: text },
    })
  await set('some', `inputSet: { identifier: some, name: some, pipeline: { identifier: ${identifier} } }`)
  await set('all', 'overlayInputSet: { identifier: all, name: all, inputSetReferences: [some] }')
  const nightly = `# Every night
trigger:
  identifier: nightly
  inputSetRefs: [all]
  source: { type: Scheduled, spec: { type: Cron, spec: { expression: "0 3 * * *" } } }
`
  await client.createTrigger({
    query: { ...shop, targetIdentifier: identifier },
    raw: new TextEncoder().encode(nightly),
  })
  const holidays = `freeze:
  identifier: holidays
  name: Holidays
  status: Enabled
  entityConfigs:
    - name: All
      entities: [{ type: Org, filterType: All }, { type: Project, filterType: All }, { type: Service, filterType: All },
        { type: EnvType, filterType: All }]
  windows: [{ timeZone: UTC, startTime: "2030-12-24 00:00", duration: 3d }]
`
  await client.createFreeze({ raw: new TextEncoder().encode(holidays) })
  for (const scope of [{}, { orgIdentifier: 'default' }])
    await client.platformCreateConnector({
      query: scope,
      body: { connector: { type: 'Git', identifier: 'shared', name: 'Shared', spec, ...scope } },
    } as never)
  const vault = { vaultUrl: 'https://vault.example.com', accessType: 'VAULT_AGENT', sinkPath: '/x' } as const
  await client.platformCreateConnector({
    body: { connector: { type: 'Vault', identifier: 'vault', name: 'Vault', spec: vault } },
  })
  const reference = {
    secretManagerIdentifier: 'account.vault',
    valueType: 'Reference' as const,
    value: 'db/shop#password',
  }
  const secret = (identifier: string, more: object) => ({
    body: { secret: { type: 'SecretText', identifier, name: identifier, spec: more } } as never,
  })
  await client.createAccountSecret(secret('token', { ...reference }))
  await client.createOrganizationSecret({ params: { org: 'default' }, ...secret('shared', { ...reference }) })
  await client.createSecret({ params, ...secret('db', { ...reference }) })
  await client.updateImages({ body: [{ field: 'mongoTag', value: 'team/mongo:1' }] })
  await client.updateHelperImages({ body: [{ field: 'addonTag', value: 'team/addon:1' }] })
  await client.createDelegateToken({ body: { identifier: 'fleet', name: 'Fleet', revokeAfter: 4_102_444_800_000 } })
  await client.createDelegateToken({ body: { identifier: 'shop', ...params } })
  await client.updateDelegateToken({ params: { token: 'shop' }, body: { status: 'REVOKED' } })
  await client.createDelegateToken({ body: { identifier: 'once', uses: 1 } })
  const days = { identifier: 'retention_logs_days', updateType: 'UPDATE' } as const
  await client.updateSettings({ body: [{ ...days, value: '90', allowOverrides: true }] })
  await client.updateSettings({ query: shop, body: [{ ...days, value: '30' }] })
  await admin.createEnvironment({ body: { identifier: 'dev', name: 'Dev', type: 'PreProduction', ...shop } })
  await admin.createService({ body: { identifier: 'web', name: 'Web', ...shop } })
  await admin.createServiceAccount({ query: shop, body: { identifier: 'ci', name: 'CI', ...shop } })
  await admin.createUserGroup({
    query: shop,
    body: { identifier: 'dba', name: 'DBA', ...shop, users: ['developer@example.com'] },
  })
  await admin.createRole({ query: shop, body: { identifier: 'looker', name: 'Looker', permissions: ['schema.view'] } })
  const resources = [{ resourceType: 'DATABASE_SCHEMA', identifiers: ['app'] }]
  await admin.createResourceGroup({
    query: shop,
    body: { resourceGroup: { identifier: 'app', name: 'App', ...shop, resourceFilter: { resources } } },
  })
  for (const principal of [
    { type: 'USER_GROUP' as const, identifier: 'dba' },
    { type: 'USER' as const, identifier: 'member@example.com' },
    { type: 'SERVICE_ACCOUNT' as const, identifier: 'ci' },
  ])
    await admin.createRoleAssignment({
      query: shop,
      body: { roleIdentifier: 'looker', resourceGroupIdentifier: 'app', principal },
    })
}

test('what is exported is what is there; applying it changes nothing', async () => {
  const output = join(folder, 'one')
  const exported = await sluice(one, 'export', '-o', output)
  expect(exported).toEqual({ code: 0, out: `32 entities written to ${output}.` })
  expect(readdirSync(join(output, 'default', 'shop')).toSorted()).toEqual(
    [
      'connector',
      'dbInstance',
      'dbSchema',
      'environment',
      'inputSet',
      'pipeline',
      'resourceGroup',
      'role',
      'roleAssignment',
      'service',
    ]
      .concat('delegateToken', 'secret', 'serviceAccount', 'setting', 'trigger', 'userGroup')
      .toSorted(),
  )
  expect(readFileSync(join(output, 'default', 'shop', 'dbSchema', 'app.yaml'), 'utf8')).toBe(
    [
      'kind: dbSchema\norganization: default\nproject: shop\nidentifier: app\nspec:\n  name: App\n  tags:\n    team: shop\n',
      '  changelog:\n    location: db/changelog.yaml\n    connector: git\n',
    ].join(''),
  )
  const applied = await sluice(one, 'apply', '-f', output)
  expect(applied).toEqual({ code: 0, out: '0 to create, 0 to change, 32 as they are.' })
  expect((await sluice(one, 'export', '-o', output)).code).toBe(2)
})

test('another manager becomes the same: shown first, done in the order of references, and then there is nothing to do', async () => {
  const output = join(folder, 'one')
  const shown = await sluice(other, 'apply', '-f', output, '--dry-run')
  expect(shown.code).toBe(0)
  expect(shown.out).toContain('+ dbInstance default/shop/app/dev')
  expect(shown.out).toContain('32 to create, 0 to change, 0 as they are.')
  expect((await other.world.as('admin').listOrganizations()).total).toBe(0)
  const applied = await sluice(other, 'apply', '-f', output)
  expect(applied.out).toContain('created roleAssignment default/shop/')
  expect(applied.code).toBe(0)
  expect(await sluice(other, 'apply', '-f', output)).toEqual({
    code: 0,
    out: '0 to create, 0 to change, 32 as they are.',
  })
  const again = join(folder, 'other')
  await sluice(other, 'export', '-o', again)
  for (const name of readdirSync(output, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.yaml'),
  ))
    expect(readFileSync(join(again, name), 'utf8'), name).toBe(readFileSync(join(output, name), 'utf8'))
})

test('a change is told path by path; what a file does not say is the default again', async () => {
  const file = join(folder, 'change.yaml')
  const scope = 'organization: default\nproject: shop\n'
  writeFileSync(
    file,
    `kind: dbSchema\n${scope}identifier: app\nspec:\n  name: Application\n  changelog: {connector: git, location: db/changelog.yaml}\n` +
      `---\nkind: dbInstance\n${scope}schema: app\nidentifier: dev\nspec: {name: dev, connector: c, gitTag: v1}\n`,
  )
  const shown = await sluice(one, 'apply', '-f', file, '--dry-run')
  expect(shown.out).toBe(
    [
      '~ dbSchema default/shop/app',
      '    name: "App" → "Application"',
      '    tags: {"team":"shop"} → (nothing)',
      '~ dbInstance default/shop/app/dev',
      '    branch: "main" → (nothing)',
      '    gitTag: (nothing) → "v1"',
      '    substituteProperties: {"a":"b"} → (nothing)',
      '0 to create, 2 to change, 0 as they are.',
    ].join('\n'),
  )
  expect((await sluice(one, 'apply', '-f', file)).code).toBe(0)
  expect((await sluice(one, 'apply', '-f', file)).out).toBe('0 to create, 0 to change, 2 as they are.')
  const params = { org: 'default', project: 'shop', dbschema: 'app' }
  expect(await one.world.as('admin').getDbSchema({ params })).toMatchObject({ name: 'Application', tags: {} })
})

test.each([
  ['kind: nonsense\nidentifier: a\n', /there is no such kind/],
  ['kind: project\nidentifier: a\n', /lives in organization/],
  ['kind: role\nidentifer: a\n', /unknown key identifer/],
  ['kind: [\n', /Flow sequence|flow collection/i],
  ['kind: organization\nidentifier: a\nspec: {name: a}\n---\nkind: organization\nidentifier: a\n', /two documents/],
  ['kind: dbInstance\norganization: o\nproject: p\nidentifier: a\n', /schema belongs to a dbInstance/],
])('a file that is wrong is refused before anything is done (%#)', async (text, message) => {
  const file = join(folder, 'wrong.yaml')
  writeFileSync(file, text)
  const { code, out } = await sluice(one, 'apply', '-f', file)
  expect(code).toBe(2)
  expect(out).toMatch(message)
})

test('what the manager refuses names the entity', async () => {
  const file = join(folder, 'refused.yaml')
  writeFileSync(file, 'kind: organization\nidentifier: empty\nspec: {}\n')
  const { code, out } = await sluice(one, 'apply', '-f', file)
  expect(code).toBe(2)
  expect(out).toContain('organization empty:')
})

test('a value is in no file: a secret that the manager keeps is changed, never made, and the rest is done all the same', async () => {
  const file = join(folder, 'secret.yaml')
  const text = (name: string) =>
    `kind: secret\nidentifier: kept\nspec: {name: ${name}, spec: {}}\n---\nkind: organization\nidentifier: after\nspec: {name: After}\n`
  writeFileSync(file, text('Kept'))
  const shown = await sluice(one, 'apply', '-f', file, '--dry-run')
  expect(shown).toMatchObject({ code: 0, out: expect.stringContaining('! secret kept\n    its value is in no file') })
  expect(shown.out).toContain('1 to create, 0 to change, 0 as they are, 1 to make by hand.')
  const applied = await sluice(one, 'apply', '-f', file)
  expect([applied.code, applied.out]).toEqual([1, expect.stringContaining('made by hand: secret kept.')])
  expect(applied.out).toContain('created organization after')
  const admin = one.world.as('admin')
  const secret = { type: 'SecretText', identifier: 'kept', name: 'Kept', spec: { value: 'hunter2' } } as const
  await admin.createAccountSecret({ body: { secret } })
  expect((await sluice(one, 'apply', '-f', file)).out).toBe('0 to create, 0 to change, 2 as they are.')
  writeFileSync(file, text('Renamed'))
  expect((await sluice(one, 'apply', '-f', file)).code).toBe(0)
  expect(await admin.getAccountSecret({ params: { secret: 'kept' } })).toMatchObject({ secret: { name: 'Renamed' } })
  const { rows } = await sql<{ kept: boolean }>`select ciphertext is not null as kept from secret
    where identifier = 'kept'`.execute(one.world.store.db)
  expect(rows).toEqual([{ kept: true }])
  const output = join(folder, 'without-value')
  await sluice(one, 'export', '-o', output)
  expect(readFileSync(join(output, 'secret', 'kept.yaml'), 'utf8')).toBe(
    'kind: secret\nidentifier: kept\nspec:\n  name: Renamed\n',
  )
})

test('a file from before does not let a revoked token in again', async () => {
  const admin = one.world.as('admin')
  await admin.createDelegateToken({ body: { identifier: 'leaked' } })
  const file = join(folder, 'token.yaml')
  writeFileSync(file, 'kind: delegateToken\nidentifier: leaked\nspec: {}\n')
  expect((await sluice(one, 'apply', '-f', file)).out).toBe('0 to create, 0 to change, 1 as they are.')
  await admin.updateDelegateToken({ params: { token: 'leaked' }, body: { status: 'REVOKED' } })
  const applied = await sluice(one, 'apply', '-f', file)
  expect([applied.code, applied.out]).toEqual([
    1,
    expect.stringContaining('! delegateToken leaked\n    it was revoked'),
  ])
  const status = async () =>
    (await admin.listDelegateTokens({ query: { limit: 100 } })).rows.find(({ identifier }) => identifier === 'leaked')
      ?.status
  expect(await status()).toBe('REVOKED')
  writeFileSync(file, 'kind: delegateToken\nidentifier: leaked\nspec: {status: REVOKED, name: Leaked}\n')
  expect((await sluice(one, 'apply', '-f', file)).out).toContain('changed delegateToken leaked')
  expect(await status()).toBe('REVOKED')
})

/** What the contract lets people make or set and files do not hold, and why. */
const noConfiguration: Readonly<Record<string, string>> = {
  user: 'a password',
  apiKey: 'a value that is shown once',
  accessKey: 'of a person or program, with tokens',
  accessToken: 'a value that is shown once',
}

test('every kind that the contract can make or set is one that files hold, and the export above has one of each', () => {
  const names = Object.keys(api).flatMap((name) => /^(?:create|update)([A-Z]\w*)$/.exec(name)?.[1] ?? [])
  const part = /GitMetadata$/
  const found = new Set(
    names
      .filter((name) => !part.test(name))
      .map((name) => name.replace(/^(?:Account|Organization)(?=Connector|Secret)/, '').replace(/^Helper/, 'helper'))
      .map((name) => singular[name] ?? name.charAt(0).toLowerCase() + name.slice(1)),
  )
  const held = kinds.map(({ kind }) => kind)
  expect([...found].toSorted()).toEqual([...held, ...Object.keys(noConfiguration)].toSorted())
  const folders = readdirSync(join(folder, 'one'), { recursive: true, encoding: 'utf8' })
  for (const kind of held)
    expect(
      folders.some((path) => path.includes(`${kind}/`)),
      kind,
    ).toBe(true)
})
const singular: Readonly<Record<string, string>> = { Settings: 'setting', Images: 'image', helperImages: 'helperImage' }
