// The audit trail: what is in it, that it is one chain however many replicas write, and that verifying finds every change.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '#cli/main'
import { type AuditEntry, type AuditLink, hashText, publicKeyOf, signingKeys } from '#manager/audit/entry'
import { recordEvent } from '#manager/audit/record'
import { sealAudit } from '#manager/audit/seal'
import { verifyAudit } from '#manager/audit/verify'
import type { Store } from '#manager/store/port'
import { newPlace, openPlace, sayWhatIsMissing, storeKinds } from '../store/store.ts'
import { runStep } from './step-run.ts'
import { addProject, openWorld, type World } from './world.ts'

const entryOf = (link: AuditLink): AuditEntry => JSON.parse(link.entry) as AuditEntry
type Body = Readonly<Record<string, unknown>>

describe('the trail of a manager', () => {
  let world: World
  let links: AuditLink[] = []
  let publicKeys: string[] = []
  const folder = mkdtempSync(join(tmpdir(), 'sluice-audit-'))
  beforeAll(async () => {
    world = await openWorld()
    const admin = world.as('admin')
    await addProject(world)
    const params = { org: 'default', project: 'shop' }
    const secret = { type: 'SecretText' as const, identifier: 'db', name: 'DB', spec: { value: 'hunter2-hunter2' } }
    await admin.createSecret({ params, body: { secret } })
    const changelog = { connector: 'git', location: 'c.yaml' }
    await admin.createDbSchema({ params, body: { identifier: 's', name: 'S', changelog } })
    await admin.createDbInstance({
      params: { ...params, dbschema: 's' },
      body: { identifier: 'dev', connector: 'c', branch: 'main' },
    })
    await admin.updateDbSchema({ params: { ...params, dbschema: 's' }, body: { name: 'S 2' } })
    const project = await world.store.db.selectFrom('project').select('id').executeTakeFirstOrThrow()
    const target = { projectId: project.id, dbSchema: 's', dbInstance: 'dev' }
    const apply = await runStep(world, target, 1, 'DBSchemaApply')
    await apply.started('one')
    await apply.finished('one')
    await apply.end({ outcome: 'success' })
    const exported = await admin.exportAudit()
    links = exported.entries
    publicKeys = exported.publicKeys
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true })
    await world.close()
  })

  test('holds every change with who, from where, before and after, and no secret', async () => {
    const entries = links.map(entryOf)
    const update = entries.find(({ body }) => (body as Body)['type'] === 'entity.updated')
    expect(update).toMatchObject({
      actor: { type: 'user', name: 'admin@example.com' },
      sourceAddress: 'unknown',
      organization: 'default',
      project: 'shop',
      body: { kind: 'db-schema', identifier: 's', before: { name: 'S' }, after: { name: 'S 2' } },
    })
    expect(entries.some(({ body }) => (body as Body)['type'] === 'session.started')).toBe(true)
    expect(JSON.stringify(links)).not.toContain('hunter2')
    const types = new Set(entries.map(({ body }) => (body as Body)['type']))
    expect(types).not.toContain('attempt.state')
    expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_, index) => String(index + 1)))
  })

  test('can be searched as the clients of the platform services do', async () => {
    const admin = world.as('admin')
    const shop = { orgIdentifier: 'default', projectIdentifier: 'shop' }
    const found = await admin.listAudits({
      query: { ...shop, pageSize: 5 },
      body: { actions: ['UPDATE'], resources: [{ type: 'db-schema', identifier: 's' }] },
    })
    expect(found).toMatchObject({
      total: 1,
      rows: [
        {
          action: 'UPDATE',
          resource: { type: 'db-schema', identifier: 's' },
          resourceScope: shop,
          authenticationInfo: { principal: { type: 'USER', identifier: 'admin@example.com' } },
        },
      ],
    })
    const none = await admin.listAudits({ query: shop, body: { principals: [{ identifier: 'nobody' }] } })
    expect(none.total).toBe(0)
  })

  const anchor = () => ({ sequence: links.at(-1)?.sequence ?? '', hash: links.at(-1)?.hash ?? '' })
  const problemsOf = async (changed: readonly AuditLink[], expectLast = false) =>
    (await verifyAudit(changed, { publicKeys, ...(expectLast ? { expect: anchor() } : {}) })).problems

  test('verifies as it is, also continued from an entry', async () => {
    expect(await problemsOf(links, true)).toEqual([])
    const { sequence, hash } = links[2] as AuditLink
    expect((await verifyAudit(links.slice(3), { publicKeys, after: { sequence, hash } })).problems).toEqual([])
  })

  test('any change, removal, addition and reordering is found, wherever it is', async () => {
    for (let place = 0; place < links.length; place += 1) {
      const link = links[place] as AuditLink
      const edited = { ...link, entry: link.entry.replace('"at":"2', '"at":"1') }
      expect(await problemsOf(links.with(place, edited)), `edited ${place}`).not.toEqual([])
      const rehashed = { ...edited, hash: hashText(edited.entry) }
      expect(await problemsOf(links.with(place, rehashed)), `edited and hashed anew ${place}`).not.toEqual([])
      expect(await problemsOf(links.toSpliced(place, 1), true), `removed ${place}`).not.toEqual([])
      expect(await problemsOf(links.toSpliced(place, 0, link)), `doubled ${place}`).not.toEqual([])
      if (place > 0) {
        const other = links[place - 1] as AuditLink
        const swapped = links.with(place, other).with(place - 1, link)
        expect(await problemsOf(swapped), `swapped ${place}`).not.toEqual([])
      }
    }
    expect(await problemsOf(links.slice(0, -1), true)).not.toEqual([])
  })

  test('what was signed before the root key was replaced stays valid', async () => {
    const { current } = world.rootKeys
    const after = signingKeys({ current: new Uint8Array(32), older: [current] })
    const known = [after.current, ...after.older].map(publicKeyOf)
    expect((await verifyAudit(links, { publicKeys: known })).problems).toEqual([])
    expect((await verifyAudit(links, { publicKeys: known.slice(0, 1) })).problems).not.toEqual([])
  })

  test('a whole chain made anew fails without the key of the installation', async () => {
    let previous = ''
    const forged = links.map((link) => {
      const entry = JSON.stringify({ ...entryOf(link), previous, sourceAddress: 'forged' })
      previous = hashText(entry)
      return { ...link, entry, hash: previous }
    })
    expect(await problemsOf(forged)).toEqual([expect.stringContaining('signature')])
    const unsigned = forged.map((link) => ({ ...link, signature: null }))
    expect(await problemsOf(unsigned)).toEqual([expect.stringContaining('signature')])
    expect(publicKeys).toEqual([publicKeyOf(signingKeys(world.rootKeys).current)])
  })

  test('`sluice audit verify` says the same of a file', async () => {
    const lines: string[] = []
    const terminal = {
      out: (line: string) => void lines.push(line),
      err: (line: string) => void lines.push(line),
      live: undefined,
      color: false,
      environment: {},
      folder: '.',
      signal: new AbortController().signal,
      clock: () => 0,
    }
    const file = join(folder, 'audit.jsonl')
    const header = { sluiceAudit: 1, account: 'a', publicKeys }
    writeFileSync(file, [header, ...links].map((line) => `${JSON.stringify(line)}\n`).join(''))
    expect(await run(['audit', 'verify', file], terminal)).toBe(0)
    const { sequence, hash } = anchor()
    expect(lines.join('\n')).toContain(`--expect ${sequence}:${hash}`)
    writeFileSync(file, readFileSync(file, 'utf8').replace('S 2', 'S 3'))
    expect(await run(['audit', 'verify', file], terminal)).toBe(5)
    expect(lines.join('\n')).toMatch(/its text is not what was hashed/)
    expect(await run(['audit', 'verify', file, '--expect', 'x'], terminal)).toBe(2)
  })
})

