// Data types of changelogs in PostgreSQL's words, as the original engine translates them.
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
/** `50 char` → `50`: PostgreSQL always counts characters. */
const characters =
  (name: string): Translation =>
  ({ parameters, rest }) =>
    kept(name)({
      name,
      written: name,
      rest,
      parameters: parameters.map((parameter) => parameter.replace(/\s+(?:char|byte)$/i, '')),
    })

const timestamp: Translation = ({ parameters, rest }) =>
  `TIMESTAMP${parameterList(parameters)} ${rest === '' ? 'WITHOUT TIME ZONE' : rest}`
const time: Translation = ({ parameters, rest }) =>
  `time${parameterList(parameters)} ${/^with\b/i.test(rest) ? 'WITH' : 'WITHOUT'} TIME ZONE`

const translations: readonly (readonly [Translation, readonly string[]])[] = [
  [fixed('INTEGER'), ['int', 'integer', 'int4', 'serial', 'serial4']],
  [fixed('BIGINT'), ['bigint', 'int8', 'bigserial', 'serial8']],
  [fixed('SMALLINT'), ['smallint', 'int2', 'smallserial', 'serial2', 'tinyint']],
  [kept('DECIMAL'), ['decimal']],
  [kept('DECIMAL'), ['currency', 'money', 'smallmoney']],
  [kept('numeric'), ['numeric', 'number']],
  [kept('FLOAT'), ['float']],
  [kept('REAL'), ['real']],
  [fixed('DOUBLE PRECISION'), ['double', 'double precision']],
  [fixed('BOOLEAN'), ['boolean', 'bool']],
  [kept('BIT'), ['bit']],
  [characters('CHAR'), ['char', 'character', 'bpchar']],
  [characters('NCHAR'), ['nchar']],
  [characters('VARCHAR'), ['varchar', 'varchar2', 'nvarchar', 'nvarchar2', 'character varying']],
  [
    fixed('TEXT'),
    ['text', 'longtext', 'mediumtext', 'tinytext', 'ntext', 'clob', 'nclob', 'longvarchar', 'longnvarchar'],
  ],
  [fixed('OID'), ['blob']],
  [fixed('BYTEA'), ['longblob', 'binary', 'varbinary', 'bytea', 'image', 'longvarbinary', 'tinyblob', 'mediumblob']],
  [fixed('date'), ['date']],
  [time, ['time']],
  [({ parameters }) => `time${parameterList(parameters)} WITH TIME ZONE`, ['timetz']],
  [timestamp, ['timestamp', 'datetime', 'datetime2', 'smalldatetime']],
  [
    ({ parameters }) => `TIMESTAMP${parameterList(parameters)} WITH TIME ZONE`,
    ['timestamptz', 'timestamp_with_timezone'],
  ],
  [fixed('UUID'), ['uuid', 'uniqueidentifier']],
  [fixed('XML'), ['xml', 'xmltype']],
]
const byName = new Map(translations.flatMap(([translate, names]) => names.map((name) => [name, translate] as const)))
const known = new Set(byName.keys())

/** A name that is not known is in capitals, with its parameters. */
export function typeText(type: string): string {
  const parsed = parseTypeName(type, known)
  const translate = byName.get(parsed.name)
  return translate ? translate(parsed) : kept(parsed.written.toUpperCase())(parsed)
}

/** `serial` and its like are numbers that count by themselves, also when the changelog does not say so. */
export const countsByItself = (type: string): boolean => /^(?:small|big)?serial[248]?$/i.test(type.trim())
