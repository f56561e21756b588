// Masks secrets in a stream of text. What might be the beginning of a secret is held back until that is decided, so that
// no secret slips through where two chunks meet. Aho-Corasick: the cost does not depend on the number of secrets.
import { secretForms } from './encoding.ts'

export const maskText = '******'

interface State {
  readonly next: Map<number, State>
  /** Length of the text that leads here: what must be held back. */
  readonly depth: number
  /** Longest form that ends here, in code units; 0 = none. Shorter ones that end here lie inside it. */
  longest: number
  /** The state of the longest proper suffix. */
  fallback: State | undefined
}

const newState = (depth: number): State => ({ next: new Map(), depth, longest: 0, fallback: undefined })

function compile(forms: Iterable<string>): State {
  const root = newState(0)
  for (const form of forms) {
    let state = root
    for (let at = 0; at < form.length; at++) {
      const unit = form.charCodeAt(at)
      const known = state.next.get(unit) ?? newState(state.depth + 1)
      state.next.set(unit, known)
      state = known
    }
    state.longest = form.length
  }
  linkFallbacks(root)
  return root
}

/** Breadth first, so that every fallback is complete before it is looked at. */
function linkFallbacks(root: State): void {
  const queue = [root]
  for (const state of queue) {
    for (const [unit, child] of state.next) {
      child.fallback = state === root ? root : step(state.fallback ?? root, unit)
      child.longest = Math.max(child.longest, child.fallback.longest)
      queue.push(child)
    }
  }
}

function step(from: State, unit: number): State {
  for (let state: State | undefined = from; state; state = state.fallback) {
    const next = state.next.get(unit)
    if (next) return next
    if (state.depth === 0) return state
  }
  return from
}

export interface Masker {
  /** Takes the next chunk; gives what is decided. */
  push(chunk: string): string
  /** The end of the stream: gives what was held back. */
  end(): string
}
export interface Masking {
  stream(): Masker
  /** A text that stands for itself, such as an error message. */
  text(text: string): string
  /** Every string inside a JSON value, names of fields left alone. */
  value<T>(value: T): T
}

/** Masks the secrets in all their forms (see `secretForms`). Overlapping ones become one mask. */
export function createMasking(secrets: Iterable<string>): Masking {
  const root = compile(secretForms(secrets))
  const stream = (): Masker => createMasker(root)
  const text = (whole: string): string => {
    const masker = stream()
    return masker.push(whole) + masker.end()
  }
  return { stream, text, value: <T>(value: T): T => maskValue(value, text) as T }
}

function maskValue(value: unknown, text: (whole: string) => string): unknown {
  if (typeof value === 'string') return text(value)
  if (Array.isArray(value)) return value.map((item) => maskValue(item, text))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, maskValue(item, text)]))
}

function createMasker(root: State): Masker {
  let state = root
  /** Text that is not decided yet. All positions below count from its beginning. */
  let held = ''
  /** Secrets found in `held`, in order, never overlapping. */
  let found: { start: number; end: number }[] = []

  function note(end: number, length: number): void {
    let start = end - length
    while (found.length > 0 && (found.at(-1)?.end ?? 0) > start) start = Math.min(start, found.pop()?.start ?? start)
    found.push({ start, end })
  }

  /** Gives everything before `until`, or before a secret that may still grow over it. */
  function release(until: number): string {
    let out = ''
    let from = 0
    while (found[0] && found[0].end <= until) {
      out += held.slice(from, found[0].start) + maskText
      from = found[0].end
      found.shift()
    }
    const to = Math.max(from, Math.min(until, found[0]?.start ?? until))
    out += held.slice(from, to)
    held = held.slice(to)
    found = found.map(({ start, end }) => ({ start: start - to, end: end - to }))
    return out
  }

  return {
    push(chunk) {
      const begin = held.length
      held += chunk
      for (let at = 0; at < chunk.length; at++) {
        const unit = chunk.charCodeAt(at)
        if (state === root && !root.next.has(unit)) continue
        state = step(state, unit)
        if (state.longest > 0) note(begin + at + 1, state.longest)
      }
      return release(held.length - state.depth)
    },
    end() {
      state = root
      return release(held.length)
    },
  }
}
