// Which objects a person wants to see: kinds, and patterns of names to include or exclude.
import { Fault } from '#contract/fault'
import type { Index, Schema, Snapshot, Table, View } from '#database/snapshot/model'
import { defaultTypes, type ObjectTypeName, objectTypeNamed } from './object-type.ts'

/** The table or view that an object is a part of. */
export interface Owner {
  readonly type: 'table' | 'view'
  readonly name: string
}

export interface Selection {
  readonly types: ReadonlySet<ObjectTypeName>
  readonly includes: (type: ObjectTypeName, name: string, owner?: Owner) => boolean
}

export interface SelectionOptions {
  readonly types?: ReadonlySet<ObjectTypeName>
  /** Comma list of regular expressions that match whole names, each with `type:` before it or not. At most one of the two. */
  readonly includeObjects?: string | undefined
  readonly excludeObjects?: string | undefined
}

interface Pattern {
  readonly type: ObjectTypeName | undefined
  readonly name: RegExp
}

/** Fault `usage` for patterns that are none. */
export function selectionOf(options: SelectionOptions): Selection {
  const types = options.types ?? defaultTypes
  const { includeObjects, excludeObjects } = options
  if (includeObjects !== undefined && excludeObjects !== undefined) {
    throw new Fault('usage', '--include-objects and --exclude-objects cannot be given together.', {
      hint: 'Say either what to look at or what to leave out.',
    })
  }
  const including = includeObjects !== undefined
  const patterns = (includeObjects ?? excludeObjects)?.split(',').map((text) => patternOf(text.trim())) ?? []
  const matches = (type: ObjectTypeName, name: string): boolean =>
    patterns.some((pattern) => (pattern.type === undefined || pattern.type === type) && pattern.name.test(name))
  return {
    types,
    includes: (type, name, owner) => {
      if (!types.has(type)) return false
      if (patterns.length === 0) return true
      const found = matches(type, name) || (owner !== undefined && matches(owner.type, owner.name))
      return found === including
    },
  }
}

function patternOf(text: string): Pattern {
  const colon = /^([\w ]+):(.*)$/s.exec(text)
  const type = colon?.[1] === undefined ? undefined : objectTypeNamed(colon[1])
  if (colon?.[1] !== undefined && type === undefined) {
    throw new Fault('usage', `"${colon[1]}" in the pattern "${text}" is not a kind of object.`, {
      hint: 'Write for example table:order_.* or column:secret.',
    })
  }
  const source = colon?.[2] ?? text
  const flagged = /^\(\?i\)(.*)$/s.exec(source)
  try {
    return { type, name: new RegExp(`^(?:${flagged?.[1] ?? source})$`, flagged ? 'iu' : 'u') }
  } catch (cause) {
    throw new Fault('usage', `The pattern "${text}" is not a regular expression.`, { cause })
  }
}

/** The snapshot without what is not selected. What stands on a column that is left out is left out with it. */
export function selected(snapshot: Snapshot, selection: Selection): Snapshot {
  return { ...snapshot, schemas: snapshot.schemas.map((schema) => selectedSchema(schema, selection)) }
}

function selectedSchema(schema: Schema, { includes }: Selection): Schema {
  return {
    ...schema,
    tables: schema.tables.filter(({ name }) => includes('table', name)).map((table) => selectedTable(table, includes)),
    views: schema.views.filter(({ name }) => includes('view', name)).map((view) => selectedView(view, includes)),
    // What goes with a column is part of its table.
    sequences: schema.sequences.filter(({ name, ownedBy }) =>
      includes('sequence', name, ownedBy && { type: 'table', name: ownedBy.tableName }),
    ),
    routines: schema.routines.filter(({ kind, name }) =>
      includes(kind === 'function' ? 'function' : 'procedure', name),
    ),
    types: schema.types.filter(({ kind, name }) =>
      includes(kind === 'enum' || kind === 'domain' ? kind : 'type', name),
    ),
  }
}

type Includes = Selection['includes']

function selectedTable(table: Table, includes: Includes): Table {
  const owner: Owner = { type: 'table', name: table.name }
  const left = table.columns.filter(({ name }) => includes('column', name, owner))
  const names = new Set(left.map(({ name }) => name))
  const whole = left.length === table.columns.length
  const has = (columns: readonly string[]): boolean => whole || columns.every((column) => names.has(column))
  const isIn = (type: ObjectTypeName, name: string | undefined): boolean => includes(type, name ?? '', owner)
  const { primaryKey } = table
  return {
    ...table,
    columns: left,
    primaryKey: primaryKey && has(primaryKey.columns) && isIn('primaryKey', primaryKey.name) ? primaryKey : undefined,
    uniqueConstraints: table.uniqueConstraints.filter(
      ({ name, columns }) => has(columns) && isIn('uniqueConstraint', name),
    ),
    foreignKeys: table.foreignKeys.filter(({ name, columns }) => has(columns) && isIn('foreignKey', name)),
    checks: table.checks.filter(({ name }) => isIn('check', name)),
    indexes: table.indexes.filter((index) => has(plainColumns(index)) && isIn('index', index.name)),
    triggers: table.triggers.filter(({ name }) => isIn('trigger', name)),
    // The text of the database tells of all columns.
    definition: whole ? table.definition : undefined,
  }
}

const plainColumns = (index: Index): readonly string[] =>
  index.columns.filter((column) => !column.computed).map((column) => column.name)

function selectedView(view: View, includes: Includes): View {
  const owner: Owner = { type: 'view', name: view.name }
  return {
    ...view,
    columns: view.columns.filter(({ name }) => includes('column', name, owner)),
    indexes: view.indexes.filter(({ name }) => includes('index', name, owner)),
    triggers: view.triggers.filter(({ name }) => includes('trigger', name, owner)),
  }
}
