// Replaces `${name}` in texts; nested ones from the inside out, values again, unknown ones as the settings say.
import { changelogLimits } from './limit.ts'

/** What happens to `${name}` when there is no such property. */
export type MissingPropertyMode = 'PRESERVE' | 'EMPTY' | 'ERROR'

export interface ExpandOptions {
  /** Undefined when there is no such property. */
  readonly lookUp: (name: string) => string | undefined
  readonly missing: MissingPropertyMode
  /** `${:name}` is the text `${name}`. */
  readonly escaping: boolean
  /** Told about a property that is not there (mode ERROR), that contains itself, or that grows beyond all measure. */
  readonly onTrouble: (trouble: 'missing' | 'cycle' | 'too-long', name: string) => void
  /** What is left for all texts together. */
  readonly budget: ExpandBudget
}

export interface ExpandBudget {
  expansions: number
}

/** Expands a text. One that ends inside a `${` keeps it as it is. */
export function expandText(text: string, options: ExpandOptions): string {
  return text.includes('${') ? expand(text, { ...options, length: 0, count: 0 }, []) : text
}

interface Expansion extends ExpandOptions {
  /** Characters that values have added so far. */
  length: number
  /** Properties replaced so far. */
  count: number
}

function expand(text: string, expansion: Expansion, names: readonly string[]): string {
  // Pieces of the text around each `${` that is still open; the innermost closes first.
  const open: string[] = ['']
  let index = 0
  while (index < text.length) {
    if (text.startsWith('${', index)) {
      open.push('')
      index += 2
    } else if (text[index] === '}' && open.length > 1) {
      const inner = open.pop()!
      open[open.length - 1] += valueOf(inner, expansion, names)
      index += 1
    } else {
      const next = nextMark(text, index + 1)
      open[open.length - 1] += text.slice(index, next)
      index = next
    }
  }
  return open.join('${')
}

function nextMark(text: string, from: number): number {
  for (let index = from; index < text.length; index += 1) {
    const letter = text[index]
    if (letter === '}' || (letter === '$' && text[index + 1] === '{')) return index
  }
  return text.length
}

function valueOf(inner: string, expansion: Expansion, names: readonly string[]): string {
  const literal = `\${${inner}}`
  if (expansion.escaping && inner.startsWith(':')) return `\${${inner.slice(1)}}`
  const name = inner.trim()
  const value = name === '' ? undefined : expansion.lookUp(name)
  if (value === undefined) {
    if (expansion.missing === 'ERROR') expansion.onTrouble('missing', name)
    return expansion.missing === 'EMPTY' ? '' : literal
  }
  const key = name.toLowerCase()
  if (names.includes(key) || names.length >= changelogLimits.expansionDepth) {
    expansion.onTrouble('cycle', name)
    return literal
  }
  if (!isAffordable(value, expansion)) {
    expansion.onTrouble('too-long', name)
    return literal
  }
  return value.includes('${') ? expand(value, expansion, [...names, key]) : value
}

/** Properties that double one another would otherwise run for ever. */
function isAffordable(value: string, expansion: Expansion): boolean {
  expansion.length += value.length
  expansion.count += 1
  expansion.budget.expansions -= 1
  return (
    expansion.length <= changelogLimits.expandedLength &&
    expansion.count <= changelogLimits.expansionsInText &&
    expansion.budget.expansions >= 0
  )
}
