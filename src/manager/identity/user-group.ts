// User groups: members are users of the account; a group that is linked to one of the identity provider follows its sign-ins.
import { sql } from 'kysely'
import type { z } from 'zod'
import type { userGroupInSchema, userGroupOutSchema } from '#contract/api/scoped-entity-schema'
import { identifiersOf, listQueryOf } from '#contract/platform'
import { refuseMoreByUse } from '../access/escalate.ts'
import { visible } from '#contract/grant'
import { createUnique, invalidField, recordEntity } from '../entity/change.ts'
import { among, columnsOf, readPage } from '../entity/list.ts'
import { readScoped, scopedColumns, type ScopedRow } from '../entity/scoped-entity.ts'
import { findPlace, type ScopedPlace, shownPlace } from '../entity/scoped-place.ts'
import type { ApiHandlers, Caller } from '../http/handler.ts'
import type { Executor, Store, StoreTransaction } from '../store/port.ts'
import { findUser } from './find-user.ts'

type In = z.output<typeof userGroupInSchema>
type Out = z.output<typeof userGroupOutSchema>
interface Member {
  readonly id: string
  readonly email: string
}
type Row = ScopedRow & { readonly members: unknown }
const kind = { kind: 'user-group', title: 'User group' } as const

const members = sql`(select coalesce(jsonb_agg(jsonb_build_object('id', u.id::text, 'email', u.email)
  order by u.email), '[]') from user_group_member m join user_account u on u.id = m.user_id
  where m.group_id = scoped_entity.id)`.as('members')

function show(account: string, place: ScopedPlace, row: Row): Out {
  const found = row.members as readonly Member[]
  const body = row.body as Pick<Out, 'notificationConfigs' | 'ssoGroupId' | 'ssoGroupName'>
  return {
    ...shownPlace(account, place),
    identifier: row.identifier,
    name: row.name,
    description: row.description,
    tags: row.tags as Record<string, string>,
    users: found.map(({ email }) => email),
    userEmails: found.map(({ email }) => email),
    ...body,
    ssoLinked: body.ssoGroupName !== undefined,
    externallyManaged: body.ssoGroupName !== undefined,
  }
}

const stored = ({ name, description, tags, notificationConfigs, ssoGroupId, ssoGroupName }: In) => {
  const group = ssoGroupName || ssoGroupId
  return {
    name,
    description: description ?? '',
    tags: JSON.stringify(tags ?? {}),
    body: JSON.stringify({
      notificationConfigs: notificationConfigs ?? [],
      ...(group ? { ssoGroupId: ssoGroupId || group, ssoGroupName: group } : {}),
    }),
  }
}

async function read(db: Executor, place: ScopedPlace, identifier: string): Promise<Row> {
  const { id } = await readScoped(db, kind, place, identifier)
  return db
    .selectFrom('scoped_entity')
    .where('id', '=', id)
    .select(scopedColumns)
    .select(members)
    .executeTakeFirstOrThrow()
}

async function setMembers(tx: StoreTransaction, group: string, body: In): Promise<void> {
  if ((body.ssoGroupName || body.ssoGroupId) && (body.users ?? []).length > 0)
    throw invalidField('users', 'The members of a linked group come from the identity provider; leave them out.')
  const ids = new Set<string>()
  for (const user of body.users ?? []) ids.add((await findUser(tx, user)).id)
  await tx.deleteFrom('user_group_member').where('group_id', '=', group).execute()
  if (ids.size === 0) return
  await tx
    .insertInto('user_group_member')
    .values([...ids].map((user_id) => ({ group_id: group, user_id })))
    .execute()
}

type Names = 'listUserGroups' | 'createUserGroup' | 'getUserGroup' | 'updateUserGroup' | 'deleteUserGroup'

