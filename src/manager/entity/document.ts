// What a project keeps as a YAML document: pipelines and input sets have the same columns and show them in the same way.
import type { Diagnostic } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import { milliseconds } from './change.ts'
import type { ProjectScope } from './scope.ts'

export const documentColumns = [
  'id',
  'identifier',
  'name',
  'description',
  'tags',
  'yaml',
  'created_at',
  'updated_at',
] as const
export interface DocumentRow {
  readonly id: string
  readonly identifier: string
  readonly name: string
  readonly description: string
  readonly tags: unknown
  readonly yaml: string
  readonly created_at: Date
  readonly updated_at: Date
}

/** All but the document itself, which each kind has under a name of its own. */
export const shownDocument = ({ org, project }: ProjectScope, row: DocumentRow) => ({
  identifier: row.identifier,
  name: row.name,
  org,
  project,
  description: row.description,
  tags: row.tags as Record<string, string>,
  created: milliseconds(row.created_at),
  updated: milliseconds(row.updated_at),
})

export interface DocumentIn {
  readonly name: string
  readonly description?: string | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
}
export const documentValues = (yaml: string, { name, description = '', tags = {} }: DocumentIn) => ({
  yaml,
  name,
  description,
  tags: JSON.stringify(tags),
})

/** Says the first error, and carries every finding. `what`: `The trigger`. */
export function invalidDocument(what: string, diagnostics: readonly Diagnostic[]): Fault {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const [first] = errors
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : ''
  const where = first?.span ? ` (line ${first.span.line}, column ${first.span.column})` : ''
  return new Fault('invalid-input', `${what} is not valid: ${first?.message}${where}${more}`, { diagnostics })
}

/** Says that documents are kept in the store and nowhere else. */
export function refuseRemote({ git_details: details }: { readonly git_details?: { readonly store_type?: string } }) {
  const { store_type: type = 'INLINE' } = details ?? {}
  if (type !== 'INLINE') throw new Fault('not-offered', `A document that is kept elsewhere (${type}) is not offered.`)
}
