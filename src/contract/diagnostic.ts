// Diagnostics: expected findings about what a user wrote. Values, returned and never thrown (ARCHITECTURE section 6).
import { z } from 'zod'

/** A place in a file of the user. `line` and `column` count from 1, columns in UTF-16 code units. */
export const spanSchema = z.object({
  file: z.string(),
  line: z.int().positive(),
  column: z.int().positive(),
  endLine: z.int().positive().optional(),
  endColumn: z.int().positive().optional(),
})
export type Span = z.infer<typeof spanSchema>

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
export type Diagnostic = z.infer<typeof diagnosticSchema>

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error')
}

/** `file:line:column severity code: message` and, on a second line, what to do. The one textual form, for terminal and log. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { span, severity, code, message, fix } = diagnostic
  const place = span ? `${span.file}:${span.line}:${span.column} ` : ''
  return `${place}${severity} ${code}: ${message}${fix ? `\n    fix: ${fix}` : ''}`
}