export function userGroupHandlers(store: Store, account: string): ApiHandlers<Names> {
  const record = async (tx: StoreTransaction, caller: Caller, place: ScopedPlace, before?: Out, after?: Out) => {
    const projectId = place.projectId === null ? {} : { projectId: place.projectId }
    const change = { ...(before ? { before } : {}), ...(after ? { after } : {}) }
    await recordEntity(tx, caller, {
      kind: 'user-group',
      identifier: (after ?? before)?.identifier ?? '',
      ...projectId,
      ...change,
    })
  }
  return {
    listUserGroups: async ({ query, caller }) => {
      const place = await findPlace(store.db, query)
      const identifiers = identifiersOf(query)
      const seen = visible(caller.grants, 'group.view', place)
      const from = store.db
        .selectFrom('scoped_entity')
        .where('kind', '=', kind.kind)
        .where(sql<boolean>`organization_id is not distinct from ${place.organizationId}`)
        .where(sql<boolean>`project_id is not distinct from ${place.projectId}`)
        .$if(identifiers !== undefined, (rows) => rows.where('identifier', 'in', identifiers ?? []))
        .where(among(sql.ref('identifier'), seen))
      return readPage(
        from,
        listQueryOf(query),
        columnsOf('scoped_entity'),
        (rows) => rows.select(scopedColumns).select(members),
        (row) => show(account, place, row),
      )
    },

    createUserGroup: ({ query, body, caller }) =>
      store.transaction(async (tx) => {
        const place = await findPlace(tx, query, body)
        const { identifier } = body
        const { id } = await createUnique(kind.title, identifier, () =>
          tx
            .insertInto('scoped_entity')
            .values({
              kind: kind.kind,
              organization_id: place.organizationId,
              project_id: place.projectId,
              identifier,
              ...stored(body),
            })
            .returning('id')
            .executeTakeFirstOrThrow(),
        )
        await setMembers(tx, id, body)
        const after = show(account, place, await read(tx, place, identifier))
        await record(tx, caller, place, undefined, after)
        return after
      }),

    getUserGroup: async ({ params, query }) => {
      const place = await findPlace(store.db, query)
      return show(account, place, await read(store.db, place, params.identifier))
    },

    updateUserGroup: ({ query, body, caller }) =>
      store.transaction(async (tx) => {
        const place = await findPlace(tx, query, body)
        await readScoped(tx, kind, place, body.identifier, true)
        const row = await read(tx, place, body.identifier)
        const before = show(account, place, row)
        await tx
          .updateTable('scoped_entity')
          .set({ ...stored(body), updated_at: sql`now()` })
          .where('id', '=', row.id)
          .execute()
        const linked = body.ssoGroupName || body.ssoGroupId || undefined
        // A linked group keeps its members until they sign in again.
        if (linked === undefined || linked !== before.ssoGroupName) await setMembers(tx, row.id, body)
        const after = show(account, place, await read(tx, place, body.identifier))
        const joined = after.users.some((user) => !before.users.includes(user)) || linked !== before.ssoGroupName
        if (joined) await refuseMoreByUse(tx, caller, sql`assignment.group_id = ${row.id}`, 'The membership')
        await record(tx, caller, place, before, after)
        return after
      }),

    deleteUserGroup: ({ params, query, caller }) =>
      store.transaction(async (tx) => {
        const place = await findPlace(tx, query)
        const row = await read(tx, place, params.identifier)
        await tx.deleteFrom('scoped_entity').where('id', '=', row.id).execute()
        const before = show(account, place, row)
        await record(tx, caller, place, before)
        return before
      }),
  }
}

/** Makes a user a member of exactly those linked groups whose names the identity provider gave. */
export async function followGroups(tx: StoreTransaction, userId: string, names: readonly string[]): Promise<void> {
  await sql`
    with linked as (
      select id, body ->> 'ssoGroupName' = any(${names}::text[]) as member from scoped_entity
      where kind = 'user-group' and body ? 'ssoGroupName'
    ), gone as (
      delete from user_group_member where user_id = ${userId} and group_id in (select id from linked where not member)
    )
    insert into user_group_member (group_id, user_id) select id, ${userId} from linked where member
    on conflict do nothing`.execute(tx)
}
