// The kinds of objects that snapshots, diffs and generated changelogs tell apart, under the names that Liquibase users know.
import { Fault } from '#contract/fault'

interface ObjectType {
  /** Class in a Liquibase snapshot; undefined for what its open-source core does not know. */
  readonly className: string | undefined
  /** Singular, as in `table:pattern`. */
  readonly title: string
  /** As in `--diff-types`, lower case. */
  readonly plural: string
  /** Looked at unless types are named. */
  readonly byDefault: boolean
}

const core = 'liquibase.structure.core'
const known = (className: string, title: string, plural: string): ObjectType => ({
  className: `${core}.${className}`,
  title,
  plural,
  byDefault: true,
})
const own = (title: string, plural: string, byDefault = true): ObjectType => ({
  className: undefined,
  title,
  plural,
  byDefault,
})

/** In the order of diffs: that of the titles. */
export const objectTypes = {
  catalog: known('Catalog', 'Catalog', 'catalogs'),
  check: own('Check Constraint', 'checkconstraints'),
  column: known('Column', 'Column', 'columns'),
  data: own('Data', 'data', false),
  domain: own('Domain', 'domains'),
  enum: own('Enum', 'enums'),
  foreignKey: known('ForeignKey', 'Foreign Key', 'foreignkeys'),
  function: own('Function', 'functions'),
  index: known('Index', 'Index', 'indexes'),
  primaryKey: known('PrimaryKey', 'Primary Key', 'primarykeys'),
  schema: known('Schema', 'Schema', 'schemas'),
  sequence: known('Sequence', 'Sequence', 'sequences'),
  procedure: own('Stored Procedure', 'storedprocedures'),
  table: known('Table', 'Table', 'tables'),
  trigger: own('Trigger', 'triggers'),
  type: own('Type', 'types'),
  uniqueConstraint: known('UniqueConstraint', 'Unique Constraint', 'uniqueconstraints'),
  view: known('View', 'View', 'views'),
} as const satisfies Record<string, ObjectType>

export type ObjectTypeName = keyof typeof objectTypes
export const objectTypeNames = Object.keys(objectTypes) as readonly ObjectTypeName[]

export const defaultTypes: ReadonlySet<ObjectTypeName> = new Set(
  objectTypeNames.filter((name) => objectTypes[name].byDefault),
)

/** `table`, `Tables`, `Foreign Key` and `liquibase.structure.core.ForeignKey` are all known. */
export function objectTypeNamed(text: string): ObjectTypeName | undefined {
  const wanted = plain(text.replace(/^.*\./, ''))
  return objectTypeNames.find((name) => {
    const { title, plural } = objectTypes[name]
    return [plain(name), plain(title), plural].includes(wanted)
  })
}

const plain = (text: string): string => text.toLowerCase().replaceAll(/[\s_-]/g, '')

/** A comma list, or the default for none. Fault `usage` for a name that is not known. */
export function objectTypesOf(list: string | undefined, setting: string): ReadonlySet<ObjectTypeName> {
  if (list === undefined) return defaultTypes
  const types = list.split(',').map((item) => {
    const type = objectTypeNamed(item.trim())
    if (type !== undefined) return type
    const plurals = objectTypeNames.map((name) => objectTypes[name].plural)
    throw new Fault('usage', `--${setting}: "${item.trim()}" is not a kind of object.`, {
      hint: `Known are ${plurals.join(', ')}.`,
    })
  })
  return new Set(types)
}
