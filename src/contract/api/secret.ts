// Secrets of a project, an organization or the account: written, replaced and deleted through the API, never read back.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import {
  descriptionSchema,
  epochMillisecondsSchema,
  identifierSchema,
  nameSchema,
  scopedReferenceSchema,
  tagsSchema,
} from '../identifier.ts'
import { listQuerySchema, noQuerySchema } from '../paging.ts'
import { noContentSchema, noParamsSchema, ORG, orgParamsSchema, PROJECT, projectParamsSchema } from './scope.ts'

export const secretLimits = {
  /** UTF-16 code units of a text. */
  textLength: 65_536,
  /** Bytes of a file: whole in a Kubernetes Secret, and in the document of a step in base64. */
  fileBytes: 196_608,
} as const

/** The names by which every scope knows the secret managers that need no connector. */
export const builtInSecretManager = 'harnessSecretManager'
/** What whoever runs the delegate lets its steps read: variables, a folder, Secrets of its Kubernetes namespace. */
export const delegateSecretManagers = ['delegateEnvironment', 'delegateFile', 'delegateKubernetes'] as const

const secretFields = {
  identifier: identifierSchema,
  name: nameSchema,
  description: descriptionSchema.optional(),
  orgIdentifier: identifierSchema.optional(),
  projectIdentifier: identifierSchema.optional(),
  tags: tagsSchema.optional(),
}
const manager = {
  /** `harnessSecretManager`, the name of one of the delegate's own, or a connector: `id`, `org.id`, `account.id`. */
  secretManagerIdentifier: scopedReferenceSchema.default(builtInSecretManager),
}
const textSpec = {
  type: z.literal('SecretTextSpec').default('SecretTextSpec'),
  ...manager,
  /** Inline: the built-in manager keeps the value. Reference: `value` says where it is in another manager. */
  valueType: z.enum(['Inline', 'Reference']).default('Inline'),
}
/** The type of the spec is spelled so by the compatible API. */
const fileSpec = { type: z.literal('SecretFileSpe').default('SecretFileSpe'), ...manager }
const fileName = z.string().max(255)

/** `value` and `content` may be absent on update: the stored ones stay. */
export const secretInfoSchema = z.discriminatedUnion('type', [
  z.object({
    ...secretFields,
    type: z.literal('SecretText'),
    spec: z.object({ ...textSpec, value: z.string().min(1).max(secretLimits.textLength).optional() }),
  }),
  z.object({
    ...secretFields,
    type: z.literal('SecretFile'),
    spec: z.object({
      ...fileSpec,
      /** The bytes of the file, in base64. */
      content: z
        .base64()
        .max(Math.ceil(secretLimits.fileBytes / 3) * 4)
        .optional(),
      fileName: fileName.optional(),
    }),
  }),
])
export type SecretInfo = z.output<typeof secretInfoSchema>
export const secretInSchema = z.object({ secret: secretInfoSchema })
export const secretOutSchema = z.object({
  secret: z.discriminatedUnion('type', [
    z.object({
      ...secretFields,
      type: z.literal('SecretText'),
      spec: z.object({
        ...textSpec,
        /** Only of a reference. */
        value: z.string().max(secretLimits.textLength).optional(),
      }),
    }),
    z.object({
      ...secretFields,
      type: z.literal('SecretFile'),
      spec: z.object({ ...fileSpec, fileName: fileName.optional() }),
    }),
  ]),
  createdAt: epochMillisecondsSchema,
  updatedAt: epochMillisecondsSchema,
})
export type SecretOut = z.output<typeof secretOutSchema>

const tag = 'Secrets'
const one = { secret: identifierSchema }
const list = <Name extends string, Params extends z.ZodObject>(name: Name, scope: string, params: Params) =>
  endpoint({
    name,
    method: 'GET',
    path: `${scope}/secrets`,
    tag,
    summary: 'List secrets, without values',
    access: 'secret.view',
    params,
    query: listQuerySchema,
    status: 200,
    reply: z.array(secretOutSchema),
    paged: true,
    filtered: true,
  })
const create = <Name extends string, Params extends z.ZodObject>(name: Name, scope: string, params: Params) =>
  endpoint({
    name,
    method: 'POST',
    path: `${scope}/secrets`,
    tag,
    summary: 'Create a secret',
    access: 'secret.edit',
    params,
    query: noQuerySchema,
    body: secretInSchema,
    status: 201,
    reply: secretOutSchema,
  })
const get = <Name extends string, Params extends z.ZodObject>(name: Name, scope: string, params: Params) =>
  endpoint({
    name,
    method: 'GET',
    path: `${scope}/secrets/{secret}`,
    tag,
    summary: 'Read a secret, without its value',
    access: 'secret.view',
    params,
    query: noQuerySchema,
    status: 200,
    reply: secretOutSchema,
  })
const update = <Name extends string, Params extends z.ZodObject>(name: Name, scope: string, params: Params) =>
  endpoint({
    name,
    method: 'PUT',
    path: `${scope}/secrets/{secret}`,
    tag,
    summary: 'Replace a secret',
    access: 'secret.edit',
    params,
    query: noQuerySchema,
    body: secretInSchema,
    status: 200,
    reply: secretOutSchema,
  })
const remove = <Name extends string, Params extends z.ZodObject>(name: Name, scope: string, params: Params) =>
  endpoint({
    name,
    method: 'DELETE',
    path: `${scope}/secrets/{secret}`,
    tag,
    summary: 'Delete a secret',
    access: 'secret.delete',
    params,
    query: noQuerySchema,
    status: 204,
    reply: noContentSchema,
  })

export const secretEndpoints = {
  listSecrets: list('listSecrets', PROJECT, projectParamsSchema),
  createSecret: create('createSecret', PROJECT, projectParamsSchema),
  getSecret: get('getSecret', PROJECT, projectParamsSchema.extend(one)),
  updateSecret: update('updateSecret', PROJECT, projectParamsSchema.extend(one)),
  deleteSecret: remove('deleteSecret', PROJECT, projectParamsSchema.extend(one)),
  listOrganizationSecrets: list('listOrganizationSecrets', ORG, orgParamsSchema),
  createOrganizationSecret: create('createOrganizationSecret', ORG, orgParamsSchema),
  getOrganizationSecret: get('getOrganizationSecret', ORG, orgParamsSchema.extend(one)),
  updateOrganizationSecret: update('updateOrganizationSecret', ORG, orgParamsSchema.extend(one)),
  deleteOrganizationSecret: remove('deleteOrganizationSecret', ORG, orgParamsSchema.extend(one)),
  listAccountSecrets: list('listAccountSecrets', '/v1', noParamsSchema),
  createAccountSecret: create('createAccountSecret', '/v1', noParamsSchema),
  getAccountSecret: get('getAccountSecret', '/v1', noParamsSchema.extend(one)),
  updateAccountSecret: update('updateAccountSecret', '/v1', noParamsSchema.extend(one)),
  deleteAccountSecret: remove('deleteAccountSecret', '/v1', noParamsSchema.extend(one)),
}
