// The real step as a real process, started by the real delegate, on SQLite and embedded PostgreSQL, against the protocol.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createWorld, type StepWorld, tables } from './step-world.ts'
import type { TestAttempt } from './protocol-manager.ts'

/** Each test starts real processes, on a machine that may be busy. */
const slow = { timeout: 60_000 }
let world: StepWorld
beforeEach(async () => {
  world = await createWorld()
})
afterEach(() => world.close())

const applied = ({ events }: TestAttempt): string[] =>
  events.flatMap(({ body }) => (body.type === 'change-set.finished' ? [`${body.id} ${body.status}`] : []))
const fqn = (name: string): string => `changelog.sql::${name}::shop`
const stateOf = (attempt: TestAttempt): string[] => {
  const last = attempt.payloads.findLast((payload) => payload.kind === 'change-sets')
  return last?.kind === 'change-sets' ? last.changeSets.map(({ id, status }) => `${id} ${status}`) : []
}

describe.each([
  ['SQLite', 'jdbc:sqlite', 'target.db'],
  ['embedded PostgreSQL', 'jdbc:pglite', 'target'],
])('a step on %s', slow, (_, scheme, name) => {
  test('previews, applies, and rolls back to where it started', async () => {
    world.commit({ 'changelog.sql': tables('alpha', 'beta', 'gamma') })
    await world.startDelegate()
    const connection = { url: `${scheme}:${join(world.folder, name)}` }

    const preview = await world.run(world.spec('preview', { type: 'DBSchemaUpdateSQL', connection }))
    expect(preview.finish).toMatchObject({
      outcome: 'success',
      output: { changeSets: ['alpha', 'beta', 'gamma'].map(fqn) },
    })
    const plan = preview.payloads.find((payload) => payload.kind === 'plan')?.plan
    expect(plan?.sql).toContain('create table beta')
    expect(preview.finish?.output['sqlCommands']).toHaveLength(3)

    const apply = await world.run(
      world.spec('apply', {
        type: 'DBSchemaApply',
        connection,
        preStartTag: 'start',
        approvedDigest: plan?.digest ?? '',
        tag: 'v1',
      }),
    )
    expect(apply.finish).toMatchObject({
      outcome: 'success',
      output: { preStartTag: 'start', changeSets: ['alpha', 'beta', 'gamma'].map(fqn) },
    })
    expect(apply.events.map(({ seq, body }) => `${seq} ${body.type} ${body.id}`)).toEqual([
      '1 change-set.started alpha',
      '2 change-set.finished alpha',
      '3 change-set.started beta',
      '4 change-set.finished beta',
      '5 change-set.started gamma',
      '6 change-set.finished gamma',
    ])
    expect(stateOf(apply)).toEqual(['alpha', 'beta', 'gamma'].map((id) => `${id} Successfully_Deployed`))

    const back = await world.run(world.spec('back', { type: 'DBSchemaRollback', connection, tag: 'start' }))
    expect(back.finish).toMatchObject({
      outcome: 'success',
      output: { changeSets: ['gamma', 'beta', 'alpha'].map(fqn) },
    })
    expect(applied(back)).toEqual(['gamma', 'beta', 'alpha'].map((id) => `${id} Rolled_Back`))
    expect(stateOf(back)).toEqual(['alpha', 'beta', 'gamma'].map((id) => `${id} Not_Deployed`))
    await expect.poll(() => readdirSync(join(world.directory, 'attempts'))).toEqual([])
  })

  test('a change set that fails: what came before stays, what comes after is not begun', async () => {
    world.commit({
      'changelog.sql': `${tables('alpha')}\n--changeset shop:broken\ncreate tabel nonsense;\n\n--changeset shop:never\ncreate table never (id int);\n`,
    })
    await world.startDelegate()
    const connection = { url: `${scheme}:${join(world.folder, name)}` }
    const apply = await world.run(world.spec('apply', { type: 'DBSchemaApply', connection }))
    expect(apply.finish).toMatchObject({ outcome: 'failure', fault: { code: 'change-set-failed' } })
    expect(applied(apply)).toEqual(['alpha Successfully_Deployed', 'broken Deployment_Failed'])
    expect(stateOf(apply)).toEqual(['alpha Successfully_Deployed', 'broken Not_Deployed', 'never Not_Deployed'])
    expect(apply.log.toString()).toContain('What to do: ')
  })
})

