// A signed-in client of the API: what the browser does with its cookie, done from the command line.
import { api, type Api } from '#contract/api/index'
import { type Client, createClient } from '#contract/client'

export type ApiClient = Client<Api>

/** Signs in and answers a client that carries the session cookie and the CSRF token. */
export async function signIn(baseUrl: string, email: string, password: string): Promise<ApiClient> {
  let cookie = ''
  const remember: typeof fetch = async (input, init) => {
    const response = await fetch(input, init)
    cookie = response.headers
      .getSetCookie()
      .map((line) => line.split(';', 1)[0])
      .join('; ')
    return response
  }
  const session = await createClient(api, { baseUrl, fetch: remember }).signIn({ body: { email, password } })
  return createClient(api, { baseUrl, fetch, headers: { cookie, 'x-csrf-token': session.csrfToken } })
}
