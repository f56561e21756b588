// How values of expressions become texts, numbers and truths, and how two of them compare.

export function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null)
}

/** A number, or a text that is written like one. */
export function asNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  if (typeof value !== 'string' || !/^\s*-?\d+(?:\.\d+)?\s*$/.test(value)) return undefined
  return Number(value)
}

export const isTrue = (value: unknown): boolean => value === true || value === 'true'

/** Values compare as texts, so that "1" equals 1; null equals only null. */
export function isSame(left: unknown, right: unknown): boolean {
  if (left === null || left === undefined || right === null || right === undefined)
    return (left ?? null) === (right ?? null)
  return asText(left) === asText(right)
}

/** Below 0, 0 or above 0: as numbers when both are, as texts otherwise; undefined when one is missing. */
export function order(left: unknown, right: unknown): number | undefined {
  if (left === null || left === undefined || right === null || right === undefined) return undefined
  const [one, other] = [asNumber(left), asNumber(right)]
  if (one !== undefined && other !== undefined) return one - other
  const [first, second] = [asText(left), asText(right)]
  return first < second ? -1 : first > second ? 1 : 0
}
