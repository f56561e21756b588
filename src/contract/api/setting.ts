// Settings of the account, an organization or a project, as the compatible API lists and changes them.
import { z } from 'zod'
import { endpoint } from '../endpoint.ts'
import { epochMillisecondsSchema } from '../identifier.ts'
import { platformQuerySchema } from '../platform.ts'
import { settingNameSchema } from '../setting.ts'
import { noParamsSchema } from './scope.ts'

export const settingSchema = z.object({
  identifier: settingNameSchema,
  name: z.string(),
  description: z.string(),
  category: z.literal('DBOPS'),
  groupIdentifier: z.string(),
  /** Every value is a text, also that of a number. */
  value: z.string(),
  valueType: z.enum(['Number']),
  defaultValue: z.string(),
  /** May organizations and projects below the scope that set it set another value? */
  allowOverrides: z.boolean(),
  allowedScopes: z.array(z.enum(['account', 'org', 'project'])),
  /** The scope whose value counts. */
  settingSource: z.enum(['DEFAULT', 'ACCOUNT', 'ORG', 'PROJECT']),
  /** False: a scope above holds it. */
  isSettingEditable: z.boolean(),
})
export type Setting = z.output<typeof settingSchema>
const listedSchema = z.object({ setting: settingSchema, lastModifiedAt: epochMillisecondsSchema.nullable() })
const changeSchema = z.object({
  identifier: settingNameSchema,
  /** Not needed to restore. */
  value: z.string().max(256).nullish(),
  /** Stays as it is when it is left out; at first nobody below may set another value. */
  allowOverrides: z.boolean().nullish(),
  /** RESTORE: back to what the scope above says. */
  updateType: z.enum(['UPDATE', 'RESTORE']),
})
export type SettingChange = z.output<typeof changeSchema>

const common = { tag: 'Settings', envelope: 'platform', status: 200 } as const
export const settingEndpoints = {
  listSettings: endpoint({
    ...common,
    name: 'listSettings',
    method: 'GET',
    path: '/ng/api/settings',
    summary: 'List settings with the values that count in the scope',
    access: 'setting.view',
    params: noParamsSchema,
    query: platformQuerySchema.extend({
      category: z.string().max(64).optional(),
      groupIdentifier: z.string().max(64).optional(),
    }),
    reply: z.array(listedSchema),
  }),
  updateSettings: endpoint({
    ...common,
    name: 'updateSettings',
    method: 'PUT',
    path: '/ng/api/settings',
    summary: 'Change settings of the scope, or let what is above count again: all of the body or none',
    access: 'setting.edit',
    params: noParamsSchema,
    query: platformQuerySchema,
    body: z.array(changeSchema).min(1).max(100),
    reply: z.array(
      listedSchema.extend({
        identifier: settingNameSchema,
        updateStatus: z.literal(true),
        errorMessage: z.string().nullable(),
      }),
    ),
  }),
  getSetting: endpoint({
    ...common,
    name: 'getSetting',
    method: 'GET',
    path: '/ng/api/settings/{identifier}',
    summary: 'The value of one setting in the scope',
    access: 'setting.view',
    params: z.object({ identifier: z.string().max(128) }),
    query: platformQuerySchema,
    reply: z.object({ valueType: z.enum(['Number']), value: z.string() }),
  }),
}
