// `GET /v1/openapi.json` and `GET /v1/docs`: the contract for machines and for people. Made once, when first asked for.
import type { Endpoint } from '#contract/endpoint'
import type { App } from './correlation.ts'
import { documentationPage } from './documentation-page.ts'
import { openApiDocument } from './openapi.ts'
import { apiHeaders, pageHeaders } from './security.ts'

export function describeApi(app: App, endpoints: Readonly<Record<string, Endpoint>>, version: string): void {
  let made: { readonly json: string; readonly page: string } | undefined
  const make = () => {
    const document = openApiDocument(endpoints, version)
    made ??= { json: JSON.stringify(document), page: documentationPage(document) }
    return made
  }
  app.get(
    '/v1/openapi.json',
    () => new Response((made ?? make()).json, { headers: { ...apiHeaders, 'cache-control': 'no-cache' } }),
  )
  app.get('/v1/docs', () => {
    const headers = { ...pageHeaders, 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' }
    return new Response((made ?? make()).page, { headers })
  })
}
