// One entity as a YAML document: its kind, where it stands, its identifier, and what it says.
import { Fault } from '#contract/fault'

export interface EntityDocument {
  readonly kind: string
  readonly organization?: string
  readonly project?: string
  readonly schema?: string
  readonly pipeline?: string
  readonly identifier: string
  readonly spec: Readonly<Record<string, unknown>>
}

const keys = new Set(['kind', 'organization', 'project', 'schema', 'pipeline', 'identifier', 'spec'])
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads what a YAML parser gave. `place` names file and document in errors. */
export function readDocument(value: unknown, place: string): EntityDocument {
  const wrong = (message: string): Fault => new Fault('invalid-input', `${place}: ${message}`)
  if (!isObject(value)) throw wrong('is not an object with kind, identifier and spec.')
  for (const key of Object.keys(value)) if (!keys.has(key)) throw wrong(`has the unknown key ${key}.`)
  const text = (key: string): string | undefined => {
    const given = value[key]
    if (given !== undefined && typeof given !== 'string') throw wrong(`${key} must be a text.`)
    return given
  }
  const kind = text('kind')
  const identifier = text('identifier')
  if (kind === undefined || identifier === undefined) throw wrong('needs kind and identifier.')
  const spec = value['spec'] ?? {}
  if (!isObject(spec)) throw wrong('spec must be an object.')
  const [organization, project] = [text('organization'), text('project')]
  const [schema, pipeline] = [text('schema'), text('pipeline')]
  if (project !== undefined && organization === undefined) throw wrong('names a project and no organization.')
  return {
    kind,
    ...(organization === undefined ? {} : { organization }),
    ...(project === undefined ? {} : { project }),
    ...(schema === undefined ? {} : { schema }),
    ...(pipeline === undefined ? {} : { pipeline }),
    identifier,
    spec,
  }
}

/** `dbInstance default/shop/app/dev`: what people see, and what is the same entity. */
export function nameOf({ kind, organization, project, schema, pipeline, identifier }: EntityDocument): string {
  const scope = [organization, project, schema, pipeline].filter((part) => part !== undefined)
  return `${kind} ${[...scope, identifier].join('/')}`
}

/** Without what says nothing: empty texts, lists, maps, false and null. Both sides of a comparison are written so. */
export function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((entry) => withoutEmpty(entry) ?? entry)
  if (!isObject(value)) return value === '' || value === null || value === false ? undefined : value
  const kept = Object.entries(value)
    .map(([key, entry]) => [key, withoutEmpty(entry)] as const)
    .filter(([, entry]) => entry !== undefined && !(Array.isArray(entry) && entry.length === 0))
  return kept.length > 0 ? Object.fromEntries(kept) : undefined
}

/** Lines that say what differs, path by path; none when nothing does. */
export function differences(before: unknown, after: unknown, path = ''): string[] {
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted()
    return names.flatMap((name) => differences(before[name], after[name], path === '' ? name : `${path}.${name}`))
  }
  const [one, other] = [JSON.stringify(before), JSON.stringify(after)]
  if (one === other) return []
  if (isMultiline(before) || isMultiline(after)) return [`${path}: ${lineChanges(textOf(before), textOf(after))}`]
  return [`${path}: ${one ?? '(nothing)'} → ${other ?? '(nothing)'}`]
}

const isMultiline = (value: unknown): boolean => typeof value === 'string' && value.includes('\n')
const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** For texts of many lines: how many are new and how many are gone. */
function lineChanges(before: string, after: string): string {
  const [old, fresh] = [before.split('\n'), after.split('\n')]
  const added = fresh.filter((line) => !old.includes(line)).length
  const removed = old.filter((line) => !fresh.includes(line)).length
  return `text changes, ${added} lines added, ${removed} removed`
}
