// Finds what PostgreSQL cannot store in text or jsonb: NUL, half a surrogate pair, and nesting without end.

const maxDepth = 100
// oxlint-disable-next-line no-control-regex -- NUL is what is looked for
const unstorable = /\0|\p{Surrogate}/u

interface Found {
  /** Dotted path of the field; empty for the value itself. */
  readonly path: string
  readonly message: string
}

function inspect(text: string, path: string): Found | undefined {
  return unstorable.test(text)
    ? { path, message: 'Contains a NUL character or half a surrogate pair, which cannot be stored.' }
    : undefined
}

/** The first finding in a JSON value, or undefined. Walks with its own stack, so that nesting cannot exhaust the call stack. */
export function findUnstorable(value: unknown): Found | undefined {
  const open: { readonly value: unknown; readonly path: string; readonly depth: number }[] = [
    { value, path: '', depth: 0 },
  ]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { value, path, depth } = next
    if (typeof value === 'string') {
      const found = inspect(value, path)
      if (found) return found
    } else if (typeof value === 'object' && value !== null) {
      if (depth >= maxDepth) return { path: '', message: `Nested deeper than ${maxDepth} levels.` }
      for (const [key, entry] of Object.entries(value)) {
        const found = inspect(key, path)
        if (found) return found
        open.push({ value: entry, path: path === '' ? key : `${path}.${key}`, depth: depth + 1 })
      }
    }
  }
  return undefined
}
