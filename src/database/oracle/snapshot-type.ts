// Types and defaults of columns of Oracle, with the numbers that its JDBC driver gives for them. Written from the vendor's
// documentation, not verified on a server: https://docs.oracle.com/en/database/oracle/oracle-database/19/jjdbc/
import type { Row } from '../port.ts'
import { numberOf, optional, textOf } from '../snapshot/group.ts'
import type { AutoIncrement, ColumnType, DefaultValue } from '../snapshot/model.ts'

const jdbcTypes: Readonly<Record<string, number>> = {
  NUMBER: 3,
  FLOAT: 6,
  BINARY_FLOAT: 100,
  BINARY_DOUBLE: 101,
  VARCHAR2: 12,
  NVARCHAR2: -9,
  CHAR: 1,
  NCHAR: -15,
  LONG: -1,
  CLOB: 2005,
  NCLOB: 2011,
  BLOB: 2004,
  RAW: -3,
  'LONG RAW': -4,
  DATE: 93,
  ROWID: -8,
  XMLTYPE: 2009,
  BOOLEAN: 16,
}

export function columnType(row: Row): ColumnType {
  const whole = textOf(row['type_name'])
  // The digits of a fraction of a second are part of the name: TIMESTAMP(6) WITH TIME ZONE.
  const name = whole.replace(/\(\d+\)/g, '')
  const isText = /CHAR/.test(name)
  const isNumber = name === 'NUMBER'
  const size = isText ? numberOf(row['characters']) : numberOf(row[isNumber ? 'precision' : 'length'])
  return {
    text: typeText(row, whole),
    name: isText || isNumber ? name : whole,
    jdbc: jdbcTypes[name] ?? timeType(name),
    size: isText || isNumber || name === 'RAW' ? size : undefined,
    digits: isNumber ? numberOf(row['scale']) : undefined,
    octets: isText || name === 'RAW' ? numberOf(row['length']) : undefined,
    radix: isNumber ? 10 : undefined,
  }
}

function timeType(name: string): number {
  if (name.endsWith('WITH LOCAL TIME ZONE')) return -102
  if (name.endsWith('WITH TIME ZONE')) return -101
  return name.startsWith('TIMESTAMP') ? 93 : 1111
}

/** As one would write it. `NUMBER(*, 0)` is what INTEGER becomes. */
function typeText(row: Row, name: string): string {
  const owner = optional(row['type_owner'])
  if (owner !== undefined && owner !== 'PUBLIC' && name !== 'XMLTYPE') return `"${owner}"."${name}"`
  const precision = optional(row['precision'])
  const scale = optional(row['scale'])
  switch (name) {
    case 'VARCHAR2':
    case 'CHAR':
      return `${name}(${textOf(row['characters'])} ${row['unit'] === 'C' ? 'CHAR' : 'BYTE'})`
    case 'NVARCHAR2':
    case 'NCHAR':
      return `${name}(${textOf(row['characters'])})`
    case 'RAW':
      return `RAW(${textOf(row['length'])})`
    case 'FLOAT':
      return `FLOAT(${precision ?? '126'})`
    case 'NUMBER':
      if (precision === undefined) return scale === undefined ? name : `NUMBER(*, ${scale})`
      return `NUMBER(${precision}, ${scale ?? '0'})`
    default:
      return name
  }
}

/** Undefined for that of an identity column, whose value comes from a sequence without a name of its own. */
export function defaultValue(row: Row): DefaultValue | undefined {
  const expression = optional(row['default_value'])?.trim()
  if (expression === undefined || expression === '' || row['generation']) return undefined
  return { ...meaning(expression, textOf(row['type_name'])), expression }
}

function meaning(text: string, type: string): Pick<DefaultValue, 'kind' | 'text'> {
  if (/^null$/i.test(text)) return { kind: 'function', text: 'NULL' }
  const sequence = /^(?:"?[\w$#]+"?\.)?"?([\w$#]+)"?\."?nextval"?$/i.exec(text)?.[1]
  if (sequence !== undefined) return { kind: 'sequence-next', text: sequence }
  const literal = /^N?'((?:[^']|'')*)'$/i.exec(text)?.[1]?.replaceAll("''", "'")
  if (literal !== undefined && /CHAR|CLOB/.test(type)) return { kind: 'text', text: literal }
  if (/^-?\d+(?:\.\d+)?$/.test(text) && /^(?:NUMBER|FLOAT|BINARY_)/.test(type)) return { kind: 'number', text }
  const moment = /^(?:timestamp\s*'|to_(?:date|timestamp)\(\s*')(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d))?'/i.exec(text)
  if (moment && /^date\s*'/i.test(text)) return { kind: 'date', text: moment[1] ?? '' }
  return { kind: 'function', text }
}

/** `START WITH: 1, INCREMENT BY: 1, MAX_VALUE: …` as all_tab_identity_cols tells it. */
export function autoIncrement(row: Row): AutoIncrement | undefined {
  const generation = optional(row['generation'])
  if (generation === undefined) return undefined
  const options = textOf(row['identity'])
  const option = (name: string): string | undefined => new RegExp(`${name}: (-?\\d+)`).exec(options)?.[1]
  return {
    startWith: option('START WITH'),
    incrementBy: option('INCREMENT BY'),
    generation,
    options: '',
  }
}
