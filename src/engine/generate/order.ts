// Puts objects into an order in which each finds what it needs.

export interface Unit {
  readonly key: string
  /** Keys of units that must come before; those that are not there do not count. */
  readonly needs: readonly string[]
}

/** Keeps the given order wherever needs allow it. In a circle the first of the given order comes first. */
export function inOrder<Item extends Unit>(units: readonly Item[]): readonly Item[] {
  const byKey = new Map(units.map((unit) => [unit.key, unit]))
  const done = new Set<string>()
  const ordered: Item[] = []
  for (const start of units) {
    // A stack of its own: chains of thousands of tables are longer than that of calls.
    const stack: { unit: Item; next: number }[] = [{ unit: start, next: 0 }]
    const open = new Set([start.key])
    while (stack.length > 0) {
      const top = stack.at(-1)
      if (top === undefined || done.has(top.unit.key)) {
        stack.pop()
        continue
      }
      const need = top.unit.needs[top.next]
      top.next += 1
      if (need === undefined) {
        done.add(top.unit.key)
        ordered.push(top.unit)
        stack.pop()
        continue
      }
      const unit = byKey.get(need)
      if (unit === undefined || done.has(need) || open.has(need)) continue
      open.add(need)
      stack.push({ unit, next: 0 })
    }
  }
  return ordered
}