describe('a step', slow, () => {
  test('refuses a plan that differs from the approved one, before anything ran', async () => {
    world.commit({ 'changelog.sql': tables('alpha') })
    await world.startDelegate()
    const attempt = await world.run(world.spec('a1', { type: 'DBSchemaApply', approvedDigest: 'f'.repeat(64) }))
    expect(attempt.finish).toMatchObject({ outcome: 'failure', fault: { code: 'plan-changed' } })
    expect(attempt.events).toEqual([])
    expect(stateOf(attempt)).toEqual(['alpha Not_Deployed'])
  })

  test('names the branch, the file and the line that are wrong', async () => {
    world.commit({ 'changelog.sql': '--liquibase formatted sql\n\n--changeset nothing\nselect 1;\n' })
    await world.startDelegate()
    const url = join(world.folder, 'shop.git')
    const path = 'changelog.sql'
    const branch = await world.run(
      world.spec('a1', { type: 'DBSchemaApply', source: { type: 'git', url, path, reference: { branch: 'gone' } } }),
    )
    expect(branch.finish).toMatchObject({ outcome: 'failure', fault: { code: 'source-reference-not-found' } })
    expect(branch.finish?.fault?.message).toContain('branch gone')
    expect(branch.state).toBe('finished')
    const broken = await world.run(world.spec('a2', { type: 'DBSchemaApply' }))
    expect(broken.finish).toMatchObject({ outcome: 'failure', fault: { code: 'changelog-invalid' } })
    expect(broken.finish?.fault?.diagnostics?.[0]?.span).toMatchObject({ file: 'changelog.sql', line: 3 })
    expect(broken.log.toString()).toContain('changelog.sql:3:')
  })

  test('logs its first line at once, and its log is whole', async () => {
    world.commit({ 'changelog.sql': tables('alpha') })
    await world.startDelegate()
    const attempt = await world.run(world.spec('a1', { type: 'DBSchemaApply' }))
    const [first] = attempt.logRequests
    expect(attempt.log.subarray(0, first?.bytes).toString()).toMatch(
      /^\S+Z Step started: DBSchemaApply of shop on dev, attempt a1, process \d+\n$/,
    )
    expect(attempt.log.toString()).toMatch(
      / Applying changelog.sql::alpha::shop\n.* changelog.sql::alpha::shop: done after \d+ ms\n/,
    )
    expect(attempt.log.toString()).toMatch(/Step ended: success after [\d.]+ s\n$/)
    expect(attempt.finish?.logs['step']?.bytes).toBe(attempt.log.length)
    expect(attempt.results.get('sql')?.toString()).toContain('-- changelog.sql::alpha::shop\ncreate table alpha')
  })

  test('keeps secrets out of arguments, environment, log, events and plan', async () => {
    const secret = 'hunter22/very secret'
    world.commit({
      'changelog.sql': `--liquibase formatted sql\n\n--changeset shop:leak\ncreate table leak (a text default '${secret}');\n`,
    })
    await world.startDelegate()
    const connection = {
      url: `jdbc:sqlite:${join(world.folder, 'target.db')}`,
      username: 'shop',
      passwordRef: 'db_password',
    }
    const release = world.hold('start')
    const attempt = world.manager.enqueue(world.spec('a1', { type: 'DBSchemaApply', connection }), {
      db_password: secret,
    })
    await world.manager.until(() => world.manager.calls.includes('start'))
    if (process.platform === 'linux') {
      const seen = ['cmdline', 'environ']
        .map((file) => readFileSync(`/proc/${world.processOf('a1')}/${file}`, 'utf8'))
        .join()
      expect(seen).toContain('step')
      for (const hidden of [secret, 'hunter22', attempt.token]) expect(seen).not.toContain(hidden)
    }
    release()
    await world.manager.until(() => attempt.state === 'finished')
    expect(attempt.finish?.outcome).toBe('success')
    const { log, events, payloads, finish, results } = attempt
    const sql = results.get('sql')?.toString() ?? ''
    expect(sql).toContain('create table leak')
    const told = [log, sql, JSON.stringify({ events, payloads, finish })].join()
    expect(told).toContain('create table leak')
    for (const hidden of ['hunter22', attempt.token]) expect(told).not.toContain(hidden)
  })

  test('a secret that nobody knows is named', async () => {
    world.commit({ 'changelog.sql': tables('alpha') })
    await world.startDelegate()
    const connection = { url: `jdbc:sqlite:${join(world.folder, 'target.db')}`, passwordRef: 'account.missing' }
    const attempt = await world.run(world.spec('a1', { type: 'DBSchemaApply', connection }))
    expect(attempt.finish).toMatchObject({ outcome: 'failure', fault: { code: 'secret-unresolved' } })
    expect(attempt.log.toString()).toContain('account.missing')
  })
})

