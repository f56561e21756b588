// Tells two texts, or two lists, apart in a way that a person can read.

/** Undefined when equal; else the lines that only one of them has. */
export function differenceOf(expected: string, actual: string): string | undefined {
  if (expected === actual) return undefined
  const wanted = expected.split('\n')
  const got = actual.split('\n')
  const missing = without(wanted, got).map((line) => `  - ${line}`)
  const surplus = without(got, wanted).map((line) => `  + ${line}`)
  if (missing.length === 0 && surplus.length === 0) {
    return ['the same lines in another order:', ...got.map((line) => `  + ${line}`)].join('\n')
  }
  return [...missing, ...surplus].join('\n')
}

/** Lines of the first that the second does not have, each as often as it is surplus. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>()
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1)
  return lines.filter((line) => {
    const count = left.get(line) ?? 0
    left.set(line, count - 1)
    return count <= 0
  })
}

/** Joins what several comparisons found; undefined when none found anything. */
export function allOf(...differences: readonly (string | undefined)[]): string | undefined {
  const found = differences.filter((one) => one !== undefined)
  return found.length === 0 ? undefined : found.join('\n')
}

type Printable = string | number | boolean | null | undefined

/** A named comparison of two values that print as texts. */
export function compare(title: string, expected: Printable, actual: Printable): string | undefined {
  const wanted = String(expected ?? '')
  const got = String(actual ?? '')
  return wanted === got ? undefined : `${title}: expected ${JSON.stringify(wanted)}, is ${JSON.stringify(got)}`
}