sayWhatIsMissing('audit chain with several replicas')
describe.each(storeKinds)('on %s', (kind) => {
  test('several replicas write and seal at once: one chain, every event once', async () => {
    const place = await newPlace(kind)
    const key = signingKeys({ current: new Uint8Array(32), older: [] }).current
    // The embedded store has one process; a real one has several.
    const stores: Store[] = [await openPlace(place)]
    if (kind === 'postgresql') stores.push(await openPlace(place), await openPlace(place))
    const actor = { type: 'user' as const, name: 'a' }
    const count = 40
    await Promise.all(
      stores.map(async (store, replica) => {
        for (let number = 0; number < count; number += 1) {
          await store.transaction((tx) =>
            recordEvent(tx, { actor, body: { type: 'session.started', email: `${replica}-${number}@example.com` } }),
          )
          if (number % 5 === 0) await sealAudit(store, key)
        }
      }),
    )
    const [store] = stores as [Store]
    await sealAudit(store, key)
    const links = await store.db
      .selectFrom('audit_entry')
      .select(['sequence', 'entry', 'hash', 'signature'])
      .orderBy('sequence')
      .execute()
    const mails = links.map((link) => (entryOf(link).body as Body)['email'])
    expect(new Set(mails).size).toBe(count * stores.length)
    expect(mails).toHaveLength(count * stores.length)
    expect((await verifyAudit(links, { publicKeys: [publicKeyOf(key)] })).problems).toEqual([])
    for (const one of stores) await one.close()
    await place.remove()
  })
})
