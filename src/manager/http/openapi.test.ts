// The OpenAPI document holds every endpoint of the contract and refers to nothing that is not there.
import { describe, expect, test } from 'vitest'
import { documentationPage } from './documentation-page.ts'
import { allEndpoints } from './mount.ts'
import { openApiDocument } from './openapi.ts'

const document = openApiDocument(allEndpoints, '1.2.3')
const text = JSON.stringify(document)

/** Follows a JSON pointer as RFC 6901 says. */
function resolve(pointer: string): unknown {
  return pointer
    .slice(2)
    .split('/')
    .reduce<unknown>(
      (value, key) => (value as Record<string, unknown>)[key.replaceAll('~1', '/').replaceAll('~0', '~')],
      document,
    )
}

interface Operation {
  readonly operationId: string
  readonly parameters: readonly { name: string; in: string; required: boolean }[]
  readonly responses: object
  readonly requestBody?: { readonly required: boolean }
}
const paths = document['paths'] as Record<string, Record<string, Operation>>
const operation = (path: string, method: string): Operation => {
  const found = paths[path]?.[method]
  if (!found) throw new Error(`no ${method} ${path}`)
  return found
}

describe('openApiDocument', () => {
  test('is OpenAPI 3.1 with a title and a version', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Sluice', version: '1.2.3' } })
  })

  test.each(Object.values(allEndpoints).map((target) => [target.name, target] as const))(
    'describes %s',
    (_, target) => {
      const described = operation(target.path, target.method.toLowerCase())
      expect(described.operationId).toBe(target.name)
      const inPath = described.parameters.filter((parameter) => parameter.in === 'path')
      const named = [...target.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1])
      expect(new Set(inPath.map(({ name }) => name))).toEqual(new Set(named))
      expect(inPath.every(({ required }) => required)).toBe(true)
      expect(Object.keys(described.responses)).toContain(String(target.status))
      expect('requestBody' in described).toBe(Boolean(target.body ?? target.rawBody))
    },
  )

  test('every reference resolves and every component is referred to', () => {
    const references = new Set([...text.matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? ''))
    expect(references.size).toBeGreaterThan(20)
    for (const reference of references) expect(resolve(reference), reference).toBeTypeOf('object')
    const { schemas } = document['components'] as { schemas: object }
    for (const name of Object.keys(schemas)) expect(references).toContain(`#/components/schemas/${name}`)
  })

  test('operation ids are unique and security schemes exist', () => {
    const operations = Object.values(paths).flatMap((methods) => Object.values(methods))
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(Object.keys(allEndpoints).length)
    const { securitySchemes } = document['components'] as { securitySchemes: object }
    for (const [, name] of text.matchAll(/"security":\[\{"(\w+)"/g)) expect(securitySchemes).toHaveProperty(name ?? '')
  })

  test('answers have what requests may leave out', () => {
    const { schemas } = document['components'] as { schemas: Record<string, { required?: string[] }> }
    expect(schemas['DbSchemaOut']?.required).toContain('usePercona')
    expect(operation('/v1/orgs/{org}/projects/{project}/dbschema', 'get').parameters).toContainEqual(
      expect.objectContaining({ name: 'limit', in: 'query', required: false }),
    )
    expect(
      operation('/v1/orgs/{org}/projects/{project}/dbschema/{dbschema}/instancelist', 'post').requestBody,
    ).toMatchObject({ required: false })
  })

  test('the same contract gives the same text', () => {
    expect(JSON.stringify(openApiDocument(allEndpoints, '1.2.3'))).toBe(text)
  })
})

describe('documentationPage', () => {
  const page = documentationPage(document)
  test('shows every endpoint, loads nothing, runs nothing', () => {
    for (const target of Object.values(allEndpoints)) expect(page).toContain(`id="${target.name}"`)
    expect(page).not.toMatch(/<script|<link|<img|https?:\/\/|\son\w+=/i)
  })

  test('every link inside the page has its target', () => {
    const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1]))
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target)
  })
})