describe('when something goes wrong', slow, () => {
  beforeEach(() => world.commit({ 'changelog.sql': tables('alpha', 'beta', 'gamma') }))

  /** A delegate, and an apply that stands before its first change set. */
  async function standing(timeoutSeconds = 60): Promise<{ attempt: TestAttempt; release: () => void }> {
    await world.startDelegate()
    const release = world.hold('events')
    const attempt = world.manager.enqueue(world.spec('a1', { type: 'DBSchemaApply' }, timeoutSeconds))
    await world.manager.until(() => world.manager.calls.includes('events'))
    return { attempt, release }
  }

  test('a killed step is reported as unknown by the delegate, with its log to the last line', async () => {
    const { attempt, release } = await standing()
    process.kill(world.processOf('a1'), 'SIGKILL')
    await world.manager.until(() => attempt.state === 'finished')
    release()
    expect(attempt.finish).toMatchObject({ outcome: 'unknown', fault: { code: 'outcome-unknown' } })
    expect(attempt.log.toString()).toMatch(/The process of the step died: signal SIGKILL/)
    expect(attempt.finish?.logs['step']?.bytes).toBe(attempt.log.length)
    const again = await world.run(world.spec('a2', { type: 'DBSchemaApply' }))
    expect(again.finish).toMatchObject({
      outcome: 'success',
      output: { changeSets: ['alpha', 'beta', 'gamma'].map(fqn) },
    })
  })

  test('killed before its last report has arrived it has not succeeded: what it did has to be found out', async () => {
    await world.startDelegate()
    const attempt = world.manager.enqueue(world.spec('a1', { type: 'DBSchemaApply' }))
    let isHeld = false
    world.manager.intercept = (name) => {
      if (name !== 'payload' || applied(attempt).length < 3) return undefined
      isHeld = true
      return new Promise(() => {})
    }
    await world.manager.until(() => isHeld)
    // By now it may have left a result in its folder.
    await new Promise((resolve) => setTimeout(resolve, 100))
    process.kill(world.processOf('a1'), 'SIGKILL')
    await world.manager.until(() => attempt.state === 'finished')
    world.manager.intercept = undefined
    expect(attempt.finish).toMatchObject({ outcome: 'unknown', fault: { code: 'outcome-unknown' } })
    const lost = { type: 'Reconcile', lostAttempt: 'a1', lostWork: 'DBSchemaApply', preStartTag: 'before' } as const
    const reconcile = await world.run(world.spec('a2', lost))
    expect(reconcile.finish).toMatchObject({ outcome: 'success', reconcile: { verdict: 'complete' } })
    expect(stateOf(reconcile)).toEqual(['alpha', 'beta', 'gamma'].map((id) => `${id} Successfully_Deployed`))
  })

  test('after a kill, a reconcile says what is true', async () => {
    const { attempt, release } = await standing()
    process.kill(world.processOf('a1'), 'SIGKILL')
    await world.manager.until(() => attempt.state === 'finished')
    release()
    const lost = { type: 'Reconcile', lostAttempt: 'a1', lostWork: 'DBSchemaApply', preStartTag: 'before' } as const
    const reconcile = await world.run(world.spec('a2', lost))
    expect(reconcile.finish).toMatchObject({ outcome: 'success', reconcile: { verdict: 'resumable' } })
  })

  test('a cancel stops it within five seconds, and nothing stays locked', async () => {
    const { attempt, release } = await standing()
    const asked = Date.now()
    attempt.cancelByPoll = { graceSeconds: 30 }
    world.manager.enqueue(world.spec('wake', { type: 'DBSchemaUpdateSQL' }))
    await world.manager.until(() => world.manager.calls.includes('finish'))
    release()
    await world.manager.until(() => attempt.state === 'finished')
    expect(Date.now() - asked).toBeLessThan(5000)
    expect(attempt.finish).toMatchObject({ outcome: 'cancelled', fault: { code: 'cancelled' } })
    const again = await world.run(world.spec('a2', { type: 'DBSchemaApply' }))
    expect(again.finish?.outcome).toBe('success')
  })

  test('its own time-out ends it', async () => {
    const { attempt, release } = await standing(2)
    await expect.poll(() => attempt.log.toString(), { timeout: 10_000 }).toContain('time-out of 2 s')
    release()
    await world.manager.until(() => attempt.state === 'finished')
    expect(attempt.finish).toMatchObject({ outcome: 'failure', fault: { code: 'timed-out' } })
  })

  test('a manager that is away for some seconds misses nothing', async () => {
    const { attempt, release } = await standing()
    world.manager.away = true
    release()
    await new Promise((resolve) => setTimeout(resolve, 1500))
    world.manager.away = false
    await world.manager.until(() => attempt.state === 'finished')
    expect(attempt.finish?.outcome).toBe('success')
    expect(applied(attempt)).toEqual(['alpha', 'beta', 'gamma'].map((id) => `${id} Successfully_Deployed`))
    expect(attempt.log.toString()).toMatch(/The manager answers again after/)
  })

  test('a stale fence stops it before the next change set', async () => {
    const { attempt, release } = await standing()
    attempt.fence++
    release()
    await expect.poll(() => readdirSync(join(world.directory, 'attempts')), { timeout: 10_000 }).toEqual([])
    expect(attempt.events).toEqual([])
    attempt.state = 'finished'
    const again = await world.run(world.spec('a2', { type: 'DBSchemaUpdateSQL' }))
    expect(again.finish).toMatchObject({ output: { changeSets: ['alpha', 'beta', 'gamma'].map(fqn) } })
  })

  test('a manager that lost the end of the log gets it again', async () => {
    const { attempt, release } = await standing()
    await world.manager.until(() => attempt.log.length > 0)
    attempt.log = attempt.log.subarray(0, 10)
    release()
    await world.manager.until(() => attempt.state === 'finished')
    expect(attempt.log.toString()).toMatch(/^\S+Z Step started: [\s\S]* Step ended: success/)
  })

  test('a delegate that went away comes back to a step that went on', async () => {
    const { attempt, release } = await standing()
    expect(await world.delegates[0]?.drain(0)).toEqual(['a1'])
    const second = await world.startDelegate()
    expect(second.running).toEqual(['a1'])
    release()
    await world.manager.until(() => attempt.state === 'finished')
    expect(attempt.finish?.outcome).toBe('success')
    await expect.poll(() => second.running).toEqual([])
  })
})
