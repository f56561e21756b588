// A snapshot as an indented text for people, in the shape that Liquibase prints.
import type { Attributes, SnapshotDocument } from './document.ts'

const indent = (depth: number): string => '    '.repeat(depth)
const column = 'liquibase.structure.core.Column'
/** Told by the head, or inside of their tables. */
const notListed = new Set(['liquibase.structure.core.Catalog', 'liquibase.structure.core.Schema', column])
/** The way back to the object that is being printed. */
const upwards = new Set(['table', 'foreignKeyTable', 'relation'])

export function snapshotText({ snapshot }: SnapshotDocument): string {
  return new TextWriter(snapshot.objects).write(snapshot)
}

class TextWriter {
  private readonly objects: SnapshotDocument['snapshot']['objects']
  private readonly byReference = new Map<string, Attributes>()

  constructor(objects: SnapshotDocument['snapshot']['objects']) {
    this.objects = objects
    for (const [className, list] of Object.entries(objects)) {
      for (const item of list) {
        const attributes = inside(item)
        this.byReference.set(`${className}#${String(attributes['snapshotId'])}`, attributes)
      }
    }
  }

  write({ database, snapshotControl }: SnapshotDocument['snapshot']): string {
    const types = inside(snapshotControl)['includedType'] as readonly string[]
    const user = database['user']
    const lines = [
      `Database snapshot for ${String(database['url'])}`,
      '-----------------------------------------------------------------',
      `Database type: ${String(database['productName'])}`,
      `Database version: ${String(database['productVersion'])}`,
      ...(typeof user === 'string' ? [`Database user: ${user}`] : []),
      'Included types:',
      ...types.map((type) => `${indent(1)}${type}`),
      '',
    ]
    for (const schema of this.listed('liquibase.structure.core.Schema')) lines.push(...this.schema(schema))
    return lines.join('\n')
  }

  private listed(className: string): readonly Attributes[] {
    return (this.objects[className] ?? []).map(inside)
  }

  private schema(schema: Attributes): readonly string[] {
    const catalog = this.byReference.get(String(schema['catalog']))
    const lines = [`Catalog & Schema: ${nameOf(catalog)} / ${nameOf(schema)}`]
    const reference = `liquibase.structure.core.Schema#${String(schema['snapshotId'])}`
    for (const className of Object.keys(this.objects).toSorted()) {
      if (notListed.has(className)) continue
      const here = this.listed(className).filter((object) => this.schemaOf(object) === reference)
      if (here.length === 0) continue
      lines.push(`${indent(1)}${className}:`)
      for (const object of here.toSorted((a, b) => compare(this.sortKey(a), this.sortKey(b)))) {
        lines.push(`${indent(2)}${nameOf(object)}`, ...this.attributes(object, 3, new Set()))
      }
      lines.push(indent(2))
    }
    lines.push(indent(1))
    return lines
  }

  /** Directly, or that of the table. */
  private schemaOf(object: Attributes): unknown {
    if (object['schema'] !== undefined) return object['schema']
    const table = this.byReference.get(String(object['table'] ?? object['foreignKeyTable']))
    return table?.['schema']
  }

  private sortKey(object: Attributes): string {
    const table = this.byReference.get(String(object['table'] ?? object['foreignKeyTable']))
    return `${nameOf(table)}\u0000${nameOf(object)}`
  }

  private attributes(object: Attributes, depth: number, skipped: ReadonlySet<string>): readonly string[] {
    return Object.entries(object).flatMap(([name, value]) => {
      if (['name', 'schema', 'snapshotId'].includes(name) || skipped.has(name)) return []
      if (Array.isArray(value)) return [`${indent(depth)}${name}: `, ...this.list(name, value, depth + 1, object)]
      const referred = typeof value === 'string' ? this.byReference.get(value) : undefined
      if (referred !== undefined) {
        const title = `${indent(depth)}${name}: ${nameOf(referred)}`
        return name === 'primaryKey' ? [title, ...this.attributes(referred, depth + 1, upwards)] : [title]
      }
      return [`${indent(depth)}${name}: ${shown(name, value).replaceAll('\n', `\n${indent(depth)}`)}`]
    })
  }

  private list(name: string, items: readonly unknown[], depth: number, object: Attributes): readonly string[] {
    const expanded = object['outgoingForeignKeys'] !== undefined || object['columns'] !== undefined
    const found = items.map((item) =>
      typeof item === 'string' ? this.byReference.get(item) : inside(item as Attributes),
    )
    const isRelation = name === 'columns' && object['table'] === undefined
    const ordered = isRelation ? found.toSorted((a, b) => compare(nameOf(a), nameOf(b))) : found
    return ordered.flatMap((item) => {
      if (item === undefined) return []
      const title = `${indent(depth)}${nameOf(item)}`
      const whole = isRelation || (expanded && name !== 'columns' && !name.endsWith('Columns'))
      return whole ? [title, ...this.attributes(item, depth + 1, upwards)] : [title]
    })
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const inside = (item: Attributes): Attributes => (Object.values(item)[0] ?? {}) as Attributes
const nameOf = (object: Attributes | undefined): string =>
  typeof object?.['name'] === 'string' ? object['name'] : 'null'

/** Without the Java type behind it. */
const plain = (value: unknown): string => {
  const text = String(value)
  const timestamp = /^(\S+)T(\d\d:\d\d:\d\d)(\.\d+)?!\{java\.sql\.Timestamp\}$/.exec(text)
  if (timestamp) return `${timestamp[1]} ${timestamp[2]}${timestamp[3] ?? '.0'}`
  return text.replace(/!\{[\w.$]+\}$/, '')
}

function shown(name: string, value: unknown): string {
  if (typeof value !== 'object' || value === null) return plain(value)
  const attributes = value as Attributes
  if (name === 'autoIncrementInformation') {
    const { startWith, incrementBy } = attributes
    return `GENERATED null AUTO INCREMENT START WITH ${plain(startWith)} INCREMENT BY ${plain(incrementBy)}`
  }
  return typeText(attributes)
}

/** `numeric(10, 2)`, `varchar(50 BYTE)`. */
function typeText(type: Attributes): string {
  const { typeName, columnSize, decimalDigits, dataTypeId, columnSizeUnit } = type
  if (columnSize === undefined) return String(typeName)
  const digits = decimalDigits === undefined ? '' : `, ${plain(decimalDigits)}`
  const unit = digits === '' && plain(dataTypeId) === '12' ? ` ${plain(columnSizeUnit)}` : ''
  return `${String(typeName)}(${plain(columnSize)}${digits}${unit})`
}
