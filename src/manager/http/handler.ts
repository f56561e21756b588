// What a handler of an endpoint gets and gives. Rooms export objects of handlers; main.ts puts them together.
import type { Api } from '#contract/api/index'
import type { protocol } from '#contract/delegate/protocol'
import type { BodyOf, ParamsOf, QueryOf, ReplyOf } from '#contract/endpoint'
import type { Actor } from '#contract/event/live'
import type { Permission, Role } from '#contract/permission'
import type { Grant } from '#contract/grant'

/** Who calls. Established once for each request from cookie, API key, delegate access token or attempt token. */
export interface Caller {
  readonly actor: Actor
  /** Whoever it is acts with these rights; `access/grant.ts` says what they allow where. */
  readonly grants: readonly Grant[]
  /** All permissions somewhere. For what is shown, never for what is allowed. */
  readonly permissions: ReadonlySet<Permission>
  /** Who started what, and who owns it: a user or a service account. Absent for delegates and steps. */
  readonly principal:
    | { readonly kind: 'user' | 'service-account'; readonly id: string; readonly email: string; readonly name: string }
    | undefined
  readonly user: { readonly id: string; readonly email: string; readonly name: string; readonly role: Role } | undefined
  /** Under an API key or token that ends: when. */
  readonly keyEndsAt?: Date | undefined
  /** Set under a session cookie. */
  readonly session: { readonly tokenHash: string; readonly csrfToken: string } | undefined
  readonly delegate: { readonly id: string; readonly name: string } | undefined
  readonly attempt: { readonly id: string } | undefined
  readonly sourceAddress: string
}

export interface Call<E> {
  readonly params: ParamsOf<E>
  readonly query: QueryOf<E>
  readonly body: BodyOf<E>
  readonly caller: Caller
  /** The request as it came, for raw bodies and headers. */
  readonly request: Request
  /** Aborted when the client goes away or the process stops. */
  readonly signal: AbortSignal
  readonly setHeader: (name: string, value: string) => void
}

/** Rows of one page and the number of all. */
export interface Page<Row> {
  readonly rows: readonly Row[]
  readonly total: number
  /** migrationstate pages inside an object: then this is the body instead of the bare rows. */
  readonly body?: unknown
}
/** One server-sent event. */
export interface ServerSentEvent<Data> {
  readonly id?: string
  readonly event?: string
  readonly data: Data
}

type Element<T> = T extends readonly (infer Item)[] ? Item : T
export type Handler<E> = (
  call: Call<E>,
) => E extends { readonly stream: true }
  ? AsyncIterable<ServerSentEvent<ReplyOf<E> | null>>
  : Promise<E extends { readonly paged: true } ? Page<Element<ReplyOf<E>>> : ReplyOf<E>>

/** Handlers by endpoint name, for some of the names. */
export type ApiHandlers<Names extends keyof Api = keyof Api> = { readonly [Name in Names]: Handler<Api[Name]> }
export type Protocol = typeof protocol
export type ProtocolHandlers = { readonly [Name in keyof Protocol]: Handler<Protocol[Name]> }
