// Values for columns, as attributes of `column`: every way to give one, and contents that break careless quoting.
import type { Dice } from '../dice.ts'
import type { Ground, Type } from './ground.ts'
import type { Attributes } from './model.ts'
import type { World } from './world.ts'

const texts = [
  '',
  "it's",
  'say "hi"',
  'null',
  'NULL',
  'tab\there',
  'two\nlines',
  'größe ✓',
  'C:\\dir\\',
  'a;b',
  '-- none',
  '/* no */',
  '${unknown}',
  '100%',
  ' pad ',
  '<b>&amp;</b>',
  ':name',
  '?',
  "''",
  '\\',
  '$1',
  'true',
  '0',
  'x,y',
  '#',
  'Ω≈ç',
  'current_timestamp?',
  '{json}',
  '[x]',
  '@v',
  '\u00a0',
  'now',
  '😀',
]

/** `valueNumeric`, `value` and the like for an insert or update. */
export function valueOf(type: Type, dice: Dice, ground: Ground): Attributes {
  switch (type.kind) {
    case 'text':
    case 'long text':
      if (dice.chance(0.08)) return { valueComputed: "upper('abc')" }
      return { value: textOf(type, dice) }
    case 'integer': {
      const number = dice.pick([0, 1, -1, 42, type.most ?? 100])
      const positive = type.name.includes('unsigned') ? Math.abs(number) : number
      if (dice.chance(0.2)) return { value: String(positive) }
      if (dice.chance(0.1)) return { valueComputed: '1 + 1' }
      return { valueNumeric: dice.chance(0.5) ? positive : String(positive) }
    }
    case 'decimal':
      if (dice.chance(0.2)) return { value: dice.pick(['1.5', '-0.25']) }
      return {
        valueNumeric: dice.pick<string | number>(['10.50', '-0.25', '1000', '+3', '007', 12.5, -1, '1e2', '(4.5)']),
      }
    case 'float':
      return { valueNumeric: dice.pick<string | number>(['0.5', '-2.25', 1.5, '100', 1e6, '1.50']) }
    case 'boolean':
      return dice.chance(0.8)
        ? { valueBoolean: dice.pick<string | boolean>([true, false, 'true', 'FALSE']) }
        : { valueBoolean: '1' }
    case 'date':
      return dice.chance(0.2)
        ? { value: '2021-02-03' }
        : { valueDate: dice.pick(['2020-01-02', '1999-12-31', '2024-02-29']) }
    case 'time':
      return dice.chance(0.2) ? { value: '04:05:06' } : { valueDate: dice.pick(['03:04:05', '23:59:59']) }
    case 'datetime':
      if (dice.chance(0.15)) return { value: '2021-02-03 04:05:06' }
      if (dice.chance(0.1)) return { valueComputed: ground.computedDate }
      return {
        valueDate: dice.pick([
          '2020-01-02T03:04:05',
          '2020-01-02 03:04:05',
          '2020-01-02T03:04:05.120',
          '2020-01-02',
          '2020-01-02T03:04:05.0',
        ]),
      }
    case 'uuid':
      return { value: '0b6f9a4e-61b5-4d5e-9d5c-0a4f3f1f2a10' }
    case 'json':
      return { value: dice.pick(['{"a": 1}', '[]', '{"it\'s": "x"}']) }
    case 'binary':
      break
  }
  return { value: 'NULL' }
}

/** The next number of a sequence, some of the time, as the attribute of that name. */
export function nextOf({ dice, sequences }: World, type: Type, attribute: string): Attributes | undefined {
  // A dot in a value means a schema to Sluice and is a part of the name to the original.
  const named = sequences.filter(({ name }) => !name.includes('.'))
  if (named.length === 0 || !/^(?:int|bigint)$/i.test(type.name) || !dice.chance(0.6)) return undefined
  const sequence = dice.pick(named)
  sequence.bound = true
  return { [attribute]: sequence.name }
}

function textOf(type: Type, dice: Dice): string {
  const text = type.kind === 'long text' && dice.chance(0.1) ? 'long text '.repeat(400) : dice.pick(texts)
  // Never through the middle of a character.
  return Array.from(text)
    .slice(0, type.length ?? text.length)
    .join('')
}

/** `defaultValue…` attributes, or none where the database takes none. */
export function presetOf(type: Type, dice: Dice, ground: Ground): Attributes | undefined {
  switch (type.kind) {
    case 'text':
      return { defaultValue: textOf(type, dice) }
    case 'long text':
      return ground.name === 'mariadb' ? undefined : { defaultValue: textOf(type, dice) }
    case 'integer':
      if (dice.chance(0.1)) return { defaultValue: '7' }
      return dice.chance(0.2)
        ? { defaultValueComputed: ground.name === 'postgresql' ? '1 + 2' : '(1 + 2)' }
        : { defaultValueNumeric: dice.pick<string | number>([0, -5, '12', 99]) }
    case 'decimal':
      return { defaultValueNumeric: dice.pick<string | number>(['10.50', 0, '0.0', '-1.5', 2.5]) }
    case 'float':
      return { defaultValueNumeric: dice.pick<string | number>(['1.5', 0, -2]) }
    case 'boolean':
      return { defaultValueBoolean: dice.chance(0.5) }
    case 'date':
      return { defaultValueDate: '2020-01-02' }
    case 'time':
      return { defaultValueDate: '03:04:05' }
    case 'datetime':
      if (dice.chance(0.3))
        return { defaultValueComputed: dice.pick([ground.computedDate, 'CURRENT_TIMESTAMP', 'current_datetime']) }
      return { defaultValueDate: dice.pick(['2020-01-02T03:04:05', '2020-01-02 03:04:05', '2020-01-02T03:04:05.5']) }
    case 'uuid':
    case 'json':
    case 'binary':
      break
  }
  return undefined
}
