// Service accounts: principals without a password, in one scope, that act through tokens (`sat.`).
import { sql } from 'kysely'
import type { z } from 'zod'
import type {
  serviceAccountAggregateSchema,
  serviceAccountInSchema,
  serviceAccountOutSchema,
} from '#contract/api/scoped-entity-schema'
import { identifiersOf, listQueryOf, type PlatformListQuery } from '#contract/platform'
import { invalidField, shownTimes } from '../entity/change.ts'
import { columnsOf, readPage } from '../entity/list.ts'
import {
  createScoped,
  deleteScoped,
  readScoped,
  scopedColumns,
  type ScopedKind,
  type ScopedRow,
  updateScoped,
} from '../entity/scoped-entity.ts'
import { findPlace, type ScopedPlace, shownPlace } from '../entity/scoped-place.ts'
import type { ApiHandlers, Page } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'

type In = z.output<typeof serviceAccountInSchema>
type Out = z.output<typeof serviceAccountOutSchema>
type Aggregate = z.output<typeof serviceAccountAggregateSchema>

export function serviceAccountKind(account: string): ScopedKind<Out> {
  return {
    kind: 'service-account',
    title: 'Service account',
    view: 'service-account.view',
    show: (place, row) => ({
      ...shownPlace(account, place),
      identifier: row.identifier,
      name: row.name,
      description: row.description,
      tags: row.tags as Record<string, string>,
      email: (row.body as { email: string }).email,
      extendable: false,
    }),
  }
}

/** Clients make the address up from identifier and domain; nobody gets mail there. */
function emailOf(place: ScopedPlace, { identifier, email }: In): string {
  const given = email || `${identifier}@${[place.project, place.org, 'service'].filter(Boolean).join('.')}.sluice`
  if (!/^[^\s@]+@[^\s@]+$/.test(given)) throw invalidField('email', 'Is no e-mail address.')
  return given.toLowerCase()
}
const valuesOf = (place: ScopedPlace, body: In) => ({
  name: body.name,
  description: body.description,
  tags: body.tags,
  body: { email: emailOf(place, body) },
})

const tokens = sql<string>`(select count(*) from access_token t join access_key k on k.id = t.key_id
  where k.service_account_id = scoped_entity.id)`.as('tokens')

type Names =
  | 'listServiceAccounts'
  | 'listServiceAccountAggregates'
  | 'getServiceAccount'
  | 'createServiceAccount'
  | 'updateServiceAccount'
  | 'deleteServiceAccount'

export function serviceAccountHandlers(store: Store, account: string): ApiHandlers<Names> {
  const kind = serviceAccountKind(account)
  const aggregate = (place: ScopedPlace, row: ScopedRow & { readonly tokens: string }): Aggregate => ({
    serviceAccount: kind.show(place, row),
    ...shownTimes(row),
    tokensCount: Number(row.tokens),
  })
  const within = (db: Executor, place: ScopedPlace) =>
    db
      .selectFrom('scoped_entity')
      .where('kind', '=', 'service-account')
      .where(sql<boolean>`organization_id is not distinct from ${place.organizationId}`)
      .where(sql<boolean>`project_id is not distinct from ${place.projectId}`)
  const list = async (
    query: PlatformListQuery,
    limits: ReturnType<typeof listQueryOf> = listQueryOf(query),
  ): Promise<Page<Aggregate>> => {
    const place = await findPlace(store.db, query)
    const identifiers = identifiersOf(query)
    const from = within(store.db, place).$if(identifiers !== undefined, (rows) =>
      rows.where('identifier', 'in', identifiers ?? []),
    )
    return readPage(
      from,
      limits,
      columnsOf('scoped_entity'),
      (rows) => rows.select(scopedColumns).select(tokens),
      (row) => aggregate(place, row),
    )
  }
  return {
    listServiceAccounts: async ({ query }) =>
      (await list(query, { ...listQueryOf(query), page: 0, limit: 1000 })).rows.map((row) => row.serviceAccount),
    listServiceAccountAggregates: ({ query }) => list(query),
    getServiceAccount: async ({ params, query }) => {
      const place = await findPlace(store.db, query)
      const { id } = await readScoped(store.db, kind, place, params.identifier)
      const row = await within(store.db, place)
        .where('id', '=', id)
        .select(scopedColumns)
        .select(tokens)
        .executeTakeFirstOrThrow()
      return aggregate(place, row)
    },
    createServiceAccount: ({ query, body, caller }) =>
      store.transaction(async (tx) => {
        const place = await findPlace(tx, query, body)
        const row = await createScoped(tx, kind, place, body.identifier, valuesOf(place, body), caller)
        return kind.show(place, row)
      }),
    updateServiceAccount: ({ params, query, body, caller }) =>
      store.transaction(async (tx) => {
        const place = await findPlace(tx, query, body)
        const identifier = params.identifier ?? body.identifier
        const row = await updateScoped(tx, kind, place, identifier, () => valuesOf(place, body), caller)
        return kind.show(place, row)
      }),
    deleteServiceAccount: ({ params, query, caller }) =>
      store.transaction(async (tx) => {
        await deleteScoped(tx, kind, await findPlace(tx, query), params.identifier, caller)
        return true as const
      }),
  }
}
