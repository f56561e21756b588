// Environments and services: what a stage deploys to and what a DB schema belongs to, for clients that manage them as entities.
import type { z } from 'zod'
import type {
  environmentInSchema,
  environmentOutSchema,
  serviceInSchema,
  serviceOutSchema,
} from '#contract/api/scoped-entity-schema'
import type { ApiHandlers } from '../http/handler.ts'
import type { Store } from '../store/port.ts'
import { shownTimes } from './change.ts'
import {
  createScoped,
  deleteScoped,
  listScoped,
  readScoped,
  type ScopedKind,
  type ScopedRow,
  updateScoped,
} from './scoped-entity.ts'
import { findPlace, type ScopedPlace } from './scoped-place.ts'

type EnvironmentIn = z.output<typeof environmentInSchema>
type EnvironmentOut = z.output<typeof environmentOutSchema>
type ServiceIn = z.output<typeof serviceInSchema>
type ServiceOut = z.output<typeof serviceOutSchema>

const common = (account: string, { org, project }: ScopedPlace, row: ScopedRow) => ({
  accountId: account,
  ...(org === undefined ? {} : { orgIdentifier: org }),
  ...(project === undefined ? {} : { projectIdentifier: project }),
  identifier: row.identifier,
  name: row.name,
  description: row.description,
  tags: row.tags as Record<string, string>,
  deleted: false as const,
})

function environmentKind(account: string): ScopedKind<EnvironmentOut> {
  return {
    kind: 'environment',
    title: 'Environment',
    view: 'environment.view',
    show: (place, row) => {
      const body = row.body as Pick<EnvironmentOut['environment'], 'type' | 'color' | 'yaml'>
      return { environment: { ...common(account, place, row), ...body }, ...shownTimes(row) }
    },
  }
}
const environmentValues = ({ name, description, tags, type, color, yaml }: EnvironmentIn) => ({
  name,
  description,
  tags,
  body: { type, color: color || '#0063F7', ...(yaml ? { yaml } : {}) },
})

function serviceKind(account: string): ScopedKind<ServiceOut> {
  return {
    kind: 'service',
    title: 'Service',
    view: 'service.view',
    show: (place, row) => {
      const body = row.body as Pick<ServiceOut['service'], 'yaml'>
      return { service: { ...common(account, place, row), ...body }, ...shownTimes(row) }
    },
  }
}
const serviceValues = ({ name, description, tags, yaml }: ServiceIn) => ({
  name,
  description,
  tags,
  body: yaml ? { yaml } : {},
})

type Names =
  | 'listEnvironments'
  | 'createEnvironment'
  | 'getEnvironment'
  | 'updateEnvironment'
  | 'deleteEnvironment'
  | 'listServices'
  | 'createService'
  | 'getService'
  | 'updateService'
  | 'deleteService'

export function environmentHandlers(store: Store, account: string): ApiHandlers<Names> {
  const environment = environmentKind(account)
  const service = serviceKind(account)
  return {
    listEnvironments: async ({ query, caller }) =>
      listScoped(store, environment, await findPlace(store.db, query), query, caller),
    createEnvironment: ({ query, body, caller }) =>
      store.transaction(async (tx) => {
        const place = await findPlace(tx, query, body)
        const values = environmentValues(body)
        return environment.show(place, await createScoped(tx, environment, place, body.identifier, values, caller))
      }),
    getEnvironment: async ({ params, query }) => {
      const place = await findPlace(store.db, query)
      return environment.show(place, await readScoped(store.db, environment, place, params.identifier))
    },
    updateEnvironment: ({ query, body, caller }) =>
      store.transaction(async (tx) => {
        const place = await findPlace(tx, query, body)
        const values = environmentValues(body)
        const row = await updateScoped(tx, environment, place, body.identifier, () => values, caller)
        return environment.show(place, row)
      }),
    deleteEnvironment: ({ params, query, caller }) =>
      store.transaction(async (tx) => {
        await deleteScoped(tx, environment, await findPlace(tx, query), params.identifier, caller)
        return true as const
      }),
    listServices: async ({ query, caller }) =>
      listScoped(store, service, await findPlace(store.db, query), query, caller),
    createService: ({ query, body, caller }) =>
      store.transaction(async (tx) => {
        const place = await findPlace(tx, query, body)
        const values = serviceValues(body)
        return service.show(place, await createScoped(tx, service, place, body.identifier, values, caller))
      }),
    getService: async ({ params, query }) => {
      const place = await findPlace(store.db, query)
      return service.show(place, await readScoped(store.db, service, place, params.identifier))
    },
    updateService: ({ query, body, caller }) =>
      store.transaction(async (tx) => {
        const place = await findPlace(tx, query, body)
        const values = serviceValues(body)
        return service.show(place, await updateScoped(tx, service, place, body.identifier, () => values, caller))
      }),
    deleteService: ({ params, query, caller }) =>
      store.transaction(async (tx) => {
        await deleteScoped(tx, service, await findPlace(tx, query), params.identifier, caller)
        return true as const
      }),
  }
}
