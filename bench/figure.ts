// How a figure is printed: what was measured, against which bound, on which machine load. Never a test: it informs, it does not fail.

export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: string
  /** What the value is held against, and where that comes from. */
  readonly bound: { readonly value: number; readonly at: 'most' | 'least'; readonly source: string }
  readonly note?: string
}

export function printFigure(figure: Figure): void {
  const { name, value, unit, bound, note } = figure
  const ratio = value / bound.value
  const within = bound.at === 'most' ? value <= bound.value : value >= bound.value
  const sign = bound.at === 'most' ? '≤' : '≥'
  const round = (number: number): string => (number >= 100 ? number.toFixed(0) : number.toPrecision(3))
  console.log(
    `${within ? 'within ' : 'OUTSIDE'}  ${name}: ${round(value)} ${unit} (${sign} ${bound.value} ${unit}, ${bound.source}; ratio ${ratio.toFixed(2)})${note ? ` — ${note}` : ''}`,
  )
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}
