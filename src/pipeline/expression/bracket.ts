// Finds where `<+…>` ends: brackets nest, quoted text may hold anything, and `>` may also compare.

/**
 * Index after the `>` that closes the expression that opens at `open`; undefined when none does. A `>` or `>=` with space before it
 * compares when the rest of the text still holds the bracket that closes; otherwise it is that bracket.
 */
export function closing(text: string, open: number): number | undefined {
  const quotes: string[] = []
  let quote: string | undefined
  let depth = 0
  for (let index = open; index < text.length; index += 1) {
    const character = text[index]
    if (text.startsWith('<+', index)) {
      // An expression inside a quoted text has quotes of its own.
      quotes.push(quote ?? '')
      quote = undefined
      depth += 1
      index += 1
    } else if (quote !== undefined && quote !== '') {
      if (character === '\\') index += 1
      else if (character === quote) quote = undefined
    } else if (character === '"' || character === "'") quote = character
    else if (character === '>' && !compares(text, index)) {
      quote = quotes.pop() || undefined
      depth -= 1
      if (depth === 0) return index + 1
    }
  }
  return undefined
}

function compares(text: string, index: number): boolean {
  if (text[index - 1] === '=' || !/\s/.test(text[index - 1] ?? '')) return false
  const after = text[index + 1] === '=' ? index + 2 : index + 1
  if (!/[\s<\d"'(]/.test(text[after] ?? '')) return false
  let depth = 0
  for (let next = after; next < text.length; next += 1) {
    if (text.startsWith('<+', next)) depth += 1
    else if (text[next] === '>' && !/[\s]/.test(text[next - 1] ?? '')) depth -= 1
    if (depth < 0) return true
  }
  return false
}
