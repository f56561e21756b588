// Types and defaults of columns of MySQL and MariaDB, with the numbers that the JDBC driver gives for them.
// Source: snapshots that Liquibase 4.33 took of MariaDB 10.11 with driver 3, and recorded ones of MySQL 8.
import type { Row } from '../port.ts'
import { numberOf, optional, textOf } from '../snapshot/group.ts'
import type { ColumnType, DefaultValue } from '../snapshot/model.ts'

const jdbcTypes: Readonly<Record<string, number>> = {
  bit: -7,
  tinyint: -6,
  smallint: 5,
  mediumint: 4,
  int: 4,
  bigint: -5,
  decimal: 3,
  float: 7,
  double: 8,
  char: 1,
  varchar: 12,
  enum: 1,
  set: 1,
  tinytext: -1,
  text: -1,
  mediumtext: -1,
  longtext: -1,
  json: -1,
  tinyblob: -4,
  blob: -4,
  mediumblob: -4,
  longblob: -4,
  binary: -2,
  varbinary: -3,
  date: 91,
  year: 91,
  time: 92,
  datetime: 93,
  timestamp: 93,
}
const spatial = /^(?:geometry|point|linestring|polygon|multi\w+|geom(?:etry)?collection)$/
const longest = 2_147_483_647
const isText = (type: string): boolean => /char|text|enum|set|json|^bit$|^year$/.test(type)

/** `isMariadb` because the two drivers differ in sizes and in spatial types. */
export function columnType(row: Row, isMariadb: boolean): ColumnType {
  const type = textOf(row['type_name']).toLowerCase()
  const text = textOf(row['type'])
  const length = numberOf(row['length'])
  const octets = length === undefined ? undefined : Math.min(length, longest)
  const isBoolean = /^tinyint\(1\)$/i.test(text)
  const unsigned = /unsigned/i.test(text) ? ' UNSIGNED' : ''
  const name =
    type === 'enum' || type === 'set' ? text.replace(/^\w+/, type.toUpperCase()) : `${type.toUpperCase()}${unsigned}`
  const scale = numberOf(row['scale'])
  const isSpatial = !isMariadb && spatial.test(type)
  const hasDigits = type === 'decimal' || (!isMariadb && (type === 'double' || type === 'float'))
  return {
    text,
    name: isBoolean ? 'BOOLEAN' : isSpatial ? 'GEOMETRY' : name,
    jdbc: isBoolean ? 16 : isSpatial ? -2 : (jdbcTypes[type] ?? 1111),
    size: sizeOf(type, row, octets, unsigned !== '', isMariadb),
    digits: hasDigits && scale !== 0 ? scale : undefined,
    octets,
    radix: 10,
  }
}

function sizeOf(
  type: string,
  row: Row,
  octets: number | undefined,
  unsigned: boolean,
  isMariadb: boolean,
): number | undefined {
  if (!isMariadb && (type === 'bit' || (type === 'float' && numberOf(row['scale']) !== undefined))) {
    return numberOf(row['precision'])
  }
  if (type === 'date' || type === 'time') return 10
  if (type === 'datetime' || type === 'timestamp') return numberOf(row['digits']) ?? 0
  if (type === 'decimal' || type === 'double') return numberOf(row['precision'])
  if (type === 'bigint' && unsigned) return 20
  return type === 'enum' || type === 'set' ? undefined : octets
}

/** MySQL tells expressions as texts in which quotes and backslashes are escaped; they become what one would write. */
export function plainExpressions(row: Row): Row {
  const named: Readonly<Record<string, string>> = { n: '\n', r: '\r', 0: '\0' }
  const plain = (text: string): string => text.replaceAll(/\\([\s\S])/g, (_all, one: string) => named[one] ?? one)
  const names = ['expression', 'clause', ...(/DEFAULT_GENERATED/i.test(textOf(row['extra'])) ? ['default_value'] : [])]
  const entries = Object.entries(row).map(([name, value]): [string, Row[string]] => [
    name,
    names.includes(name) && typeof value === 'string' ? plain(value) : value,
  ])
  return Object.fromEntries(entries)
}

/**
 * MariaDB gives the expression as one would write it, MySQL a bare text and says in `extra` when it is an expression. `extra` may
 * hold what happens on update, which the original engine takes for a part of the default.
 */
export function defaultValue(row: Row, quoted: boolean): DefaultValue | undefined {
  const raw = row['default_value']
  const type = textOf(row['type_name']).toLowerCase()
  if (raw === null || raw === undefined) return undefined
  const given = textOf(raw)
  const extra = textOf(row['extra'])
  const isExpression =
    quoted || /DEFAULT_GENERATED/i.test(extra) || /^(?:current_timestamp|b')/i.test(given) || !isText(type)
  const isDate = ['date', 'time', 'datetime', 'timestamp'].includes(type)
  const bare = !quoted && (!isExpression || (isDate && /^\d/.test(given)))
  // What is no literal and not the present time stands in parentheses there.
  const composed = !quoted && /DEFAULT_GENERATED/i.test(extra) && !/^current_timestamp\b/i.test(given)
  const plain = composed ? `(${given})` : given
  const expression = bare ? `'${given.replaceAll('\\', '\\\\').replaceAll("'", "''")}'` : plain
  const onUpdate = optional(/on update .*$/i.exec(extra)?.[0])
  if (onUpdate !== undefined) {
    const whole = `${expression} ${onUpdate.toLowerCase()}`
    return { kind: 'function', text: whole, expression: whole }
  }
  return { ...meaning(expression, type, textOf(row['type'])), expression }
}

function meaning(expression: string, type: string, text: string): Pick<DefaultValue, 'kind' | 'text'> {
  // Nothing at all; to the original engine it is a text in columns of texts.
  if (/^null$/i.test(expression)) return { kind: isText(type) ? 'text' : 'function', text: 'NULL' }
  const sequence = /^nextval\((?:`[^`]+`\.)?`([^`]+)`\)$/i.exec(expression)?.[1]
  if (sequence !== undefined) return { kind: 'sequence-next', text: sequence }
  const literal = unquoted(expression)
  if (literal !== undefined) {
    if (type === 'date' && /^\d{4}-\d\d-\d\d$/.test(literal)) return { kind: 'date', text: literal }
    if (type === 'time' && /^\d\d:\d\d:\d\d$/.test(literal)) return { kind: 'time', text: literal }
    if (/^(?:datetime|timestamp)$/.test(type) && /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(literal)) {
      return { kind: 'timestamp', text: literal.replace(' ', 'T') }
    }
    return isText(type) && type !== 'bit' ? { kind: 'text', text: literal } : { kind: 'function', text: expression }
  }
  const isNumber = /^-?\d+(?:\.\d+)?$/.test(expression) && /int|decimal|float|double/.test(type)
  return { kind: isNumber && !/^tinyint\(1\)/i.test(text) ? 'number' : 'function', text: expression }
}

function unquoted(expression: string): string | undefined {
  const inside = /^'((?:[^'\\]|''|\\[\s\S])*)'$/.exec(expression)?.[1]
  const named: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0' }
  return inside?.replaceAll(/''|\\([\s\S])/g, (_all, escaped: string | undefined) =>
    escaped === undefined ? "'" : (named[escaped] ?? escaped),
  )
}
