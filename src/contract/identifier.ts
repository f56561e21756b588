// Identifiers, names and tags: the patterns and limits that every resource shares (reference: wire contract 1.4, 3.1).
import { z } from 'zod'

/** Organizations, projects, connectors, secrets, pipelines, stages and steps. */
export const identifierSchema = z
  .string()
  .regex(
    /^[a-zA-Z_][0-9a-zA-Z_]{0,127}$/,
    'Start with a letter or _, then letters, digits or _; at most 128 characters.',
  )
/** DB schemas and DB instances: as above, `$` allowed. */
export const databaseIdentifierSchema = z
  .string()
  .regex(
    /^[a-zA-Z_][0-9a-zA-Z_$]{0,127}$/,
    'Start with a letter or _, then letters, digits, _ or $; at most 128 characters.',
  )

export const nameSchema = z.string().min(1).max(128)
export const descriptionSchema = z.string().max(1024)
export const tagsSchema = z
  .record(z.string().max(128), z.string().max(128))
  .refine((tags) => Object.keys(tags).length <= 128, 'At most 128 tags.')
/** A reference to a connector or secret: `id` (project), `org.id`, `account.id`. */
export const scopedReferenceSchema = z
  .string()
  .regex(/^(?:account\.|org\.)?[a-zA-Z_][0-9a-zA-Z_]{0,127}$/, 'Use id, org.id or account.id.')

/** Several secrets for one purpose, tried in order until one is accepted: `new_password,old_password`. At most 8. */
export const secretReferencesSchema = z
  .string()
  .max(1200)
  .regex(
    /^(?:account\.|org\.)?[a-zA-Z_]\w{0,127}(?:\s*,\s*(?:account\.|org\.)?[a-zA-Z_]\w{0,127}){0,7}$/,
    'Use id, org.id or account.id; several with commas between, at most 8.',
  )

/** Epoch seconds, as the compatible API has them on entities. */
export const epochSecondsSchema = z.int().nonnegative()
/** Epoch milliseconds, as used for executions and events; ends with the year 9999, which every database can hold. */
export const epochMillisecondsSchema = z.int().nonnegative().max(253_402_300_799_999)
/** A row id of the store: a bigint as text. */
export const rowIdSchema = z
  .string()
  .regex(/^\d{1,19}$/)
  .refine((id) => id.length < 19 || id <= '9223372036854775807', 'Larger than a 64-bit number.')
