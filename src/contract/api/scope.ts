// Path parameters that several resources share, and the empty answer.
import { z } from 'zod'
import { databaseIdentifierSchema, identifierSchema } from '../identifier.ts'

export const noParamsSchema = z.object({})
export const orgParamsSchema = z.object({ org: identifierSchema })
export const projectParamsSchema = z.object({ org: identifierSchema, project: identifierSchema })
export const schemaParamsSchema = projectParamsSchema.extend({ dbschema: databaseIdentifierSchema })
export const instanceParamsSchema = schemaParamsSchema.extend({ dbinstance: databaseIdentifierSchema })
export const executionParamsSchema = projectParamsSchema.extend({ execution: z.string().min(1).max(64) })

export const noContentSchema = z.null()

/** The scopes that connectors and secrets belong to, in the query: both absent is the account. */
export const scopeQuery = {
  accountIdentifier: z.string().max(256).optional(),
  routingId: z.string().max(256).optional(),
  orgIdentifier: identifierSchema.optional(),
  projectIdentifier: identifierSchema.optional(),
}

export const ORG = '/v1/orgs/{org}'
export const PROJECT = `${ORG}/projects/{project}`
export const SCHEMA = `${PROJECT}/dbschema/{dbschema}`
