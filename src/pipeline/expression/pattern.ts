// Regular expressions that people write: matched in linear time, whatever they are.
import { RE2JS } from 're2js'

const LONGEST = 1024

/** Undefined with a reason when it is no pattern that can be matched in linear time (look-around and back references cannot). */
export function compilePattern(text: string): { readonly pattern: RE2JS } | { readonly problem: string } {
  if (text.length > LONGEST) return { problem: `the pattern has more than ${LONGEST} characters` }
  try {
    return { pattern: RE2JS.compile(text) }
  } catch (error) {
    return { problem: `\`${text.slice(0, 128)}\` is no pattern: ${(error as Error).message}` }
  }
}

/** Does the pattern match the whole of the text? A pattern that is none matches nothing. */
export function matchesWhole(pattern: string, text: string): boolean {
  const compiled = compilePattern(pattern)
  return 'pattern' in compiled && compiled.pattern.matches(text)
}
