// Secrets of the built-in store: written, replaced and deleted through the API, never read back.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { descriptionSchema, epochMillisecondsSchema, identifierSchema, nameSchema, tagsSchema } from '../identifier.ts'
import { listQuerySchema, noQuerySchema } from '../paging.ts'
import { noContentSchema, PROJECT, projectParamsSchema } from './scope.ts'

const secretFields = {
  type: z.literal('SecretText'),
  identifier: identifierSchema,
  name: nameSchema,
  description: descriptionSchema.optional(),
  orgIdentifier: identifierSchema.optional(),
  projectIdentifier: identifierSchema.optional(),
  tags: tagsSchema.optional(),
}
const textSpec = {
  type: z.literal('SecretTextSpec').optional(),
  secretManagerIdentifier: z.string().max(128).default('harnessSecretManager'),
  valueType: z.literal('Inline').default('Inline'),
}
/** `value` may be absent on update: the stored one stays. At most 64 KiB. */
export const secretInSchema = z.object({
  secret: z.object({
    ...secretFields,
    spec: z.object({ ...textSpec, value: z.string().min(1).max(65_536).optional() }),
  }),
})
export const secretOutSchema = z.object({
  secret: z.object({ ...secretFields, spec: z.object(textSpec) }),
  createdAt: epochMillisecondsSchema,
  updatedAt: epochMillisecondsSchema,
})
export type SecretOut = z.output<typeof secretOutSchema>

const tag = 'Secrets'
const one = `${PROJECT}/secrets/{secret}`
const oneParams = projectParamsSchema.extend({ secret: identifierSchema })
export const secretEndpoints = {
  listSecrets: endpoint({
    name: 'listSecrets',
    method: 'GET',
    path: `${PROJECT}/secrets`,
    tag,
    summary: 'List secrets, without values',
    access: 'secret.view',
    params: projectParamsSchema,
    query: listQuerySchema,
    status: 200,
    reply: z.array(secretOutSchema),
    paged: true,
  }),
  createSecret: endpoint({
    name: 'createSecret',
    method: 'POST',
    path: `${PROJECT}/secrets`,
    tag,
    summary: 'Create a secret',
    access: 'secret.edit',
    params: projectParamsSchema,
    query: noQuerySchema,
    body: secretInSchema,
    status: 201,
    reply: secretOutSchema,
  }),
  getSecret: endpoint({
    name: 'getSecret',
    method: 'GET',
    path: one,
    tag,
    summary: 'Read a secret, without its value',
    access: 'secret.view',
    params: oneParams,
    query: noQuerySchema,
    status: 200,
    reply: secretOutSchema,
  }),
  updateSecret: endpoint({
    name: 'updateSecret',
    method: 'PUT',
    path: one,
    tag,
    summary: 'Replace a secret',
    access: 'secret.edit',
    params: oneParams,
    query: noQuerySchema,
    body: secretInSchema,
    status: 200,
    reply: secretOutSchema,
  }),
  deleteSecret: endpoint({
    name: 'deleteSecret',
    method: 'DELETE',
    path: one,
    tag,
    summary: 'Delete a secret',
    access: 'secret.edit',
    params: oneParams,
    query: noQuerySchema,
    status: 204,
    reply: noContentSchema,
  }),
}
