// What an endpoint is: plain data, from which the server mounts it, OpenAPI describes it and the typed client calls it.
import type { z } from 'zod'
import type { Permission } from './permission.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/**
 * One endpoint. `path` has `{name}` parameters and starts with `/v1`, `/d/v1` or a service of the compatible API (`/ci`, `/ng/api`). `access`:
 * a permission (checked in the scope that the path names), `signed-in` (any user), `public`, `delegate` (access token of a
 * delegate) or `attempt` (token of that one attempt).
 */
export interface Endpoint<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Reply extends z.ZodType = z.ZodType,
> {
  readonly name: string
  readonly method: Method
  readonly path: string
  readonly tag: string
  readonly summary: string
  readonly access: Permission | 'signed-in' | 'public' | 'delegate' | 'attempt'
  readonly params: Params
  readonly query: Query
  /** JSON body. Absent: no body. */
  readonly body?: Body
  /** A body that is not JSON: raw bytes with this limit. The handler reads it itself. */
  readonly rawBody?: { readonly contentType: string; readonly maxBytes: number }
  /** Limit of a JSON body in bytes; 1 MiB unless told. */
  readonly maxBytes?: number
  /** 302 leads a browser elsewhere: the handler sets the header location. */
  readonly status: 200 | 201 | 204 | 302
  readonly reply: Reply
  /** The answer is a paged bare array with `X-Total-Elements`, `X-Page-Number`, `X-Page-Size`. */
  readonly paged?: true
  /** The list leaves out what the caller may not see; a right for some of the resources is enough to ask for it. */
  readonly filtered?: true
  /** The answer holds a secret that is shown once: it is never kept, not even to answer the same call again. */
  readonly secretReply?: true
  /**
   * The answer stands in the envelope of the platform services, or in the one of their older resources; a page in their form. The
   * scope is in the query (platform.ts).
   */
  readonly envelope?: 'platform' | 'resource'
  /**
   * Where the body names the scope (`orgIdentifier`, `projectIdentifier`) and the `identifier` of what is changed, when path and
   * query do not: the name of the object in the body, or '' for the body itself.
   */
  readonly scopeInBody?: string
  /** The parameter of the query that names the resource which the permission is about, where the path names something else. */
  readonly identifierInQuery?: string
  /** The answer is a stream of server-sent events instead of JSON; `reply` is the shape of one event's data. */
  readonly stream?: true
}

/** Keeps the precise types of an endpoint: its schemas, and whether it is paged or a stream. */
export function endpoint<const E extends Endpoint>(definition: E): E {
  return definition
}

export type ParamsOf<E> = E extends { readonly params: infer P extends z.ZodType } ? z.output<P> : never
export type QueryOf<E> = E extends { readonly query: infer Q extends z.ZodType } ? z.output<Q> : never
export type BodyOf<E> = E extends { readonly body: infer B extends z.ZodType } ? z.output<B> : undefined
export type ReplyOf<E> = E extends { readonly reply: infer R extends z.ZodType } ? z.output<R> : never
/** What a client sends: the schemas' input side, where defaults may be left out. */
export type QueryInputOf<E> = E extends { readonly query: infer Q extends z.ZodType } ? z.input<Q> : never
export type BodyInputOf<E> = E extends { readonly body: infer B extends z.ZodType } ? z.input<B> : undefined
