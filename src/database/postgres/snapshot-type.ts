// The type of a PostgreSQL column with the numbers that the JDBC driver gives for it, which readers of snapshots expect.
// Source: snapshots that Liquibase 4.33 took with driver 42.7 of a table with every type.
import { numberOf, optional, textOf } from '../snapshot/group.ts'
import type { ColumnType } from '../snapshot/model.ts'
import type { Row } from '../port.ts'

/** What the driver says when there is no bound. */
const unlimited = 2_147_483_647

const jdbcTypes: Readonly<Record<string, number>> = {
  int2: 5,
  int4: 4,
  int8: -5,
  oid: -5,
  float4: 7,
  float8: 8,
  numeric: 2,
  money: 8,
  bpchar: 1,
  char: 1,
  varchar: 12,
  text: 12,
  name: 12,
  bool: -7,
  bit: -7,
  bytea: -2,
  date: 91,
  time: 92,
  timetz: 92,
  timestamp: 93,
  timestamptz: 93,
  xml: 2009,
}
const other = 1111
const byKind: Readonly<Record<string, number>> = { e: 12, d: 2001, c: 2002 }

const widths: Readonly<Record<string, number>> = {
  int2: 5,
  int4: 10,
  oid: 10,
  int8: 19,
  float4: 8,
  float8: 17,
  bool: 1,
  char: 1,
  date: 13,
  interval: 49,
}
/** Width without the fraction of a second. */
const clockWidths: Readonly<Record<string, number>> = { time: 8, timetz: 14, timestamp: 22, timestamptz: 28 }

/** Types whose width is part of the type as the original engine prints it. */
const sized = new Set(['int2', 'time', 'timetz', 'interval', 'varchar', 'bpchar', 'bit', 'varbit', 'numeric', 'char'])

export function columnType(row: Row): ColumnType {
  const element = optional(row['element_name'])
  const domain = row['type_kind'] === 'd'
  const name = textOf(row['type_name'])
  const base = element ?? (domain ? (optional(row['base_name']) ?? name) : name)
  const modifier = numberOf(domain ? row['base_modifier'] : row['modifier']) ?? -1
  const octets = widthOf(base, modifier)
  const known = element === undefined
  return {
    text: textOf(row['type']),
    name: known ? name : `${element}[]`,
    jdbc: known ? (byKind[textOf(row['type_kind'])] ?? jdbcTypes[name] ?? other) : 2003,
    octets,
    size: known ? sizeOf(base, modifier, octets, domain) : undefined,
    digits: known ? digitsOf(base, modifier) : undefined,
    radix: base === 'bit' || base === 'varbit' ? 2 : 10,
  }
}

function widthOf(type: string, modifier: number): number {
  const clock = clockWidths[type]
  if (clock !== undefined) {
    const digits = modifier === -1 ? 6 : modifier
    // One digit is as wide as two: the driver counts so.
    return digits === 0 ? clock : clock + 1 + Math.max(digits, 2)
  }
  const width = widths[type]
  if (width !== undefined) return width
  if (type === 'numeric') return modifier === -1 ? 0 : ((modifier - 4) >> 16) & 0xffff
  if (type === 'varchar' || type === 'bpchar') return modifier === -1 ? unlimited : modifier - 4
  if (type === 'bit' || type === 'varbit') return modifier === -1 ? unlimited : modifier
  return unlimited
}

function sizeOf(type: string, modifier: number, octets: number, domain: boolean): number | undefined {
  if (type === 'timestamp') return modifier > 0 && modifier < 6 ? modifier : undefined
  if (octets === unlimited || octets === 0) return undefined
  return domain || sized.has(type) ? octets : undefined
}

function digitsOf(type: string, modifier: number): number | undefined {
  if (type === 'time' || type === 'timetz') return modifier === -1 ? 6 : modifier
  if (type === 'interval') return modifier === -1 ? 6 : modifier & 0xffff
  if (type !== 'numeric' || modifier === -1) return undefined
  // Since PostgreSQL 15 the scale is a signed number of eleven bits.
  const scale = (((modifier - 4) & 0x7ff) ^ 1024) - 1024
  return scale === 0 ? undefined : scale
}
