// The text form of a change that is hashed into its checksum: one sorted line for each attribute, nested with four blanks.

/** A value in that form; undefined is left out. */
export type Printed = string | PrintedObject | PrintedMap | PrintedList
export interface PrintedObject {
  readonly kind: 'object'
  readonly fields: readonly (readonly [name: string, value: Printed | undefined])[]
}
export interface PrintedMap {
  readonly kind: 'map'
  readonly entries: readonly (readonly [key: string, value: string])[]
}
export interface PrintedList {
  readonly kind: 'list'
  readonly items: readonly (string | PrintedObject)[]
}

const indent = (level: number): string => ' '.repeat(4 * level)

/** `name:[…]`, the whole text of one change. */
export function serialise(name: string, object: PrintedObject): string {
  return `${name}:${printObject(object, 1)}`.replace(/\r\n?/g, '\n')
}

function printObject(object: PrintedObject, level: number): string {
  const blanks = indent(level)
  const lines: string[] = []
  for (const [name, value] of object.fields) {
    if (value !== undefined) lines.push(blanks + printField(name, value, level))
  }
  // UTF-16 code unit order of whole lines, as a sorted set does it: equal lines are one.
  const sorted = lines.length > 1 ? [...new Set(lines)].sort() : lines
  return `[${sorted.length > 0 ? `\n${sorted.join('\n')}\n` : ''}${sorted.length > 0 ? indent(level - 1) : ''}]`
}

function printField(name: string, value: Printed, level: number): string {
  if (typeof value === 'string') return `${name}="${value}"`
  if (value.kind === 'object') return printObject(value, level + 1)
  return `${name}=${value.kind === 'list' ? printList(value, level + 1) : printMap(value, level + 1)}`
}

function printList(list: PrintedList, level: number): string {
  if (list.items.length === 0) return '[]'
  const items = list.items.map(
    (item) => indent(level) + (typeof item === 'string' ? item : printObject(item, level + 1)),
  )
  return `[\n${items.join(',\n')}\n${indent(level - 1)}]`
}

function printMap(map: PrintedMap, level: number): string {
  if (map.entries.length === 0) return '[]'
  const sorted = [...map.entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const entries = sorted.map(([key, value]) => `${indent(level)}${key}="${value}"`)
  return `{\n${entries.join(',\n')}\n${indent(level - 1)}}`
}
