// Diagnostics: expected findings about what a user wrote. Values, returned and never thrown (ARCHITECTURE section 6).
import type { z } from 'zod'
import type { diagnosticSchema, spanSchema } from './diagnostic-schema.ts'

export type Span = z.infer<typeof spanSchema>
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
