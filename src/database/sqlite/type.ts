// Data types of changelogs in SQLite's words, as the original engine translates them.
import { type TypeName, parameterList, parseTypeName } from '../type-name.ts'

type Translation = (type: TypeName) => string

const fixed =
  (name: string): Translation =>
  () =>
    name
const kept =
  (name: string): Translation =>
  ({ parameters, rest }) =>
    `${name}${parameterList(parameters)}${rest === '' ? '' : ` ${rest}`}`

const translations: readonly (readonly [Translation, readonly string[]])[] = [
  [fixed('INTEGER'), ['int', 'integer', 'int4', 'serial', 'serial4']],
  [kept('BIGINT'), ['bigint', 'int8', 'bigserial', 'serial8']],
  [kept('SMALLINT'), ['smallint', 'int2', 'smallserial', 'serial2']],
  [kept('TINYINT'), ['tinyint']],
  [kept('DECIMAL'), ['decimal']],
  [kept('NUMBER'), ['numeric', 'number']],
  [fixed('REAL'), ['currency', 'money', 'smallmoney']],
  [kept('FLOAT'), ['float', 'real']],
  [kept('DOUBLE'), ['double']],
  [kept('BOOLEAN'), ['boolean', 'bool', 'bit']],
  [kept('CHAR'), ['char', 'character', 'bpchar']],
  [kept('NCHAR'), ['nchar']],
  [kept('VARCHAR'), ['varchar', 'varchar2', 'character varying']],
  [kept('NVARCHAR'), ['nvarchar', 'nvarchar2']],
  [
    fixed('TEXT'),
    ['text', 'longtext', 'mediumtext', 'tinytext', 'ntext', 'clob', 'nclob', 'longvarchar', 'longnvarchar'],
  ],
  [kept('BLOB'), ['blob', 'longblob', 'binary', 'varbinary', 'image', 'longvarbinary', 'tinyblob', 'mediumblob']],
  [fixed('date'), ['date']],
  [fixed('time'), ['time', 'timetz']],
  [
    fixed('TEXT'),
    [
      'timestamp',
      'datetime',
      'datetime2',
      'smalldatetime',
      'timestamptz',
      'timestamp_with_timezone',
      'uuid',
      'uniqueidentifier',
    ],
  ],
  [fixed('TEXT'), ['xml', 'xmltype']],
]
const byName = new Map(translations.flatMap(([translate, names]) => names.map((name) => [name, translate] as const)))
const known = new Set(byName.keys())

/** A name that is not known is in capitals, with its parameters. */
export function typeText(type: string): string {
  const parsed = parseTypeName(type, known)
  const translate = byName.get(parsed.name)
  return translate ? translate(parsed) : kept(parsed.written.toUpperCase())(parsed)
}
