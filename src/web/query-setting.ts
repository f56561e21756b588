// What the pages read that keep order beside pipelines: freezes, notifications, service accounts, input sets.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { BrowserApi } from './api.ts'
import { allRows, calm, lively, readInputSets, type Scope } from './query.ts'

/** Of the account, an organization or a project. */
export interface Place {
  readonly orgIdentifier?: string
  readonly projectIdentifier?: string
}
const platformPage = ({ page, limit }: { page: number; limit: number }) => ({ pageIndex: page, pageSize: limit })

export const freezesQuery = (api: BrowserApi, place: Place) =>
  queryOptions({
    queryKey: ['freezes', place],
    refetchInterval: calm,
    queryFn: ({ signal }) =>
      allRows((query) =>
        api.listFreezes({ query: { ...place, ...platformPage(query), sortOrders: 'name,ASC' }, body: {} }, signal),
      ),
  })

export const notificationsQuery = (
  api: BrowserApi,
  scope: Scope,
  filter: { state: 'waiting' | 'delivered' | 'dead'; page: number; limit: number },
) =>
  queryOptions({
    queryKey: ['notifications', scope, filter],
    refetchInterval: lively,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.listNotifications({ params: scope, query: filter }, signal),
  })

export const serviceAccountsQuery = (api: BrowserApi, place: Place) =>
  queryOptions({
    queryKey: ['service-accounts', place],
    queryFn: ({ signal }) =>
      allRows((query) =>
        api.listServiceAccountAggregates(
          { query: { ...place, ...platformPage(query), sortOrders: 'name,ASC' } },
          signal,
        ),
      ),
  })

/** Of all keys of the account. */
export const serviceAccountTokensQuery = (
  api: BrowserApi,
  owner: Place & { readonly apiKeyType: 'SERVICE_ACCOUNT'; readonly parentIdentifier: string },
) =>
  queryOptions({
    queryKey: ['service-account-tokens', owner],
    queryFn: async ({ signal }) => {
      const keys = await allRows((query) => api.listAccessKeys({ query: { ...owner, ...platformPage(query) } }, signal))
      const tokens = await Promise.all(
        keys.map(({ apiKey: { identifier: apiKeyIdentifier } }) =>
          allRows((query) =>
            api.listAccessTokens({ query: { ...owner, apiKeyIdentifier, ...platformPage(query) } }, signal),
          ),
        ),
      )
      return tokens.flat()
    },
  })

export const inputSetsQuery = (api: BrowserApi, scope: Scope, pipeline: string) =>
  queryOptions({
    queryKey: ['input-sets', scope, pipeline],
    queryFn: ({ signal }) => readInputSets(api, scope, pipeline, signal),
  })

export const inputSetQuery = (api: BrowserApi, scope: Scope, pipeline: string, inputSet: string) =>
  queryOptions({
    queryKey: ['input-sets', scope, pipeline, inputSet],
    // An editor begins with what is stored now.
    gcTime: 0,
    queryFn: ({ signal }) => api.getInputSet({ params: { ...scope, inputSet }, query: { pipeline } }, signal),
  })
