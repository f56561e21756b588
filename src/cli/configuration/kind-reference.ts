// What others refer to at every level: connectors, and secrets without their values.
import type { EntityDocument } from './document.ts'
import {
  allOfPlatform,
  bodyOf,
  everywhere,
  type Kind,
  queryOf,
  scopeOf,
  shownKeys,
  without,
  withoutDefault,
} from './kind-part.ts'

export const connector: Kind = {
  kind: 'connector',
  levels: everywhere,
  list: async (client, place) => {
    const rows = await allOfPlatform((query) =>
      client.platformListConnectors({ query: { ...query, ...queryOf(place) } }),
    )
    return rows.map(({ connector: row }) => ({ identifier: row.identifier, spec: without(row, ...shownKeys) }))
  },
  create: (client, document) => client.platformCreateConnector(connectorIn(document)),
  update: (client, document) => client.platformUpdateConnector(connectorIn(document)),
}
const connectorIn = (document: EntityDocument) => ({
  query: scopeOf(document),
  body: { connector: bodyOf(document, scopeOf(document)) },
})

const inBuiltIn = { type: 'SecretTextSpec', secretManagerIdentifier: 'harnessSecretManager', valueType: 'Inline' }

/** Where a value is, never the value: what the built-in manager keeps cannot be made from a document. */
export const secret: Kind = {
  kind: 'secret',
  levels: everywhere,
  byHand: ({ spec }, present) =>
    present !== undefined || isReference(spec['spec'])
      ? undefined
      : 'its value is in no file; give it with the web or the API',
  list: async (client, place) => {
    const rows = await allOfPlatform((query) => client.platformListSecrets({ query: { ...query, ...queryOf(place) } }))
    return rows.map(({ secret: row }) => ({
      identifier: row.identifier,
      spec: {
        ...withoutDefault(without(row, ...shownKeys, 'spec'), { type: 'SecretText' }),
        spec: withoutDefault(without(row.spec, 'additionalMetadata'), { ...inBuiltIn, ...fileType(row.type) }),
      },
    }))
  },
  create: (client, document) => client.platformCreateSecret(secretIn(document)),
  update: (client, document) =>
    client.platformUpdateSecret({ params: { secret: document.identifier }, ...secretIn(document) }),
}
const fileType = (type: string) => (type === 'SecretFile' ? { type: 'SecretFileSpe' } : {})
const isReference = (spec: unknown): boolean => (spec as { valueType?: unknown } | undefined)?.valueType === 'Reference'
const secretIn = (document: EntityDocument) => {
  const { type = 'SecretText', spec = {} } = document.spec as { type?: string; spec?: object }
  const whole = { ...without(inBuiltIn, ...(type === 'SecretFile' ? ['valueType'] : [])), ...fileType(type), ...spec }
  return { query: scopeOf(document), body: { secret: bodyOf(document, { ...scopeOf(document), type, spec: whole }) } }
}
