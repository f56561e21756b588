// Reads JDBC-style database URLs, and says precisely what is wrong with one.
import { Fault } from '#contract/fault'

export type DatabaseUrl =
  | {
      readonly kind: 'postgresql'
      readonly host: string
      readonly port: number
      readonly database: string
      readonly parameters: ReadonlyMap<string, string>
    }
  | { readonly kind: 'pglite'; readonly folder: string; readonly parameters: ReadonlyMap<string, string> }
  | { readonly kind: 'sqlite'; readonly file: string; readonly parameters: ReadonlyMap<string, string> }

/** Fault `database-url-invalid` with what is wrong. The message never repeats parameters, they may hold a password. */
export function parseDatabaseUrl(url: string): DatabaseUrl {
  throw new Fault('database-url-invalid', `not yet: ${url.length}`)
}
