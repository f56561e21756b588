// OpenAPI 3.1 made from the contract. Named schemas of the contract become components, everything else stands in place.
import { z } from 'zod'
import * as audit from '#contract/api/audit'
import * as changeSet from '#contract/change-set-schema'
import * as changeSetApi from '#contract/api/change-set'
import * as accessToken from '#contract/api/access-token'
import * as approval from '#contract/api/approval'
import * as connector from '#contract/api/connector'
import * as dbInstance from '#contract/api/db-instance'
import * as dbSchema from '#contract/api/db-schema'
import * as delegate from '#contract/api/delegate'
import * as execution from '#contract/api/execution'
import * as identity from '#contract/api/identity'
import * as migrationState from '#contract/api/migration-state'
import * as organization from '#contract/api/organization'
import * as pipeline from '#contract/api/pipeline'
import * as scopedEntity from '#contract/api/scoped-entity-schema'
import * as secret from '#contract/api/secret'
import * as protocol from '#contract/delegate/protocol'
import * as stepSpec from '#contract/delegate/step-spec'
import * as diagnostic from '#contract/diagnostic-schema'
import type { Endpoint } from '#contract/endpoint'
import * as live from '#contract/event/live'
import * as fault from '#contract/fault-schema'
import { errorBodySchema } from '#contract/fault-schema'
import * as status from '#contract/pipeline/status'

export type Json = Readonly<Record<string, unknown>>
type Direction = 'input' | 'output'

const contractModules = [
  accessToken,
  audit,
  approval,
  changeSet,
  changeSetApi,
  connector,
  dbInstance,
  dbSchema,
  delegate,
  diagnostic,
  execution,
  fault,
  identity,
  live,
  migrationState,
  organization,
  pipeline,
  protocol,
  scopedEntity,
  secret,
  status,
  stepSpec,
]

/** `dbSchemaOutSchema` is the component `DbSchemaOut`. */
function namedSchemas(): Map<string, z.ZodType> {
  const found = new Map<string, z.ZodType>()
  for (const [name, value] of contractModules.flatMap((module) => Object.entries<unknown>({ ...module })))
    if (name.endsWith('Schema') && value instanceof z.ZodType)
      found.set(name.charAt(0).toUpperCase() + name.slice(1, -'Schema'.length), value)
  return found
}

const refPrefix = '#/components/schemas/'
type Registry = ReturnType<typeof z.registry<{ id: string }>>

function registryOf(schemas: ReadonlyMap<string, z.ZodType>): Registry {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of schemas) registry.add(schema, { id })
  return registry
}

function convert(registry: Registry, direction: Direction, nameOf: (id: string) => string): Map<string, Json> {
  const { schemas } = z.toJSONSchema(registry, {
    io: direction,
    target: 'draft-2020-12',
    uri: (id) => refPrefix + nameOf(id),
    // Answers may get new fields at any time; only what refuses unknown fields in requests says so.
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema instanceof z.ZodObject && !zodSchema.def.catchall) delete jsonSchema.additionalProperties
    },
  })
  const own = new Set(['$schema', '$id'])
  const bare = (schema: Json): Json => Object.fromEntries(Object.entries(schema).filter(([key]) => !own.has(key)))
  return new Map(Object.entries<Json>(schemas).map(([id, schema]) => [id, bare(schema)]))
}

/** Names whose two sides differ, because they or something in them has defaults: may be left out in a request, is always in an answer. */
function differingNames(input: ReadonlyMap<string, Json>, output: ReadonlyMap<string, Json>): Set<string> {
  const texts = new Map([...input].map(([id, schema]) => [id, JSON.stringify(schema)]))
  const found = new Set([...texts].filter(([id, text]) => text !== JSON.stringify(output.get(id))).map(([id]) => id))
  for (let size = -1; size !== found.size; ) {
    size = found.size
    for (const [id, text] of texts)
      if ([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].some(([, name = '']) => found.has(name))) found.add(id)
  }
  return found
}

/** Prefix of the names under which schemas without a name are converted; none of them is left in the document. */
const inlinePrefix = 'Inline_'

