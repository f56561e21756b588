// Masks secrets in a stream of text. What might be the beginning of a secret is held back until that is decided, so that
// no secret slips through where two chunks meet. Aho-Corasick: the cost does not depend on the number of secrets.
import { compileForms, type Automaton, ROOT } from './automaton.ts'
import { type Secret, secretForms } from './encoding.ts'

export const maskText = '******'

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
export function createMasking(secrets: Iterable<Secret>): Masking {
  const automaton = compileForms(secretForms(secrets))
  const stream = (): Masker => createMasker(automaton)
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

function createMasker({ step, depth, longest }: Automaton): Masker {
  let state = ROOT
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
        state = step(state, chunk.charCodeAt(at))
        const length = longest[state] ?? 0
        if (length > 0) note(begin + at + 1, length)
      }
      return release(held.length - (depth[state] ?? 0))
    },
    end() {
      state = ROOT
      return release(held.length)
    },
  }
}
