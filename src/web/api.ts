// The typed client of the browser: same origin, session cookie, CSRF token on changes, and a word when the session has ended.
import { createContext, useContext } from 'react'
import { api } from '#contract/api/index'
import type { Api } from '#contract/api/index'
import { type Client, createClient, type Fetch } from '#contract/client'
import { Fault } from '#contract/fault'

export type BrowserApi = Client<Api>

export interface BrowserApiOptions {
  readonly fetch: Fetch
  /** Of the present session; undefined when signed out. */
  csrfToken(): string | undefined
  /** The server said 401 to something other than a sign-in. */
  sessionEnded(): void
}

export function createBrowserApi(options: BrowserApiOptions): BrowserApi {
  return createClient(api, {
    baseUrl: '',
    headers: (): Record<string, string> => {
      const token = options.csrfToken()
      return token === undefined ? {} : { 'x-csrf-token': token }
    },
    fetch: async (url, init) => {
      const response = await options.fetch(url, init)
      if (response.status === 401 && !url.startsWith('/v1/session')) options.sessionEnded()
      return response
    },
  })
}

const ApiContext = createContext<BrowserApi | undefined>(undefined)
export const ApiProvider = ApiContext.Provider

export function useApi(): BrowserApi {
  const client = useContext(ApiContext)
  if (!client) throw new Error('useApi needs an ApiProvider above it')
  return client
}

/** Whatever was thrown, as a fault that can be shown. */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  return new Fault('bug', error instanceof Error ? error.message : String(error), { cause: error })
}
