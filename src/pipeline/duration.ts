// Durations as time-outs and waits are written: `10m`, `1h 30m`, `1d2h`, `30s`.

/**
 * The pattern of the published pipeline schema, anchored: bare seconds need two or more digits, other units combine.
 * (The schema's alternative for expressions is refused by the reader with its own message.)
 */
const pattern = /^(?:[1-9]+\d+s|(?:[1-9]+\d*[mhwd])+(?:\s?\d+[smhwd])*)$/
const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }

/** Whole seconds, or undefined when the text is no duration. */
export function parseDuration(text: string): number | undefined {
  // 64 is far above what anybody writes and keeps the pattern's backtracking harmless.
  if (text.length > 64 || !pattern.test(text)) return undefined
  let seconds = 0
  for (const [, amount, unit] of text.matchAll(/(\d+)([smhwd])/g)) seconds += Number(amount) * (units[unit ?? ''] ?? 0)
  return Number.isSafeInteger(seconds) && seconds > 0 ? seconds : undefined
}

/** `90` → `1m 30s`: the inverse, for sentences. */
export function formatDuration(seconds: number): string {
  const parts: string[] = []
  let rest = Math.max(0, Math.round(seconds))
  for (const [unit, size] of [
    ['w', 604_800],
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
    ['s', 1],
  ] as const) {
    const amount = Math.floor(rest / size)
    if (amount > 0) parts.push(`${amount}${unit}`)
    rest -= amount * size
  }
  return parts.length > 0 ? parts.slice(0, 2).join(' ') : '0s'
}
