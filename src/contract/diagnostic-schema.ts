// Diagnostics as they travel; apart from the functions over them, so that a command that sends none does not load zod.
import { z } from 'zod'

/** A place in a file of the user. `line` and `column` count from 1, columns in UTF-16 code units. */
export const spanSchema = z.object({
  file: z.string(),
  line: z.int().positive(),
  column: z.int().positive(),
  endLine: z.int().positive().optional(),
  endColumn: z.int().positive().optional(),
})

/**
 * One finding. `code` is stable and kebab-case (for example `changelog/duplicate-identity`), so that scripts and
 * documentation can refer to it. `message` says what is wrong, `fix` what to do about it.
 */
export const diagnosticSchema = z.object({
  code: z.string(),
  severity: z.enum(['error', 'warning', 'info']),
  message: z.string(),
  span: spanSchema.optional(),
  fix: z.string().optional(),
})
