// What is set rather than made: settings, images, and the tokens by which delegates join.
import type { ApiClient } from '../setup/session.ts'
import type { EntityDocument } from './document.ts'
import { all, bodyOf, everywhere, type Kind, queryOf, scopeOf, without, withoutDefault } from './kind-part.ts'

/** Only what was set: a default is no entity. */
export const setting: Kind = {
  kind: 'setting',
  levels: everywhere,
  list: async (client, place) => {
    const rows = await client.listSettings({ query: queryOf(place) })
    const source = place.org === undefined ? 'ACCOUNT' : place.project === undefined ? 'ORG' : 'PROJECT'
    return rows
      .filter((row) => row.setting.settingSource === source)
      .map(({ setting: { identifier, value, allowOverrides } }) => ({ identifier, spec: { value, allowOverrides } }))
  },
  create: (client, document) => putSetting(client, document),
  update: (client, document) => putSetting(client, document),
}
const putSetting = (client: ApiClient, document: EntityDocument) =>
  client.updateSettings({
    query: scopeOf(document),
    body: [bodyOf(document, { updateType: 'UPDATE', allowOverrides: document.spec['allowOverrides'] ?? false })],
  })

const imagesOf = (images: object) =>
  Object.entries(images).map(([identifier, value]) => ({ identifier, spec: { value: value as string } }))
/** An image of steps that stands in place of the default one. The identifier is the field. */
export const image: Kind = {
  kind: 'image',
  levels: ['account'],
  list: async (client) => imagesOf(await client.getImages({ query: { overridesOnly: 'true' } })),
  create: (client, document) => client.updateImages({ body: [imageIn(document)] }),
  update: (client, document) => client.updateImages({ body: [imageIn(document)] }),
}
export const helperImage: Kind = {
  kind: 'helperImage',
  levels: ['account'],
  list: async (client) => imagesOf((await client.getHelperImages({ query: { overridesOnly: 'true' } })).data),
  create: (client, document) => client.updateHelperImages({ body: [imageIn(document)] }),
  update: (client, document) => client.updateHelperImages({ body: [imageIn(document)] }),
}
const imageIn = ({ identifier, spec }: EntityDocument) => ({ field: identifier, value: spec['value'] }) as never

/** Made by the manager itself, anew at each start. */
const builtIn = 'built_in'
/**
 * It stands where its delegates work. Its value is in no file: whoever lets a delegate join rotates it. Tokens for a number of
 * delegates are used up and are no configuration.
 */
export const delegateToken: Kind = {
  kind: 'delegateToken',
  levels: everywhere,
  // Somebody may have its value, and a file from before knows nothing of that.
  byHand: ({ spec }, present) =>
    present?.spec['status'] === 'REVOKED' && spec['status'] !== 'REVOKED'
      ? 'it was revoked, and no file lets its value in again; activate it over the API, or say status: REVOKED'
      : undefined,
  list: async (client, { org, project }) => {
    const rows = await all((query) => client.listDelegateTokens({ query }))
    return rows
      .filter((row) => row.org === org && row.project === project)
      .filter((row) => row.usesLeft === null && row.identifier !== builtIn)
      .map((row) => {
        const spec = without(row, 'identifier', 'org', 'project', 'createdBy', 'createdAt', 'usesLeft')
        return { identifier: row.identifier, spec: withoutDefault(spec, { status: 'ACTIVE', name: row.identifier }) }
      })
  },
  create: async (client, document) => {
    const { identifier, organization: org, project, spec } = document
    const scope = { ...(org === undefined ? {} : { org }), ...(project === undefined ? {} : { project }) }
    await client.createDelegateToken({ body: { ...without(spec, 'status'), identifier, ...scope } })
    if (spec['status'] !== undefined) await putToken(client, document)
  },
  update: (client, document) => putToken(client, document),
}
const putToken = (client: ApiClient, { identifier, spec }: EntityDocument) =>
  client.updateDelegateToken({
    params: { token: identifier },
    body: { status: 'ACTIVE', name: identifier, revokeAfter: null, ...spec } as never,
  })
