// What the kinds of entities have in common: pages, scopes, bodies, and what an export leaves out.
import type { ApiClient } from '../setup/session.ts'
import type { EntityDocument } from './document.ts'

export interface Place {
  readonly org?: string | undefined
  readonly project?: string | undefined
}
export type Spec = Readonly<Record<string, unknown>>
export interface Found {
  readonly identifier: string
  readonly schema?: string
  readonly pipeline?: string
  readonly spec: Spec
}
export interface Kind {
  readonly kind: string
  /** Scopes in which it lives. */
  readonly levels: readonly ('account' | 'organization' | 'project')[]
  /** Why a document alone cannot bring it about, as a sentence; undefined when it can. `present`: what is there now. */
  readonly byHand?: (document: EntityDocument, present: EntityDocument | undefined) => string | undefined
  /** Refers to others of its kind, and is made after them. */
  readonly isLater?: (document: EntityDocument) => boolean
  list(client: ApiClient, place: Place): Promise<readonly Found[]>
  create(client: ApiClient, document: EntityDocument): Promise<unknown>
  update(client: ApiClient, document: EntityDocument): Promise<unknown>
}

export const pageRows = 100
/** All rows of a list, page after page. */
export async function all<Row>(
  page: (query: { page: number; limit: number; sort: 'identifier'; order: 'ASC' }) => Promise<{ rows: readonly Row[] }>,
): Promise<Row[]> {
  const found: Row[] = []
  for (let number = 0; ; number += 1) {
    const { rows } = await page({ page: number, limit: pageRows, sort: 'identifier', order: 'ASC' })
    found.push(...rows)
    if (rows.length < pageRows) return found
  }
}
export type PlatformPage = { pageIndex: number; pageSize: number; sortOrders: string }
export const allOfPlatform = <Row>(page: (query: PlatformPage) => Promise<{ rows: readonly Row[] }>): Promise<Row[]> =>
  all(({ page: pageIndex, limit: pageSize }) => page({ pageIndex, pageSize, sortOrders: 'identifier,ASC' }))

export const without = (entity: object, ...keys: readonly string[]): Spec =>
  Object.fromEntries(Object.entries(entity).filter(([key]) => !keys.includes(key)))
/** A field that has its default says nothing. */
export function withoutDefault(spec: Spec, defaults: Spec): Spec {
  const kept = Object.entries(spec).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(defaults[key]))
  return Object.fromEntries(kept)
}

export const projectOf = ({ organization = '', project = '' }: EntityDocument) => ({ org: organization, project })
export const queryOf = ({ org, project }: Place) => ({
  ...(org === undefined ? {} : { orgIdentifier: org }),
  ...(project === undefined ? {} : { projectIdentifier: project }),
})
export const scopeOf = ({ organization, project }: EntityDocument) => queryOf({ org: organization, project })
/** The body of an entity as the API takes it. What it may say is checked there. */
export const bodyOf = (document: EntityDocument, more: object = {}) =>
  ({ identifier: document.identifier, ...document.spec, ...more }) as never

export const color = { color: '#0063F7' }
export const shownKeys = [
  'identifier',
  'accountId',
  'accountIdentifier',
  'orgIdentifier',
  'projectIdentifier',
  'deleted',
]

export const rawOf = ({ spec }: EntityDocument) =>
  new TextEncoder().encode(typeof spec['yaml'] === 'string' ? spec['yaml'] : '')

export const everywhere = ['account', 'organization', 'project'] as const