/** Every schema that the endpoints use on this side and that has no name, once. A request may transform; an answer does not. */
function inlineSchemas(endpoints: readonly Endpoint[], named: Registry, direction: Direction): z.ZodType[] {
  const used = endpoints.flatMap(({ params, query, body, reply }) =>
    direction === 'output' ? [reply] : [params, query, ...(body ? [body] : [])],
  )
  return [...new Set(direction === 'output' ? [...used, errorBodySchema] : used)].filter((schema) => !named.has(schema))
}

/** All schemas of the document, each side converted at once: converting one takes as long as converting all. */
class Components {
  readonly #schemas = new Map<string, Json>()
  readonly #named = registryOf(namedSchemas())
  readonly #ids = { input: new Map<z.ZodType, string>(), output: new Map<z.ZodType, string>() }
  readonly #differing: ReadonlySet<string>
  /** By direction and id; with references among them taken out. */
  readonly #inline = new Map<string, Json>()

  constructor(endpoints: readonly Endpoint[]) {
    const plain = (id: string) => id
    const output = convert(this.#named, 'output', plain)
    this.#differing = differingNames(convert(this.#named, 'input', plain), output)
    for (const direction of ['input', 'output'] as const) this.#take(endpoints, direction)
  }

  #take(endpoints: readonly Endpoint[], direction: Direction): void {
    const registry = registryOf(namedSchemas())
    for (const [index, schema] of inlineSchemas(endpoints, this.#named, direction).entries()) {
      const id = `${inlinePrefix}${index}`
      this.#ids[direction].set(schema, id)
      registry.add(schema, { id })
    }
    const converted = convert(registry, direction, (id) => this.#name(id, direction))
    const inPlace = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(inPlace)
      if (typeof value !== 'object' || value === null) return value
      const { $ref } = value as { $ref?: unknown }
      const id = typeof $ref === 'string' ? $ref.slice(refPrefix.length) : ''
      if (id.startsWith(inlinePrefix)) return inPlace(converted.get(id))
      return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, inPlace(entry)]))
    }
    for (const [id, schema] of converted) {
      const whole = inPlace(schema) as Json
      if (id.startsWith(inlinePrefix)) this.#inline.set(`${direction} ${id}`, whole)
      else this.#schemas.set(this.#name(id, direction), whole)
    }
  }

  #name(id: string, direction: Direction): string {
    const own = direction === 'input' && this.#differing.has(id) && !id.startsWith(inlinePrefix)
    return own ? `${id}Input` : id
  }

  /** The JSON schema of a schema of an endpoint: a reference when it has a name, in place otherwise. */
  of(schema: z.ZodType, direction: Direction): Json {
    const named = this.#named.get(schema)?.id
    if (named !== undefined) return { $ref: refPrefix + this.#name(named, direction) }
    const id = this.#ids[direction].get(schema)
    if (id === undefined) throw new Error('a schema of the contract gave no JSON schema')
    return this.#inline.get(`${direction} ${id}`) ?? {}
  }

  /** The components that are referred to, directly or by others. */
  used(document: unknown): Json {
    const found = new Map<string, Json>()
    const open: unknown[] = [document]
    for (let text = JSON.stringify(open.pop()); text !== undefined; text = JSON.stringify(open.pop()))
      for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
        const schema = this.#schemas.get(name)
        if (!schema || found.has(name)) continue
        found.set(name, schema)
        open.push(schema)
      }
    return Object.fromEntries([...found].toSorted(([one], [other]) => (one < other ? -1 : 1)))
  }
}

function parametersOf(target: Endpoint, components: Components): Json[] {
  const part = (schema: z.ZodType, place: 'path' | 'query') => {
    const { properties = {}, required = [] } = components.of(schema, 'input') as {
      properties?: Record<string, Json>
      required?: readonly string[]
    }
    return Object.entries(properties).map(([name, { description, ...schema }]) => ({
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema,
    }))
  }
  return [...part(target.params, 'path'), ...part(target.query, 'query')]
}

function requestBodyOf(target: Endpoint, components: Components): Json | undefined {
  if (target.rawBody)
    return {
      required: true,
      content: { [target.rawBody.contentType]: { schema: { type: 'string', format: 'binary' } } },
    }
  if (!target.body) return undefined
  return {
    required: !target.body.safeParse({}).success,
    content: { 'application/json': { schema: components.of(target.body, 'input') } },
  }
}

