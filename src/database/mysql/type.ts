// Data types of changelogs in the words of MySQL and MariaDB, as the original engine translates them.
import { type TypeName, parameterList, parseTypeName } from '../type-name.ts'
import type { Flavour } from './flavour.ts'

type Translation = (type: TypeName, flavour: Flavour) => string

const fixed =
  (name: string): Translation =>
  () =>
    name
const withRest = (text: string, rest: string): string => (rest === '' ? text : `${text} ${rest}`)
const kept =
  (name: string): Translation =>
  ({ parameters, rest }) =>
    withRest(`${name}${parameterList(parameters)}`, rest)
/** `int(11) unsigned` → `INT unsigned`: the number in parentheses never meant anything but the width of a display. */
const whole =
  (name: string): Translation =>
  ({ rest }) =>
    withRest(name, rest)
const double =
  (name: string): Translation =>
  ({ parameters, rest }) =>
    withRest(`${name}${parameterList(parameters)}`, rest.toUpperCase())
/** Both servers keep at most microseconds. */
const digits = (parameters: readonly string[]): string =>
  parameterList(parameters.map((digit) => (Number(digit) > 6 ? '6' : digit)))

const translations: readonly (readonly [Translation, readonly string[]])[] = [
  [whole('INT'), ['int', 'integer', 'int4', 'serial', 'serial4']],
  [whole('BIGINT'), ['bigint', 'int8', 'bigserial', 'serial8']],
  [whole('SMALLINT'), ['smallint', 'int2', 'smallserial', 'serial2']],
  [whole('MEDIUMINT'), ['mediumint']],
  [kept('TINYINT'), ['tinyint']],
  [kept('DECIMAL'), ['decimal']],
  [fixed('DECIMAL'), ['currency', 'money', 'smallmoney']],
  [kept('numeric'), ['numeric', 'number']],
  [kept('FLOAT'), ['float']],
  [(type, flavour) => kept(type.parameters.length === 0 ? 'REAL' : 'FLOAT')(type, flavour), ['real']],
  [double('DOUBLE'), ['double']],
  [double('DOUBLE PRECISION'), ['double precision']],
  [(_type, { booleanType }) => booleanType, ['boolean', 'bool']],
  [kept('BIT'), ['bit']],
  [kept('CHAR'), ['char', 'character', 'bpchar']],
  [kept('NCHAR'), ['nchar']],
  [kept('VARCHAR'), ['varchar', 'varchar2', 'character varying']],
  [kept('NVARCHAR'), ['nvarchar', 'nvarchar2']],
  [fixed('TEXT'), ['text']],
  [fixed('TINYTEXT'), ['tinytext']],
  [fixed('MEDIUMTEXT'), ['mediumtext']],
  [fixed('LONGTEXT'), ['longtext', 'clob', 'ntext', 'longvarchar', 'longnvarchar', 'xml', 'xmltype']],
  [fixed('LONGTEXT CHARACTER SET utf8'), ['nclob']],
  [fixed('BLOB'), ['blob']],
  [fixed('TINYBLOB'), ['tinyblob']],
  [fixed('MEDIUMBLOB'), ['mediumblob']],
  [fixed('LONGBLOB'), ['longblob', 'longvarbinary', 'image']],
  [({ parameters }) => `BINARY${parameterList(parameters)}`, ['binary', 'binary varying']],
  [({ parameters }) => `VARBINARY${parameterList(parameters)}`, ['varbinary']],
  [fixed('date'), ['date']],
  [({ parameters }, { timeDigits }) => `time${timeDigits ? digits(parameters) : ''}`, ['time', 'timetz']],
  [({ parameters }) => `datetime${digits(parameters)}`, ['datetime', 'datetime2', 'smalldatetime']],
  [({ parameters, rest }) => withRest(`timestamp${digits(parameters)}`, rest), ['timestamp', 'timestamptz']],
  [(_type, { uuidType }) => uuidType, ['uuid', 'uniqueidentifier']],
]
const byName = new Map(translations.flatMap(([translate, names]) => names.map((name) => [name, translate] as const)))
const known = new Set(byName.keys())

/** A name that is not known is in capitals, with its parameters. */
export function typeText(type: string, flavour: Flavour): string {
  const parsed = parseTypeName(type, known)
  const translate = byName.get(parsed.name) ?? kept(parsed.written.toUpperCase())
  return translate(parsed, flavour)
}
