import { describe, expect, test } from 'vitest'
import { Fault } from '#contract/fault'
import { createBrowserApi, toFault } from './api.ts'

function browser(answer: () => Response) {
  const seen = { ended: 0, urls: [] as string[], tokens: [] as (string | undefined)[] }
  const client = createBrowserApi({
    fetch: async (url, init) => {
      seen.urls.push(`${init.method} ${url}`)
      seen.tokens.push(init.headers['x-csrf-token'])
      return answer()
    },
    csrfToken: () => 'token-1',
    sessionEnded: () => {
      seen.ended += 1
    },
  })
  return { client, seen }
}
const refusal = () =>
  Response.json({ status: 'ERROR', code: 'unauthenticated', message: 'Wrong e-mail or password.' }, { status: 401 })

describe('the client of the browser', () => {
  test('sends the CSRF token with a change', async () => {
    const { client, seen } = browser(() => new Response(null, { status: 204 }))
    await client.deleteDelegate({ params: { delegate: 'd 1' } })
    expect(seen).toMatchObject({ urls: ['DELETE /v1/delegates/d%201'], tokens: ['token-1'], ended: 0 })
  })

  test('says when the session has ended', async () => {
    const { client, seen } = browser(refusal)
    await expect(client.listDelegates({ query: {} })).rejects.toMatchObject({ code: 'unauthenticated' })
    expect(seen.ended).toBe(1)
  })

  test('does not take a wrong password for an ended session', async () => {
    const { client, seen } = browser(refusal)
    const wrong = client.signIn({ body: { email: 'a@example.org', password: 'x' } })
    await expect(wrong).rejects.toThrow('Wrong e-mail or password.')
    expect(seen.ended).toBe(0)
  })
})

test('whatever was thrown can be shown', () => {
  const fault = new Fault('forbidden', 'no')
  expect(toFault(fault)).toBe(fault)
  expect(toFault(new Error('oops'))).toMatchObject({ code: 'bug', message: 'oops' })
})
