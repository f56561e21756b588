// What every request carries through the server: its correlation id and what is known of the connection.
import type { IncomingMessage } from 'node:http'
import type { Hono } from 'hono'

export interface Environment {
  /** Absent when the app is called without a socket. */
  readonly Bindings: { readonly incoming?: IncomingMessage }
  Variables: {
    /** Stands in the error body, in the log line and in the header `x-correlation-id`. */
    correlationId: string
    /** Path template of the endpoint, for the log. */
    route: string
    /** Who called, for the log. */
    caller: string
  }
}
export type App = Hono<Environment>
