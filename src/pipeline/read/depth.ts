// Refuses hostile nesting before the YAML library builds a tree of it: it recurses, and a deep text takes the process down.
import { Lexer } from 'yaml'

const DEEPEST_FLOW = 64
/** Every level of a block needs a column or an indicator of its own on the line. */
const DEEPEST_LINE = 400

/** Linear in the text; about 0.4 s for the largest text that is read. */
export function isTooDeep(source: string): boolean {
  let flow = 0
  let line = 0
  for (const token of new Lexer().lex(source)) {
    const first = token[0]
    if (first === '[' || first === '{') flow += 1
    else if (first === ']' || first === '}') flow -= 1
    else if (first === '\n' || first === '\r') line = 0
    else if (flow > 0) continue
    else if (token === '-' || token === '?' || token === ':') line += 1
    else if (first === ' ' || first === '\t') line += token.length
    if (flow > DEEPEST_FLOW || line > DEEPEST_LINE) return true
  }
  return false
}
