// What a project keeps as a YAML document: pipelines and input sets have the same columns and show them in the same way.
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
