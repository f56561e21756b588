// Data types of changelogs in Oracle's words, as the original engine translates them.
import { type TypeName, parameterList, parseTypeName } from '../type-name.ts'

type Translation = (type: TypeName) => string

const fixed =
  (name: string): Translation =>
  () =>
    name
const kept =
  (name: string): Translation =>
  ({ parameters }) =>
    `${name}${parameterList(parameters)}`

/** A zone is part of the type, the lack of one is not said. */
const timestamp: Translation = ({ parameters, rest }) =>
  `TIMESTAMP${parameterList(parameters)}${/^with\b/i.test(rest) ? ` ${rest}` : ''}`

const translations: readonly (readonly [Translation, readonly string[]])[] = [
  [fixed('NUMBER(3)'), ['tinyint']],
  [fixed('NUMBER(5)'), ['smallint', 'int2', 'smallserial', 'serial2']],
  [fixed('INTEGER'), ['int', 'integer', 'int4', 'serial', 'serial4']],
  [fixed('NUMBER(38, 0)'), ['bigint', 'int8', 'bigserial', 'serial8']],
  [kept('DECIMAL'), ['decimal']],
  [kept('NUMBER'), ['numeric', 'number']],
  [kept('FLOAT'), ['float', 'real']],
  [fixed('DOUBLE PRECISION'), ['double', 'double precision']],
  [fixed('NUMBER(15, 2)'), ['currency', 'money', 'smallmoney']],
  [kept('CHAR'), ['char', 'character', 'bpchar']],
  [kept('NCHAR'), ['nchar']],
  [kept('VARCHAR2'), ['varchar', 'varchar2', 'character varying']],
  [kept('NVARCHAR2'), ['nvarchar', 'nvarchar2']],
  [fixed('CLOB'), ['text', 'ntext', 'longtext', 'mediumtext', 'tinytext', 'clob', 'longvarchar', 'longnvarchar']],
  [fixed('NCLOB'), ['nclob']],
  [fixed('BLOB'), ['blob', 'longblob', 'mediumblob', 'tinyblob', 'image', 'longvarbinary']],
  [kept('RAW'), ['binary', 'varbinary']],
  [({ written, parameters }) => `${written}${parameterList(parameters)}`, ['raw']],
  [fixed('date'), ['date']],
  [fixed('DATE'), ['time', 'timetz']],
  [timestamp, ['timestamp', 'timestamptz', 'datetime', 'datetime2', 'smalldatetime']],
  [fixed('RAW(16)'), ['uuid', 'uniqueidentifier']],
  [fixed('XMLTYPE'), ['xml', 'xmltype']],
]
const byName = new Map(translations.flatMap(([translate, names]) => names.map((name) => [name, translate] as const)))
const booleans = new Set(['boolean', 'bool', 'bit'])
const known = new Set([...byName.keys(), ...booleans])

/** Oracle has booleans since version 23. Without a version it is taken for the newest. */
export const booleanType = (majorVersion: number | undefined): string =>
  majorVersion !== undefined && majorVersion < 23 ? 'NUMBER(1)' : 'BOOLEAN'

/** A name that is not known is in capitals and loses its parameters, as with the original engine. */
export function typeText(type: string, majorVersion: number | undefined): string {
  if (/^\s*interval\b/i.test(type)) return type.trim()
  const parsed = parseTypeName(type.trim().replace(/^(?:\[([\w ]+)\]|"([\w ]+)")(?!\.)/, '$1$2'), known)
  if (booleans.has(parsed.name)) return booleanType(majorVersion)
  return byName.get(parsed.name)?.(parsed) ?? parsed.written.toUpperCase()
}

/** `serial` and its like are numbers that count by themselves, also when the changelog does not say so. */
export const countsByItself = (type: string): boolean => /^(?:small|big)?serial[248]?$/i.test(type.trim())
