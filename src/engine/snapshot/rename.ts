// Tells a snapshot as it would be if its schemas had other names, so that it can be compared with the one that has those.
import type { Dependency, Schema, Snapshot } from '#database/snapshot/model'

type Names = ReadonlyMap<string, string>

/** Texts of the database that name objects; everything else is a name itself and stays. */
const textKeys = new Set(['query', 'definition', 'expression', 'text', 'bound', 'by', 'options'])
const schemaKeys = new Set(['referencedSchema', 'schemaName'])

/** `names`: the new name of each schema, by the old one. Schemas that are not in it keep theirs. */
export function withSchemaNames(snapshot: Snapshot, names: Names): Snapshot {
  const changed = new Map([...names].filter(([from, to]) => from !== to))
  if (changed.size === 0) return snapshot
  const rename = textRenamer(snapshot, changed)
  const visit = (value: unknown, key: string): unknown => {
    if (typeof value === 'string') {
      if (schemaKeys.has(key)) return changed.get(value) ?? value
      return textKeys.has(key) ? rename(value) : value
    }
    if (Array.isArray(value)) return value.map((item) => visit(item, key))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, visit(part, name)]))
  }
  return {
    ...snapshot,
    schemas: snapshot.schemas.map((schema) => ({
      ...(visit(schema, '') as Schema),
      name: changed.get(schema.name ?? '') ?? schema.name,
    })),
    dependencies: snapshot.dependencies.map(
      ({ from, on }): Dependency => ({
        from: keyRenamed(from, changed),
        on: keyRenamed(on, changed),
      }),
    ),
  }
}

/** A key is `kind:schema.name`; a name of a schema may hold a dot itself. */
function keyRenamed(key: string, names: Names): string {
  const colon = key.indexOf(':') + 1
  for (const [from, to] of names) {
    if (key.startsWith(`${from}.`, colon)) return `${key.slice(0, colon)}${to}${key.slice(colon + from.length)}`
  }
  return key
}

/** A literal, which stays unless it names an object (`'a.b'::regclass`), or a name with another behind it. */
const pattern =
  /('(?:[^']|'')*')(::regclass)?|(?<![\w$".`\]])("(?:[^"]|"")+"|`(?:[^`]|``)+`|\[[^\]]+\]|[A-Za-z_][\w$]*)\.(?=("(?:[^"]|"")+"|`(?:[^`]|``)+`|\[[^\]]+\]|[A-Za-z_][\w$]*))/g

/** A schema counts as named only before the name of one of its objects: it might be an alias of a table otherwise. */
function textRenamer(snapshot: Snapshot, names: Names): (text: string) => string {
  const objects = new Map(snapshot.schemas.map((schema) => [schema.name ?? '', new Set(objectNames(schema))]))
  const rename = (text: string): string =>
    text.replaceAll(pattern, (whole, literal: string | undefined, cast, schema: string, object: string) => {
      if (literal !== undefined) {
        return cast === undefined ? whole : `'${rename(literal.slice(1, -1))}'${String(cast)}`
      }
      const from = bare(schema)
      const to = names.get(from)
      if (to === undefined || !objects.get(from)?.has(bare(object))) return whole
      return `${quotedLike(schema, to)}.`
    })
  return rename
}

const objectNames = ({ tables, views, sequences, routines, types }: Schema): readonly string[] =>
  [...tables, ...views, ...sequences, ...routines, ...types].map(({ name }) => name)

/** What stands between quotes, or the whole. */
function bare(name: string): string {
  const quote = name.charAt(0)
  if (quote === '"' || quote === '`') return name.slice(1, -1).replaceAll(quote + quote, quote)
  return quote === '[' ? name.slice(1, -1) : name
}

function quotedLike(old: string, name: string): string {
  const quote = old.charAt(0)
  if (quote === '`') return `\`${name.replaceAll('`', '``')}\``
  if (quote === '[') return `[${name}]`
  return quote !== '"' && /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}