const pagingHeaders = Object.fromEntries(
  [
    ['X-Total-Elements', 'Number of all rows.'],
    ['X-Page-Number', 'Zero-based page.'],
    ['X-Page-Size', 'Rows a page.'],
  ].map(([name, description]) => [name, { description, schema: { type: 'integer' } }]),
)

function successOf(target: Endpoint, components: Components): Json {
  if (target.status === 204) return { description: 'Done.' }
  if (target.status === 302) return { description: 'Go on at the address in the header Location.' }
  const type = target.stream ? 'text/event-stream' : 'application/json'
  return {
    description: target.stream ? 'Server-sent events; each `data` is one of these.' : 'Done.',
    ...(target.paged && !target.envelope ? { headers: pagingHeaders } : {}),
    content: { [type]: { schema: enveloped(target, components.of(target.reply, 'output')) } },
  }
}

/** The schema of the answer as it travels: the platform services put an envelope around it, and a page around its rows. */
function enveloped(target: Endpoint, schema: Json): Json {
  if (!target.envelope) return schema
  if (target.envelope === 'resource') {
    const properties = { metaData: { type: 'object' }, resource: schema, responseMessages: { type: 'array' } }
    return { type: 'object', properties, required: ['metaData', 'resource', 'responseMessages'] }
  }
  const counts = ['totalPages', 'totalItems', 'pageItemCount', 'pageSize', 'pageIndex']
  const page = {
    type: 'object',
    properties: {
      ...Object.fromEntries(counts.map((name) => [name, { type: 'integer' }])),
      content: schema,
      empty: { type: 'boolean' },
    },
    required: [...counts, 'content', 'empty'],
  }
  const properties = {
    status: { const: 'SUCCESS' },
    data: target.paged ? page : schema,
    metaData: {},
    correlationId: { type: 'string' },
  }
  return { type: 'object', properties, required: ['status', 'data', 'correlationId'] }
}

function securityOf({ access }: Endpoint): Json[] {
  if (access === 'public') return []
  if (access === 'delegate') return [{ delegateToken: [] }]
  if (access === 'attempt') return [{ attemptToken: [] }]
  return [{ apiKey: [] }, { bearer: [] }, { session: [] }]
}

function operationOf(target: Endpoint, components: Components): Json {
  const statuses = ['400', ...(target.access === 'public' ? [] : ['401', '403']), '404', '500']
  const requestBody = requestBodyOf(target, components)
  return {
    operationId: target.name,
    tags: [target.tag],
    summary: target.summary,
    'x-access': target.access,
    security: securityOf(target),
    parameters: parametersOf(target, components),
    ...(requestBody ? { requestBody } : {}),
    responses: {
      [String(target.status)]: successOf(target, components),
      ...Object.fromEntries(statuses.map((status) => [status, { $ref: '#/components/responses/Error' }])),
    },
  }
}

const securitySchemes = {
  apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'API key `pat.<account>.<id>.<secret>`.' },
  bearer: { type: 'http', scheme: 'bearer', description: 'The same API key.' },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'sluice_session',
    description: 'Set by signing in. Changes also need the header `x-csrf-token`.',
  },
  delegateToken: { type: 'http', scheme: 'bearer', description: 'Access token of a delegate, 10 minutes.' },
  attemptToken: { type: 'http', scheme: 'bearer', description: 'Token of one attempt of one step.' },
}

/** The document for these endpoints. Deterministic: the same contract gives the same text. */
export function openApiDocument(endpoints: Readonly<Record<string, Endpoint>>, version: string): Json {
  const components = new Components(Object.values(endpoints))
  const paths: Record<string, Record<string, Json>> = {}
  for (const target of Object.values(endpoints)) {
    const item = (paths[target.path] ??= {})
    item[target.method.toLowerCase()] = operationOf(target, components)
  }
  const responses = {
    Error: {
      description: 'What went wrong, and what to do.',
      content: { 'application/json': { schema: components.of(errorBodySchema, 'output') } },
    },
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Sluice',
      version,
      description: 'Database DevOps. An optional leading `/gateway` and `/dbops` of every path is ignored.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(Object.values(endpoints).map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { schemas: components.used({ paths, responses }), responses, securitySchemes },
  }
}
