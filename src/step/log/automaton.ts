// Aho-Corasick over UTF-16 code units in flat arrays: a secret file of many kilobytes in all its forms makes a million states,
// which as objects would take hundreds of megabytes.

export const ROOT = 0

export interface Automaton {
  /** The next state: that of the longest suffix of what was read that some form begins with. */
  readonly step: (state: number, unit: number) => number
  /** Length of the text that leads to a state: what must be held back. */
  readonly depth: Int32Array
  /** Length of the longest form that ends in a state; 0 = none. Shorter ones that end there lie inside it. */
  readonly longest: Int32Array
}

/** From (state, unit) to state: open addressing, never more than half full. */
function createTransitions(states: number) {
  let bits = 4
  while (1 << bits < states * 2) bits++
  const mask = (1 << bits) - 1
  const keys = new Float64Array(mask + 1)
  const values = new Int32Array(mask + 1)
  const slotOf = (state: number, unit: number): { slot: number; key: number } => {
    // 0 marks an empty slot, so keys begin with 1.
    const key = state * 65_536 + unit + 1
    let slot = (Math.imul(state, 0x9e3779b1) ^ Math.imul(unit, 0x85ebca6b)) >>> (32 - bits)
    while (keys[slot] !== 0 && keys[slot] !== key) slot = (slot + 1) & mask
    return { slot, key }
  }
  return {
    /** -1 when there is none. */
    get(state: number, unit: number): number {
      const { slot } = slotOf(state, unit)
      return keys[slot] === 0 ? -1 : (values[slot] ?? -1)
    },
    set(state: number, unit: number, next: number): void {
      const { slot, key } = slotOf(state, unit)
      keys[slot] = key
      values[slot] = next
    },
  }
}

export function compileForms(forms: ReadonlySet<string>): Automaton {
  const most = [...forms].reduce((sum, form) => sum + form.length, 1)
  const depth = new Int32Array(most)
  const longest = new Int32Array(most)
  const fallback = new Int32Array(most)
  const parent = new Int32Array(most)
  const arrival = new Uint16Array(most)
  const transitions = createTransitions(most)
  let count = 1
  for (const form of forms) {
    let state = ROOT
    for (let at = 0; at < form.length; at++) {
      const unit = form.charCodeAt(at)
      let next = transitions.get(state, unit)
      if (next < 0) {
        next = count++
        transitions.set(state, unit, next)
        depth[next] = at + 1
        parent[next] = state
        arrival[next] = unit
      }
      state = next
    }
    longest[state] = form.length
  }
  // Most text begins no secret: one look decides there.
  const fromRoot = new Int32Array(65_536)
  for (let state = 1; state < count; state++) if (parent[state] === ROOT) fromRoot[arrival[state] ?? 0] = state

  function step(from: number, unit: number): number {
    let state = from
    while (state !== ROOT) {
      const next = transitions.get(state, unit)
      if (next >= 0) return next
      state = fallback[state] ?? ROOT
    }
    return fromRoot[unit] ?? ROOT
  }
  // By depth, so that every fallback is complete before it is looked at.
  for (const state of byDepth(depth, count)) {
    const above = parent[state] ?? ROOT
    const to = above === ROOT ? ROOT : step(fallback[above] ?? ROOT, arrival[state] ?? 0)
    fallback[state] = to
    longest[state] = Math.max(longest[state] ?? 0, longest[to] ?? 0)
  }
  return { step, depth, longest }
}

/** All states but the root, the shallow ones first. */
function byDepth(depth: Int32Array, count: number): Int32Array {
  const begins = new Int32Array(depth.subarray(0, count).reduce((most, one) => Math.max(most, one), 0) + 2)
  for (let state = 1; state < count; state++)
    begins[(depth[state] ?? 0) + 1] = (begins[(depth[state] ?? 0) + 1] ?? 0) + 1
  for (let at = 1; at < begins.length; at++) begins[at] = (begins[at] ?? 0) + (begins[at - 1] ?? 0)
  const order = new Int32Array(count - 1)
  for (let state = 1; state < count; state++) {
    const at = depth[state] ?? 0
    const place = begins[at] ?? 0
    order[place] = state
    begins[at] = place + 1
  }
  return order
}
