// Bodies of what lives in the account, an organization or a project and is addressed like the platform services do (wire contract 2.5).
import { z } from 'zod'
import { descriptionSchema, epochMillisecondsSchema, identifierSchema, nameSchema, tagsSchema } from '../identifier.ts'
import { permissionNamed, resourceTypes } from '../permission.ts'

const place = {
  accountId: z.string().max(256).optional(),
  accountIdentifier: z.string().max(256).optional(),
  orgIdentifier: z.string().max(128).nullish(),
  projectIdentifier: z.string().max(128).nullish(),
}
const named = {
  identifier: identifierSchema,
  name: nameSchema,
  description: descriptionSchema.nullish(),
  tags: tagsSchema.nullish(),
}
const shownPlace = {
  accountIdentifier: z.string(),
  orgIdentifier: z.string().optional(),
  projectIdentifier: z.string().optional(),
}
const shownNamed = {
  identifier: z.string(),
  name: z.string(),
  description: z.string(),
  tags: z.record(z.string(), z.string()),
}
const times = { createdAt: epochMillisecondsSchema, lastModifiedAt: epochMillisecondsSchema }
const yaml = z.string().max(262_144).nullish()

export const environmentTypeSchema = z.enum(['Production', 'PreProduction'])
export const environmentInSchema = z.object({
  ...place,
  ...named,
  type: environmentTypeSchema,
  color: z.string().max(32).nullish(),
  yaml,
})
export const environmentOutSchema = z.object({
  environment: z.object({
    accountId: z.string(),
    orgIdentifier: z.string().optional(),
    projectIdentifier: z.string().optional(),
    ...shownNamed,
    type: environmentTypeSchema,
    color: z.string(),
    yaml: z.string().optional(),
    deleted: z.literal(false),
  }),
  ...times,
})
export const serviceInSchema = z.object({ ...place, ...named, yaml })
export const serviceOutSchema = z.object({
  service: z.object({
    accountId: z.string(),
    orgIdentifier: z.string().optional(),
    projectIdentifier: z.string().optional(),
    ...shownNamed,
    yaml: z.string().optional(),
    deleted: z.literal(false),
  }),
  ...times,
})

export const userGroupInSchema = z.object({
  ...place,
  ...named,
  /** Ids or e-mail addresses of users. */
  users: z.array(z.string().min(1).max(254)).max(5000).nullish(),
  notificationConfigs: z.array(z.unknown()).max(64).nullish(),
  /** Name of the group in the claim of the identity provider; its members come and go with their sign-ins. */
  ssoGroupId: z.string().max(256).nullish(),
  ssoGroupName: z.string().max(256).nullish(),
  externallyManaged: z.boolean().nullish(),
})
export const userGroupOutSchema = z.object({
  ...shownPlace,
  ...shownNamed,
  users: z.array(z.string()),
  /** The same as people know them. */
  userEmails: z.array(z.string()),
  notificationConfigs: z.array(z.unknown()),
  ssoLinked: z.boolean(),
  ssoGroupId: z.string().optional(),
  ssoGroupName: z.string().optional(),
  externallyManaged: z.boolean(),
})

export const serviceAccountInSchema = z.object({ ...place, ...named, email: z.string().max(254).nullish() })
export const serviceAccountOutSchema = z.object({
  ...shownPlace,
  ...shownNamed,
  email: z.string(),
  extendable: z.boolean(),
})
export const serviceAccountAggregateSchema = z.object({
  serviceAccount: serviceAccountOutSchema,
  ...times,
  tokensCount: z.int(),
})

const permissionName = z
  .string()
  .max(128)
  .refine((name) => permissionNamed(name) !== undefined, 'Is no permission that Sluice knows; see docs/access.md.')
const scopeLevels = z.array(z.enum(['account', 'organization', 'project']))
export const roleInSchema = z.object({
  ...named,
  permissions: z.array(permissionName).max(256).nullish(),
  allowedScopeLevels: scopeLevels.max(3).nullish(),
})
const harnessManaged = z.boolean()
const scopeOut = z.object(shownPlace)
export const roleOutSchema = z.object({
  role: z.object({ ...shownNamed, permissions: z.array(z.string()), allowedScopeLevels: scopeLevels }),
  scope: scopeOut,
  harnessManaged,
  ...times,
})

const includedScope = z.object({
  filter: z.enum(['EXCLUDING_CHILD_SCOPES', 'INCLUDING_CHILD_SCOPES']),
  accountIdentifier: z.string().max(256).nullish(),
  orgIdentifier: z.string().max(128).nullish(),
  projectIdentifier: z.string().max(128).nullish(),
})
const resourceType = z
  .string()
  .max(64)
  .refine((name) => name in resourceTypes, `Must be one of ${Object.keys(resourceTypes).join(', ')}.`)
export const resourceGroupContentSchema = z.object({
  includedScopes: z.array(includedScope).max(256).nullish(),
  resourceFilter: z
    .object({
      includeAllResources: z.boolean().nullish(),
      resources: z
        .array(
          z.object({
            resourceType,
            /** None: all of the type. A DB instance is named `schema/instance`. */
            identifiers: z.array(z.string().min(1).max(260)).max(1000).nullish(),
          }),
        )
        .max(64)
        .nullish(),
    })
    .nullish(),
})
const resourceGroupFields = {
  ...place,
  ...named,
  color: z.string().max(32).nullish(),
  allowedScopeLevels: scopeLevels.max(3).nullish(),
  ...resourceGroupContentSchema.shape,
}
export const resourceGroupInSchema = z.object({ resourceGroup: z.object(resourceGroupFields) })
export const resourceGroupOutSchema = z.object({
  resourceGroup: z.object({
    ...shownPlace,
    ...shownNamed,
    color: z.string(),
    allowedScopeLevels: scopeLevels,
    includedScopes: z.array(z.looseObject({ filter: z.string() })),
    resourceFilter: z.looseObject({ includeAllResources: z.boolean() }),
  }),
  harnessManaged,
  ...times,
})

export const principalSchema = z.object({
  type: z.enum(['USER', 'USER_GROUP', 'SERVICE_ACCOUNT']),
  /** Id or e-mail address of a user, identifier of a group or service account. */
  identifier: z.string().min(1).max(254),
  scopeLevel: z.enum(['account', 'organization', 'project', 'ACCOUNT', 'ORGANIZATION', 'PROJECT']).nullish(),
})
export const roleAssignmentInSchema = z.object({
  /** Made up when it is left out. */
  identifier: z
    .string()
    .regex(/^[\w-]{1,128}$/, 'Letters, digits, _ and -; at most 128.')
    .nullish(),
  roleIdentifier: z.string().min(1).max(128),
  resourceGroupIdentifier: z.string().min(1).max(128),
  principal: principalSchema,
  disabled: z.boolean().nullish(),
  managed: z.boolean().nullish(),
})
export const roleAssignmentOutSchema = z.object({
  roleAssignment: z.object({
    identifier: z.string(),
    roleIdentifier: z.string(),
    resourceGroupIdentifier: z.string(),
    principal: z.object({ type: z.string(), identifier: z.string(), scopeLevel: z.string() }),
    disabled: z.boolean(),
    managed: z.boolean(),
  }),
  scope: scopeOut,
  harnessManaged,
  ...times,
})
