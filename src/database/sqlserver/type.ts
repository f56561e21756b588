// Data types of changelogs in SQL Server's words, as the original engine translates them.
import { type TypeName, parameterList, parseTypeName } from '../type-name.ts'
import { quoteName } from './quote.ts'

type Translation = (type: TypeName) => string

const fixed =
  (name: string): Translation =>
  () =>
    name
const withRest = (text: string, rest: string): string => (rest === '' ? text : `${text} ${rest}`)
const kept =
  (name: string): Translation =>
  ({ parameters }) =>
    `${name}${parameterList(parameters)}`

/** A length up to `most`; one that varies can be MAX, one that is fixed ends there. `50 char` is 50. */
const sized =
  (name: string, most: number, beyond: string): Translation =>
  ({ parameters, rest }) => {
    const length = (parameters[0] ?? '1').replace(/\s+char$/i, '')
    const fits = /^\d+$/.test(length) && Number(length) <= most
    return withRest(`${name}(${fits ? length : beyond})`, rest)
  }

/** Scale 0 is written out, and so is the default precision. */
const exact =
  (name: string): Translation =>
  ({ parameters: [precision = '18', scale = '0'] }) =>
    `${name}(${precision}, ${scale})`

/** Fractions of a second finer than the default of 7 digits do not exist. */
const moment: Translation = ({ parameters }) =>
  `datetime2${Number(parameters[0] ?? 7) < 7 ? parameterList(parameters.slice(0, 1)) : ''}`

const translations: readonly (readonly [Translation, readonly string[]])[] = [
  [fixed('bit'), ['bit', 'boolean', 'bool']],
  [fixed('tinyint'), ['tinyint']],
  [fixed('smallint'), ['smallint', 'int2', 'smallserial', 'serial2']],
  [fixed('int'), ['int', 'integer', 'int4', 'serial', 'serial4', 'mediumint']],
  [fixed('bigint'), ['bigint', 'int8', 'bigserial', 'serial8']],
  [exact('decimal'), ['decimal']],
  [exact('numeric'), ['numeric', 'number']],
  [({ parameters: [precision = '53'] }) => `float(${precision})`, ['float']],
  [({ parameters: [precision] }) => (precision === undefined ? 'real' : `float(${precision})`), ['real']],
  [fixed('float(53)'), ['double', 'double precision']],
  [fixed('money'), ['money', 'currency']],
  [fixed('smallmoney'), ['smallmoney']],
  [sized('char', 8000, '8000'), ['char', 'character', 'bpchar']],
  [sized('nchar', 4000, '4000'), ['nchar']],
  [sized('varchar', 8000, 'MAX'), ['varchar', 'varchar2', 'character varying']],
  [sized('nvarchar', 4000, 'MAX'), ['nvarchar', 'nvarchar2']],
  [fixed('varchar (max)'), ['text']],
  [fixed('nvarchar (max)'), ['ntext']],
  [fixed('varchar(MAX)'), ['longtext', 'mediumtext', 'tinytext', 'clob', 'longvarchar', 'longnvarchar']],
  [fixed('nvarchar(MAX)'), ['nclob']],
  [({ parameters: [length = 'MAX'] }) => `varbinary(${length})`, ['blob']],
  [fixed('varbinary(MAX)'), ['longblob', 'mediumblob', 'tinyblob', 'longvarbinary']],
  [({ parameters: [length = '1'] }) => `binary(${length})`, ['binary']],
  [sized('varbinary', 8000, 'MAX'), ['varbinary']],
  [fixed('image'), ['image']],
  [fixed('date'), ['date']],
  [kept('time'), ['time', 'timetz']],
  [fixed('datetime'), ['datetime']],
  [fixed('smalldatetime'), ['smalldatetime']],
  [moment, ['datetime2', 'timestamp', 'timestamptz']],
  [kept('datetimeoffset'), ['datetimeoffset']],
  [fixed('uniqueidentifier'), ['uuid', 'uniqueidentifier']],
  [kept('xml'), ['xml', 'xmltype']],
]
const byName = new Map(translations.flatMap(([translate, names]) => names.map((name) => [name, translate] as const)))
const known = new Set(byName.keys())

/** A name that is not known stays as it is, in brackets when it needs them. */
export function typeText(type: string): string {
  const parsed = parseTypeName(withoutBrackets(type), known)
  const translate = byName.get(parsed.name)
  if (translate) return translate(parsed)
  const parts = parsed.written.split('.').map((part) => (part.startsWith('[') ? part : quoteName(part, 'LEGACY')))
  return withRest(`${parts.join('.')}${parameterList(parsed.parameters)}`, parsed.rest)
}

/** `[varchar](10)` is how management tools write `varchar(10)`. */
const withoutBrackets = (type: string): string => type.trim().replace(/^(?:\[([\w ]+)\]|"([\w ]+)")(?!\.)/, '$1$2')

/** `serial` and its like are numbers that count by themselves, also when the changelog does not say so. */
export const countsByItself = (type: string): boolean => /^(?:small|big)?serial[248]?$/i.test(type.trim())
