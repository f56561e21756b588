// A change set as it travels between the programs; apart from its functions, so that a command that sends none does not load zod.
import { z } from 'zod'

/** Identity of a change set: FILENAME, ID and AUTHOR of the history table. `fqn` is `fileName::id::author`. */
export const changeSetIdentitySchema = z.object({
  fileName: z.string().max(1024),
  id: z.string().max(1024),
  author: z.string().max(1024),
})

export const changeSetDeploymentStatusSchema = z.enum([
  'Rolled_Back',
  'Successfully_Deployed',
  'Not_Deployed',
  'Deployment_Failed',
])

/** One change set of the changelog as it stands on one instance, in changelog order. */
export const changeSetOnInstanceSchema = changeSetIdentitySchema.extend({
  status: changeSetDeploymentStatusSchema,
  /** Why it is Not_Deployed although the changelog holds it (context, label, dbms, ignored), if so. */
  filteredBy: z.string().optional(),
  tag: z.string().optional(),
  comment: z.string().optional(),
  labels: z.string().optional(),
  contexts: z.string().optional(),
  checksum: z.string().optional(),
  /** Epoch milliseconds. */
  executedAt: z.int().optional(),
})

/** A change set of a plan with the SQL that it runs. Statements carry no trailing delimiter. */
export const plannedChangeSetSchema = changeSetIdentitySchema.extend({
  direction: z.enum(['apply', 'rollback']),
  comment: z.string().optional(),
  description: z.string(),
  statements: z.array(z.string()),
  /** Why the reverse of it is impossible, if it is. */
  irreversible: z.string().optional(),
})

/** What a preview step posts and what an approval shows. `digest` is sha-256 (hex) over `planDigestText` of each change set. */
export const planPayloadSchema = z.object({
  digest: z.string(),
  changeSets: z.array(plannedChangeSetSchema),
  /** The whole script in the format of update-sql or rollback-sql. */
  sql: z.string(),
})
