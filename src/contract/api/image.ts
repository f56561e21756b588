// The image configuration of the account: which images run in pods. Paths and shapes of the compatible API (wire contract 4).
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { databaseImageFields, helperImageFields, imageReferenceSchema } from '../image.ts'
import { noQuerySchema } from '../paging.ts'
import { noParamsSchema } from './scope.ts'

const word = z.string().max(256).optional()
const tolerated = { accountIdentifier: word, routingId: word, orgIdentifier: word, projectIdentifier: word }
/** `overridesOnly` is true unless told: then only what differs from the defaults is shown. */
const customerQuery = z.object({
  overridesOnly: z
    .enum(['true', 'false'])
    .default('true')
    .transform((text) => text === 'true'),
  ...tolerated,
})
const databaseTags = z.partialRecord(z.enum(databaseImageFields), z.string())
const helperTags = z.partialRecord(z.enum(helperImageFields), z.string())
const done = z.boolean()

/** The public description wants plain names; its sibling, and a published example, wrap each in `{field}`. */
function resetBody<Fields extends readonly [string, ...string[]]>(fields: Fields) {
  const field = z.enum(fields)
  return z.array(z.union([field, z.strictObject({ field }).transform((one) => one.field)])).max(fields.length * 2)
}
function updateBody<Fields extends readonly [string, ...string[]]>(fields: Fields) {
  return z.array(z.strictObject({ field: z.enum(fields), value: imageReferenceSchema })).max(fields.length * 2)
}

const tag = 'Images'
const base = '/v1/dbops/execution-config'
const common = { tag, params: noParamsSchema } as const
const sibling = '/ci/execution-config'
const siblingQuery = z.object({ infra: z.enum(['K8', 'VM']).optional(), ...tolerated })
const envelope = <Data extends z.ZodType>(data: Data) => z.object({ status: z.literal('SUCCESS'), data })

export const imageEndpoints = {
  getDefaultImages: endpoint({
    ...common,
    name: 'getDefaultImages',
    method: 'GET',
    path: `${base}/get-default-config`,
    summary: 'The images of this version',
    access: 'setting.view',
    query: noQuerySchema,
    status: 200,
    reply: databaseTags,
  }),
  getImages: endpoint({
    ...common,
    name: 'getImages',
    method: 'GET',
    path: `${base}/get-customer-config`,
    summary: 'The images of the account: what was set, or all that are in force',
    access: 'setting.view',
    query: customerQuery,
    status: 200,
    reply: databaseTags,
  }),
  updateImages: endpoint({
    ...common,
    name: 'updateImages',
    method: 'POST',
    path: `${base}/update-config`,
    summary: 'Set images in place of the default ones',
    access: 'setting.edit',
    query: noQuerySchema,
    body: updateBody(databaseImageFields),
    status: 201,
    reply: done,
  }),
  resetImages: endpoint({
    ...common,
    name: 'resetImages',
    method: 'POST',
    path: `${base}/reset-config`,
    summary: 'Go back to the default image of some fields',
    access: 'setting.edit',
    query: noQuerySchema,
    body: resetBody(databaseImageFields),
    status: 201,
    reply: done,
  }),
  deleteImages: endpoint({
    ...common,
    name: 'deleteImages',
    method: 'DELETE',
    path: base,
    summary: 'Go back to the default images of all fields',
    access: 'setting.edit',
    query: noQuerySchema,
    status: 200,
    reply: done,
  }),
  pinImages: endpoint({
    ...common,
    name: 'pinImages',
    method: 'POST',
    path: `${base}/pin-image`,
    summary: 'Apply an account setting: JSON of an object from field to image, or null to drop it',
    access: 'setting.edit',
    query: noQuerySchema,
    body: z.object({ value: z.union([z.string().max(16_384), z.null()]) }),
    status: 200,
    reply: done,
  }),
  getDefaultHelperImages: endpoint({
    ...common,
    name: 'getDefaultHelperImages',
    method: 'GET',
    path: `${sibling}/get-default-config`,
    summary: 'The helper images of this version',
    access: 'setting.view',
    query: siblingQuery,
    status: 200,
    reply: envelope(helperTags),
  }),
  getHelperImages: endpoint({
    ...common,
    name: 'getHelperImages',
    method: 'GET',
    path: `${sibling}/get-customer-config`,
    summary: 'The helper images of the account: what was set, or all that are in force',
    access: 'setting.view',
    query: siblingQuery.extend(customerQuery.shape),
    status: 200,
    reply: envelope(helperTags),
  }),
  updateHelperImages: endpoint({
    ...common,
    name: 'updateHelperImages',
    method: 'POST',
    path: `${sibling}/update-config`,
    summary: 'Set helper images in place of the default ones',
    access: 'setting.edit',
    query: siblingQuery,
    body: updateBody(helperImageFields),
    status: 200,
    reply: envelope(done),
  }),
  resetHelperImages: endpoint({
    ...common,
    name: 'resetHelperImages',
    method: 'POST',
    path: `${sibling}/reset-config`,
    summary: 'Go back to the default helper image of some fields',
    access: 'setting.edit',
    query: siblingQuery,
    body: resetBody(helperImageFields),
    status: 200,
    reply: envelope(done),
  }),
}
