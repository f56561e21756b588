// Tasks on real databases through the command `sluice delegate` as a process of its own: tests of connections, previews, snapshots,
// comparisons, and histories that somebody else wrote.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ApiClient, signIn } from '#cli/setup/session'
import type { Task } from '#contract/api/task'
import type { Role } from '#contract/permission'
import { place, removePlaces } from '../database/place.ts'
import { openTarget, sayWhatIsMissing, type Target, targetNames } from '../database/target.ts'
import { here, openRealWorld, type RealWorld, smallChangelog, stepOf } from './real-world.ts'
import { program } from './step-world.ts'

const servers = targetNames.filter((name) => name === 'postgresql' || name === 'mariadb')
sayWhatIsMissing('tasks')

let world: RealWorld
let child: ChildProcess | undefined
let folder: string
beforeAll(async () => {
  world = await openRealWorld()
  folder = mkdtempSync(join(tmpdir(), 'sluice-task-'))
})
afterAll(async () => {
  if (child && child.exitCode === null) {
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  await world.close()
  removePlaces()
  rmSync(folder, { recursive: true, force: true })
})

async function startDelegate(): Promise<void> {
  const directory = join(folder, 'delegate')
  mkdirSync(directory)
  child = spawn(
    process.execPath,
    [program, 'delegate', '--manager', world.manager.url, '--directory', directory, '--name', 'near'],
    { stdio: 'ignore', env: { PATH: process.env['PATH'], SLUICE_DELEGATE_TOKEN: await world.token() } },
  )
}

/** Waits for the end, in as many calls as it takes. */
async function ended(task: Task): Promise<Task> {
  if (task.status !== 'queued' && task.status !== 'running') return task
  return ended(await world.client.getTask({ params: { ...here, task: task.id }, query: { wait: 20 } }))
}
async function as(role: Role, email = `${role}@example.org`): Promise<ApiClient> {
  const password = 'correct horse battery'
  await world.client.createUser({ body: { email, name: role, role, password } })
  return signIn(world.manager.url, email, password)
}
const secretOf = (identifier: string, value: string) => ({
  identifier,
  name: identifier,
  type: 'SecretText' as const,
  spec: { secretManagerIdentifier: 'harnessSecretManager', valueType: 'Inline' as const, value },
})
const instance = (dbinstance: string) => ({ ...here, dbschema: 'shop', dbinstance })
const logOf = async ({ id }: Task) => (await world.client.getTaskLog({ params: { ...here, task: id } })).text

describe('without a delegate', { timeout: 30_000 }, () => {
  test('who asks is told at once that nobody can do it, and may stop it', async () => {
    const task = await world.client.previewInstance({ params: instance('dev'), body: {} })
    expect(task).toMatchObject({
      kind: 'preview',
      status: 'queued',
      statusReason: 'No delegate is registered. Install one with a delegate token.',
      considered: [],
      askedBy: { identifier: 'ada@example.org', name: 'Ada' },
    })
    const params = { ...here, task: task.id }
    await world.client.abortTask({ params, body: { reason: 'wrong one' } })
    expect(await world.client.getTask({ params })).toMatchObject({ status: 'aborted' })
    await expect(world.client.abortTask({ params, body: {} })).rejects.toMatchObject({ code: 'conflict' })
  })

  test('it expires, and says why nobody took it', async () => {
    const params = instance('dev')
    const task = await ended(
      await world.client.testInstance({ params, query: { wait: 20 }, body: { timeoutSeconds: 5 } }),
    )
    expect(task).toMatchObject({ status: 'expired', fault: { code: 'timed-out' } })
    expect(task.fault?.message).toContain('No delegate is registered')
  })
})

describe('with a delegate', { timeout: 120_000 }, () => {
  beforeAll(startDelegate)

  test('a Git connector: the default branch, a branch that is not there', async () => {
    const params = { ...here, connector: 'git' }
    const found = await ended(await world.client.testConnector({ params, query: { wait: 25 }, body: {} }))
    expect(found).toMatchObject({ status: 'succeeded', connector: 'git', delegate: 'near' })
    expect(found.output).toMatchObject({ checks: [{ what: 'repository', detail: 'The files could be fetched' }] })
    expect(found.considered).toMatchObject([{ name: 'near', chosen: true }])
    const lost = await ended(await world.client.testConnector({ params, body: { branch: 'nowhere' } }))
    expect(lost).toMatchObject({ status: 'failed', fault: { code: 'source-reference-not-found' } })
    expect(await logOf(lost)).toContain('nowhere')
  })

  test('an address that takes no connections is named with the delegate that has tried', async () => {
    const connector = {
      identifier: 'closed',
      name: 'Closed',
      type: 'JDBC' as const,
      spec: { url: 'jdbc:postgresql://127.0.0.1:1/shop', auth: { type: 'InheritFromDelegate' as const } },
    }
    await world.client.createConnector({ params: here, body: { connector } })
    const task = await ended(await world.client.testConnector({ params: { ...here, connector: 'closed' }, body: {} }))
    expect(task).toMatchObject({ status: 'failed', fault: { code: 'no-delegate' } })
    expect(task.fault?.message).toContain('near: ')
    expect(task.fault?.message).toContain('127.0.0.1:1')
    expect(task.considered).toMatchObject([{ name: 'near', chosen: false }])
  })

  test('a selector that no delegate has is answered at once', async () => {
    const connector = {
      identifier: 'far',
      name: 'Far',
      type: 'JDBC' as const,
      spec: {
        url: 'jdbc:sqlite:/nowhere',
        auth: { type: 'InheritFromDelegate' as const },
        delegateSelectors: ['moon'],
      },
    }
    await world.client.createConnector({ params: here, body: { connector } })
    const task = await world.client.testConnector({ params: { ...here, connector: 'far' }, body: {} })
    expect(task.status).toBe('queued')
    expect(task.statusReason).toContain('near lacks moon')
    expect(task.considered).toMatchObject([{ name: 'near', chosen: false, eligible: false, reason: 'near lacks moon' }])
    await world.client.abortTask({ params: { ...here, task: task.id }, body: {} })
  })

  test('the definition of a change set as it was deployed', async () => {
    const done = await world.until(await world.run(), ({ endedAt }) => endedAt !== null)
    expect(stepOf(done)).toMatchObject({ status: 'Success' })
    const query = { changeSet: 'changelog.sql::one::shop' }
    const { yaml } = await world.client.getChangeSetDefinition({ params: instance('dev'), query })
    expect(yaml).toContain('create table one (id int primary key);')
    expect(yaml).toContain('drop table one;')
    await expect(
      world.client.getChangeSetDefinition({ params: instance('dev'), query: { changeSet: 'no::such::one' } }),
    ).rejects.toMatchObject({ code: 'not-found' })
  })

  test('a viewer reads what came of it and may not ask', async () => {
    const viewer = await as('viewer')
    const {
      rows: { length },
    } = await viewer.listTasks({ params: here, query: { limit: 100 } })
    expect(length).toBeGreaterThan(3)
    await expect(viewer.previewInstance({ params: instance('dev'), body: {} })).rejects.toMatchObject({
      code: 'forbidden',
    })
    const member = await as('member')
    expect(await member.listTasks({ params: here })).toMatchObject({ rows: [], total: 0 })
  })

  describe.each(servers)('on %s', (name) => {
    let target: Target
    let other: Target
    beforeAll(async () => {
      target = await openTarget(name)
      other = await openTarget(name)
      for (const [identifier, { url }] of [
        [name, target],
        [`${name}_other`, other],
      ] as const) {
        const { username, password, host, pathname, protocol } = new URL(url)
        await world.client.createSecret({
          params: here,
          body: { secret: secretOf(`${identifier}_password`, password) },
        })
        const spec = (passwordRef: string) => ({
          url: `jdbc:${protocol}//${host}${pathname}`,
          auth: { type: 'UsernamePassword' as const, spec: { username, passwordRef } },
        })
        const connectors = [
          [identifier, spec(`${identifier}_password`)],
          [`${identifier}_wrong`, spec('db_password')],
        ] as const
        for (const [id, of] of connectors)
          await world.client.createConnector({
            params: here,
            body: { connector: { identifier: id, name: id, type: 'JDBC', spec: of } },
          })
        await world.client.createDbInstance({
          params: { ...here, dbschema: 'shop' },
          body: { identifier, name: identifier, connector: identifier, branch: 'main' },
        })
      }
    })
    afterAll(async () => {
      await target.remove()
      await other.remove()
    })

    test('a connector: the server says its version, or refuses a wrong password', async () => {
      const task = await ended(await world.client.testConnector({ params: { ...here, connector: name }, body: {} }))
      expect(task.fault).toBeUndefined()
      expect(task.output).toMatchObject({
        checks: [{ what: 'database', detail: expect.stringMatching(/^(PostgreSQL|MariaDB) 1/) }],
      })
      const params = { ...here, connector: `${name}_wrong` }
      const wrong = await ended(await world.client.testConnector({ params, body: {} }))
      expect(wrong).toMatchObject({ status: 'failed', fault: { code: 'database-authentication' } })
      expect(await logOf(wrong)).not.toContain('secret-of-dev')
      const both = await ended(await world.client.testInstance({ params: instance(name), body: {} }))
      expect(both.output).toMatchObject({
        checks: [{ what: 'database' }, { what: 'repository', detail: 'It has the changelog changelog.sql' }],
      })
      const query = { orgIdentifier: here.org, projectIdentifier: here.project }
      expect(await world.client.platformTestConnection({ params: { connector: name }, query })).toMatchObject({
        status: 'SUCCESS',
        errors: [],
      })
      expect(
        await world.client.platformTestConnection({ params: { connector: `${name}_wrong` }, query }),
      ).toMatchObject({ status: 'FAILURE', errors: [{ reason: 'database-authentication' }] })
    })

    test('a preview has the SQL and the digest, and changes nothing', async () => {
      const task = await ended(await world.client.previewInstance({ params: instance(name), body: { branch: 'main' } }))
      expect(task).toMatchObject({ status: 'succeeded', hasPlan: true })
      const plan = await world.client.getTaskPlan({ params: { ...here, task: task.id } })
      expect(plan.digest).toBe(task.output['planDigest'])
      expect(plan.sql.toLowerCase()).toContain('create table one')
      const [rows] = [
        (
          await target.database.session.execute(
            "select table_name from information_schema.tables where table_name = 'one'",
          )
        ).rows,
      ]
      expect(rows).toEqual([])
    })

    test('what somebody else deployed is seen after a history sync, and only then', async () => {
      const elsewhere = place()
      elsewhere.write('changelog.sql', smallChangelog)
      elsewhere.write(
        'mine.sql',
        '--liquibase formatted sql\n--changeset me:own\ncreate table own (id int primary key);\n',
      )
      for (const file of ['changelog.sql', 'mine.sql']) {
        const said = await elsewhere.sluice('update', '--url', target.url, '--changelog-file', file)
        expect(said.err + said.out, file).not.toContain('Failed')
        expect(said.code).toBe(0)
      }
      const stateOf = async () => {
        const { body } = await world.client.getInstanceMigrationState({ params: instance(name) })
        return body.changeSets.map(({ changeSet, status }) => `${changeSet} ${status}`)
      }
      expect(await stateOf()).toEqual(['one Not_Deployed'])
      const task = await ended(await world.client.syncInstance({ params: instance(name), body: {} }))
      expect(task).toMatchObject({
        status: 'succeeded',
        output: { deployed: 1, changeSets: 1, unexpected: ['mine.sql::own::me'] },
      })
      expect(await stateOf()).toEqual(['one Successfully_Deployed'])
      const { recentDeployments } = await world.client.getOverview({ params: here })
      expect(recentDeployments.map(({ dbInstanceIdentifier }) => dbInstanceIdentifier)).toContain(name)
      await elsewhere.sluice('rollback-count', '--count', '2', '--url', target.url, '--changelog-file', 'changelog.sql')
    })

    test('a snapshot is kept, can be looked at, and compared with', async () => {
      const { session } = target.database
      await session.execute('create table kept (id int primary key, label varchar(20))')
      expect(await world.client.listSnapshots({ params: instance(name) })).toMatchObject({ rows: [], total: 0 })
      const task = await ended(await world.client.takeSnapshot({ params: instance(name), body: {} }))
      expect(task.fault).toBeUndefined()
      expect(await world.client.listSnapshots({ params: instance(name) })).toMatchObject({
        rows: [{ task: task.id, objects: task.output['objects'] }],
      })
      const names = await world.client.listSnapshotObjectNames({ params: instance(name) })
      expect(names.body.data).toContain('kept')
      expect(names.body.data.map((one) => one.toLowerCase())).not.toContain('databasechangelog')
      const body = { objectType: 'Table', objectNames: ['kept'] }
      const { data } = await world.client.getSnapshotObjectValues({ params: instance(name), body })
      expect(JSON.parse(data[0]?.objectValue ?? '')).toMatchObject({ name: 'kept' })
      const author = await world.client.getDefaultAuthoringInstance({ params: { ...here, dbschema: 'shop' } })
      expect(author).toMatchObject({ hasSnapshot: true })
      const [result] = await world.client.listTaskResults({ params: { ...here, task: task.id } })
      expect(result).toMatchObject({ name: 'snapshot', complete: true })

      await session.execute('create table later (id int primary key)')
      await session.execute('alter table kept add column more int')
      const against = await ended(
        await world.client.diffInstance({ params: instance(name), body: { snapshot: task.id } }),
      )
      expect(against.fault).toBeUndefined()
      expect(against.output).toMatchObject({ equal: false, missing: 0 })
      const text = (await world.client.getTaskResult({ params: { ...here, task: against.id, result: 'diff' } })).text
      expect(text).toContain('later')
      expect(text).toContain('kept.more')

      // Who may see one instance does not see another through a comparison.
      const one = `${name}_other`
      const member = await as('member', `${one}@example.org`)
      const [{ org, project }, principal] = [here, { type: 'USER' as const, identifier: `${one}@example.org` }]
      const query = { orgIdentifier: org, projectIdentifier: project }
      const resources = [{ resourceType: 'DATABASE_INSTANCE', identifiers: [`shop/${one}`] }]
      await world.client.createResourceGroup({
        query,
        body: { resourceGroup: { identifier: one, name: one, ...query, resourceFilter: { resources } } },
      })
      await world.client.createRole({
        query,
        body: { identifier: one, name: one, permissions: ['instance.view', 'instance.preview'] },
      })
      await world.client.createRoleAssignment({
        query,
        body: { roleIdentifier: one, resourceGroupIdentifier: one, principal },
      })
      await expect(member.diffInstance({ params: instance(one), body: { snapshot: task.id } })).rejects.toMatchObject({
        code: 'not-found',
      })
      await expect(member.diffInstance({ params: instance(one), body: { dbInstance: name } })).rejects.toMatchObject({
        code: 'forbidden',
      })

      const beside = await ended(
        await world.client.diffInstance({ params: instance(`${name}_other`), body: { dbInstance: name } }),
      )
      expect(beside.fault).toBeUndefined()
      const listed = beside.output['differences'] as { state: string; name: string }[]
      expect(listed.map(({ state, name: which }) => `${state} ${which}`)).toContain('missing later')
    })
  })
})
