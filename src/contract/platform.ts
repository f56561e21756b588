// What the platform services of the compatible product (`/ng/api/…` and beside it) have in common: the scope in the query, pages,
// and the envelope around every answer (wire contract 2.4 and 2.5).
import { z } from 'zod'
import type { ListQuery } from './paging.ts'

/** Empty counts as absent: clients send the keys of the scope always. */
const scopeKey = z.string().max(128).optional()
export const platformScope = {
  accountIdentifier: z.string().max(256).optional(),
  routingId: z.string().max(256).optional(),
  orgIdentifier: scopeKey,
  projectIdentifier: scopeKey,
}
export const platformQuerySchema = z.object(platformScope)
const number = (most: number) => z.coerce.number().int().min(0).max(most)
export const platformListQuerySchema = z.object({
  ...platformScope,
  pageIndex: number(1_000_000).optional().describe('Zero-based page; 0 unless told.'),
  pageSize: number(1000).min(1).optional().describe('Rows a page, at most 1000; 50 unless told.'),
  page: number(1_000_000).optional().describe('The same as pageIndex.'),
  size: number(1000).min(1).optional().describe('The same as pageSize.'),
  searchTerm: z.string().max(256).optional().describe('Part of identifier or name, any case.'),
  sortOrders: z.string().max(256).optional().describe('`name,ASC`, `createdAt,DESC`, `lastModifiedAt,DESC`.'),
  identifiers: z.string().max(16_384).optional().describe('Only these; may be repeated.'),
})
export type PlatformListQuery = z.output<typeof platformListQuerySchema>

const sortNames: Readonly<Record<string, ListQuery['sort']>> = {
  name: 'name',
  identifier: 'identifier',
  createdAt: 'created',
  lastModifiedAt: 'updated',
  lastUpdatedAt: 'updated',
  startTs: 'created',
}

/** Page, search and order in the words of our own lists. An order that is not known counts as not given. */
export function listQueryOf(
  query: PlatformListQuery & { readonly sort?: string | undefined },
): Pick<ListQuery, 'page' | 'limit' | 'search_term' | 'sort' | 'order'> {
  const [field = '', order = ''] = (query.sortOrders ?? query.sort ?? '').split(',')
  return {
    page: query.pageIndex ?? query.page ?? 0,
    limit: query.pageSize ?? query.size ?? 50,
    search_term: query.searchTerm,
    sort: sortNames[field] ?? 'created',
    order: order === 'ASC' ? 'ASC' : 'DESC',
  }
}

/** `identifiers`, undefined when it is not given. A client repeats the parameter; that arrives as one text with commas. */
export function identifiersOf(query: Pick<PlatformListQuery, 'identifiers'>): string[] | undefined {
  const given = (query.identifiers ?? '').split(',').filter((identifier) => identifier !== '')
  return given.length > 0 ? given : undefined
}

/** The answer of a platform service around its data. */
export const platformEnvelope = (data: unknown, correlationId: string) => ({
  status: 'SUCCESS' as const,
  data,
  metaData: null,
  correlationId,
})

/** The answer of the older ones, which has no word for its outcome but the status of HTTP. */
export const resourceEnvelope = (resource: unknown) => ({ metaData: {}, resource, responseMessages: [] })

/** One page as the platform services write it. Some clients read `totalItems`, others `totalElements`. */
export const platformPage = (content: readonly unknown[], total: number, page: number, limit: number) => ({
  totalPages: Math.ceil(total / limit),
  totalItems: total,
  totalElements: total,
  pageItemCount: content.length,
  pageSize: limit,
  content,
  pageIndex: page,
  empty: content.length === 0,
})

/** Paths whose clients expect the bodies of the platform services. */
export const isPlatformPath = (path: string): boolean =>
  /^\/(?:ng|authz|resourcegroup|audit|pipeline|template|pm|log-service)\//.test(path)

/** Codes of errors as the platform services name them; a client removes what is not found from its state only by this code. */
export const platformCodes: Readonly<Record<string, string>> = {
  'not-found': 'RESOURCE_NOT_FOUND_EXCEPTION',
  'already-exists': 'DUPLICATE_FIELD',
  'invalid-input': 'INVALID_REQUEST',
  unauthenticated: 'INVALID_TOKEN',
  forbidden: 'NG_ACCESS_DENIED',
}
