// What an unquoted YAML 1.1 scalar means, and the text it then becomes: `010` is `8`, `yes` is `true`, `1:20` is `80`.
import { dateText, doubleText, timestampText } from './java-text.ts'

/** `text` undefined is null. */
export interface ResolvedScalar {
  readonly text: string | undefined
}

const nothing = /^(?:~|null|Null|NULL|)$/
const truth = /^(?:yes|Yes|YES|true|True|TRUE|on|On|ON)$/
const untruth = /^(?:no|No|NO|false|False|FALSE|off|Off|OFF)$/
const decimal = /^[-+]?(?:0|[1-9][0-9_]*)$/
const octal = /^[-+]?0[0-7_]+$/
const binary = /^[-+]?0b[01_]+$/
const hexadecimal = /^[-+]?0x[0-9a-fA-F_]+$/
const sexagesimal = /^[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+$/
const fraction = /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?$/
const exponential = /^[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+$/
const sexagesimalFraction = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*$/
const infinity = /^([-+]?)\.(?:inf|Inf|INF)$/
const notANumber = /^\.(?:nan|NaN|NAN)$/
const day = /^(\d{4})-(\d\d)-(\d\d)$/
const moment =
  /^(\d{4})-(\d\d?)-(\d\d?)(?:[Tt]|[ \t]+)(\d\d?):(\d\d):(\d\d)(?:\.\d*)?(?:[ \t]*(?:(Z)|([-+])(\d\d?)(?::?(\d\d))?))?$/

/** An unquoted scalar without a tag. */
export function resolvePlain(source: string): ResolvedScalar {
  if (nothing.test(source)) return { text: undefined }
  // Most scalars are words; only these first characters can start anything else.
  if (!/^[-+.0-9yYnNtTfFoO]/.test(source)) return { text: source }
  if (truth.test(source)) return { text: 'true' }
  if (untruth.test(source)) return { text: 'false' }
  const number = integerText(source) ?? floatText(source)
  if (number !== undefined) return { text: number }
  return resolveTime(source) ?? { text: source }
}

/** A scalar with one of YAML's own tags, such as `!!str`; undefined when the tag is unknown or does not fit. */
export function resolveTagged(tag: string, source: string): ResolvedScalar | undefined {
  switch (tag) {
    case '!':
    case 'tag:yaml.org,2002:str':
      return { text: source }
    case 'tag:yaml.org,2002:null':
      return { text: undefined }
    case 'tag:yaml.org,2002:bool':
      return truth.test(source) ? { text: 'true' } : untruth.test(source) ? { text: 'false' } : undefined
    case 'tag:yaml.org,2002:int':
      return fit(integerText(source))
    case 'tag:yaml.org,2002:float':
      return fit(floatText(source) ?? (decimal.test(source) ? doubleText(Number(plain(source))) : undefined))
    case 'tag:yaml.org,2002:timestamp':
      return resolveTime(source)
    default:
      return undefined
  }
}

const fit = (text: string | undefined) => (text === undefined ? undefined : { text })
const plain = (source: string) => source.replaceAll('_', '')

function integerText(source: string): string | undefined {
  const negative = source.startsWith('-')
  const digits = plain(source.replace(/^[-+]/, ''))
  const signed = (value: bigint) => String(negative ? -value : value)
  if (decimal.test(source)) return signed(BigInt(digits))
  // `0_` and `0b_` have no digits left and stay text, where the original engine fails.
  if (octal.test(source)) return digits === '0' ? undefined : signed(BigInt(`0o${digits.slice(1)}`))
  if (binary.test(source) || hexadecimal.test(source)) return digits.length < 3 ? undefined : signed(BigInt(digits))
  if (sexagesimal.test(source)) {
    return signed(digits.split(':').reduce((sum, part) => sum * 60n + BigInt(part), 0n))
  }
  return undefined
}

function floatText(source: string): string | undefined {
  if (fraction.test(source) || exponential.test(source)) return doubleText(Number(plain(source)))
  if (sexagesimalFraction.test(source)) {
    const parts = plain(source.replace(/^[-+]/, '')).split(':')
    const value = parts.reduce((sum, part) => sum * 60 + Number(part), 0)
    return doubleText(source.startsWith('-') ? -value : value)
  }
  const infinite = infinity.exec(source)
  if (infinite) return infinite[1] === '-' ? '-Infinity' : 'Infinity'
  return notANumber.test(source) ? 'NaN' : undefined
}

function resolveTime(source: string): ResolvedScalar | undefined {
  const date = day.exec(source)
  if (date) return { text: dateText(utc(date.slice(1).map(Number))) }
  const parts = moment.exec(source)
  if (!parts) return undefined
  const value = utc(parts.slice(1, 7).map(Number))
  const sign = parts[8]
  if (sign === undefined) return { text: timestampText(value) }
  const minutes = Number(parts[9]) * 60 + Number(parts[10] ?? 0)
  return { text: dateText(new Date(value.getTime() - (sign === '-' ? -minutes : minutes) * 60_000)) }
}

/** Months count from 1; what overflows is carried on, as a lenient Java calendar does. */
function utc(parts: readonly number[]): Date {
  const [year = 0, month = 1, dayOfMonth = 1, hour = 0, minute = 0, second = 0] = parts
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, dayOfMonth)
  date.setUTCHours(hour, minute, second)
  return date
}
