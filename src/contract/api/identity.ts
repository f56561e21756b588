// Who is calling: sign-in, users of the built-in directory, API keys.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { epochMillisecondsSchema, identifierSchema, nameSchema } from '../identifier.ts'
import { listQuerySchema, noQuerySchema } from '../paging.ts'
import { permissionSchema, roleSchema } from '../permission.ts'
import { noContentSchema, noParamsSchema } from './scope.ts'

export const emailSchema = z.email().max(254)
const password = z.string().min(8).max(256)

export const userOutSchema = z.object({
  email: z.string(),
  name: z.string(),
  role: roleSchema,
  createdAt: epochMillisecondsSchema,
})
export const sessionOutSchema = z.object({
  user: z.object({ email: z.string(), name: z.string(), role: roleSchema }),
  permissions: z.array(permissionSchema),
  /** Sent back in `x-csrf-token` with every change made under a session cookie. */
  csrfToken: z.string(),
  account: z.string(),
})
export type SessionOut = z.output<typeof sessionOutSchema>
export const apiKeyOutSchema = z.object({
  identifier: z.string(),
  name: z.string(),
  owner: z.string(),
  createdAt: epochMillisecondsSchema,
  expiresAt: epochMillisecondsSchema.nullable(),
  lastUsedAt: epochMillisecondsSchema.nullable(),
})

const tag = 'Identity'
const userParams = z.object({ email: emailSchema })
const keyParams = z.object({ key: identifierSchema })
export const identityEndpoints = {
  signIn: endpoint({
    name: 'signIn',
    method: 'POST',
    path: '/v1/session',
    tag,
    summary: 'Sign in with e-mail and password; sets the session cookie',
    access: 'public',
    params: noParamsSchema,
    query: noQuerySchema,
    body: z.object({ email: emailSchema, password: z.string().min(1).max(256) }),
    status: 200,
    reply: sessionOutSchema,
  }),
  getSession: endpoint({
    name: 'getSession',
    method: 'GET',
    path: '/v1/session',
    tag,
    summary: 'Who am I',
    access: 'signed-in',
    params: noParamsSchema,
    query: noQuerySchema,
    status: 200,
    reply: sessionOutSchema,
  }),
  signOut: endpoint({
    name: 'signOut',
    method: 'DELETE',
    path: '/v1/session',
    tag,
    summary: 'Sign out',
    access: 'signed-in',
    params: noParamsSchema,
    query: noQuerySchema,
    status: 204,
    reply: noContentSchema,
  }),
  listUsers: endpoint({
    name: 'listUsers',
    method: 'GET',
    path: '/v1/users',
    tag,
    summary: 'List users',
    access: 'user.edit',
    params: noParamsSchema,
    query: listQuerySchema,
    status: 200,
    reply: z.array(userOutSchema),
    paged: true,
  }),
  createUser: endpoint({
    name: 'createUser',
    method: 'POST',
    path: '/v1/users',
    tag,
    summary: 'Create a user',
    access: 'user.edit',
    params: noParamsSchema,
    query: noQuerySchema,
    body: z.object({ email: emailSchema, name: nameSchema, role: roleSchema, password }),
    status: 201,
    reply: userOutSchema,
  }),
  updateUser: endpoint({
    name: 'updateUser',
    method: 'PUT',
    path: '/v1/users/{email}',
    tag,
    summary: 'Change name, role or password of a user',
    access: 'user.edit',
    params: userParams,
    query: noQuerySchema,
    body: z.object({ name: nameSchema.optional(), role: roleSchema.optional(), password: password.optional() }),
    status: 200,
    reply: userOutSchema,
  }),
  deleteUser: endpoint({
    name: 'deleteUser',
    method: 'DELETE',
    path: '/v1/users/{email}',
    tag,
    summary: 'Delete a user, sessions and API keys',
    access: 'user.edit',
    params: userParams,
    query: noQuerySchema,
    status: 204,
    reply: noContentSchema,
  }),
  listApiKeys: endpoint({
    name: 'listApiKeys',
    method: 'GET',
    path: '/v1/api-keys',
    tag,
    summary: 'List API keys of the caller, without values',
    access: 'api-key.edit',
    params: noParamsSchema,
    query: listQuerySchema,
    status: 200,
    reply: z.array(apiKeyOutSchema),
    paged: true,
  }),
  createApiKey: endpoint({
    name: 'createApiKey',
    method: 'POST',
    path: '/v1/api-keys',
    tag,
    summary: 'Create an API key (`pat.<account>.<id>.<secret>`); the value is shown once',
    access: 'api-key.edit',
    params: noParamsSchema,
    query: noQuerySchema,
    body: z.object({
      identifier: identifierSchema,
      name: nameSchema.optional(),
      expiresAt: epochMillisecondsSchema.optional(),
    }),
    status: 201,
    reply: apiKeyOutSchema.extend({ value: z.string() }),
  }),
  getApiKey: endpoint({
    name: 'getApiKey',
    method: 'GET',
    path: '/v1/api-keys/{key}',
    tag,
    summary: 'Read an API key, without its value',
    access: 'api-key.edit',
    params: keyParams,
    query: noQuerySchema,
    status: 200,
    reply: apiKeyOutSchema,
  }),
  updateApiKey: endpoint({
    name: 'updateApiKey',
    method: 'PUT',
    path: '/v1/api-keys/{key}',
    tag,
    summary: 'Rename an API key or move its expiry',
    access: 'api-key.edit',
    params: keyParams,
    query: noQuerySchema,
    body: z.object({ name: nameSchema.optional(), expiresAt: epochMillisecondsSchema.nullish() }),
    status: 200,
    reply: apiKeyOutSchema,
  }),
  deleteApiKey: endpoint({
    name: 'deleteApiKey',
    method: 'DELETE',
    path: '/v1/api-keys/{key}',
    tag,
    summary: 'Revoke an API key',
    access: 'api-key.edit',
    params: keyParams,
    query: noQuerySchema,
    status: 204,
    reply: noContentSchema,
  }),
}
