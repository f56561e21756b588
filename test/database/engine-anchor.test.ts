// The anchor of an update that is interrupted and goes on, on every database; and that the manager and the engine mean the same by
// the digest of a plan, and of what is left of one.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { changeSetFqn } from '#contract/change-set'
import { toPayload } from '#engine/payload'
import { planUpdate } from '#engine/plan-update'
import { rollback } from '#engine/rollback'
import { update } from '#engine/update'
import { digestOf, digestOfRest } from '#manager/approval/digest'
import { changeSet, sql, table, yaml } from './changelog.ts'
import { engineOn, faultOf, historyRows, listen, openSuite, type Suite } from './engine.ts'
import { sayWhatIsMissing, targetNames } from './target.ts'

sayWhatIsMissing('anchors')
const broken = yaml(
  changeSet('1', table('a')),
  changeSet('2', table('b')),
  changeSet('3', sql('select * from nowhere')),
)
const files = yaml(changeSet('1', table('a')), changeSet('2', table('b')), changeSet('3', table('c')))

describe.each(targetNames)('anchors on %s', (kind) => {
  let suite: Suite
  beforeAll(async () => {
    suite = await openSuite(kind)
  })
  afterAll(async () => await suite.close())

  test('is told before the first change, stays where it is when the work goes on, and a rollback undoes all of it', async () => {
    const database = await suite.fresh()
    const told: string[] = []
    const heard = listen()
    const options = {
      preStartTag: 'before-1',
      onAnchor: (tag: string) => void told.push(`${tag} ${heard.events.length}`),
    }
    await faultOf(update(await engineOn(database, { files: broken }), options, heard), 'change-set-failed')
    expect(told).toEqual(['before-1 0'])
    const again = await update(await engineOn(database, { files }), options, listen())
    expect([again.preStartTag, again.ran]).toEqual(['before-1', 1])
    expect((await historyRows(database)).filter((row) => row['tag'] === 'before-1')).toHaveLength(1)
    const undone = listen()
    await rollback(await engineOn(database, { files }), { tag: 'before-1' }, {}, undone)
    expect(undone.events).toEqual(['started 3', 'done 3', 'started 2', 'done 2', 'started 1', 'done 1'])
  })

  test('is the tag that is there already, also when the work goes on', async () => {
    const database = await suite.fresh()
    const first = yaml(changeSet('1', table('a')))
    await update(await engineOn(database, { files: first }), { tag: 'release-1' }, listen())
    const told: string[] = []
    const onAnchor = (tag: string): void => void told.push(tag)
    const fails = update(await engineOn(database, { files: broken }), { preStartTag: 'before-2', onAnchor }, listen())
    await faultOf(fails, 'change-set-failed')
    // The manager was told `release-1`, and hands it to the attempt that goes on.
    const again = update(await engineOn(database, { files }), { preStartTag: told[0] ?? '', onAnchor }, listen())
    expect((await again).preStartTag).toBe('release-1')
    expect(told).toEqual(['release-1', 'release-1'])
    expect((await historyRows(database)).map((row) => row['tag'])).toEqual(['release-1', null, null])
  })

  test('manager and engine make the same digest, of a plan and of what is left of it', async () => {
    const database = await suite.fresh()
    const whole = toPayload(await planUpdate(await engineOn(database, { files })), '')
    expect(digestOf(whole.changeSets)).toBe(whole.digest)
    await faultOf(update(await engineOn(database, { files: broken }), {}, listen()), 'change-set-failed')
    const rest = await planUpdate(await engineOn(database, { files }))
    const done = new Set(whole.changeSets.slice(0, 2).map(changeSetFqn))
    expect(digestOfRest(whole, (planned) => done.has(changeSetFqn(planned)))).toBe(rest.digest)
    await update(await engineOn(database, { files }), { approvedDigest: rest.digest }, listen())
    const nothing = await planUpdate(await engineOn(database, { files }))
    expect(digestOfRest(whole, () => true)).toBe(nothing.digest)
  })

  test('a plan that is shown with something masked is asked for as a whole', () => {
    const shown = {
      fileName: 'a',
      id: '1',
      author: 'me',
      direction: 'apply',
      description: '',
      statements: ['***'],
    } as const
    const plan = { digest: 'of the real statements', changeSets: [{ ...shown, statements: ['***'] }], sql: '' }
    expect(digestOfRest(plan, () => true)).toBe('of the real statements')
  })
})
