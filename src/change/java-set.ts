// The order in which a Java HashSet gives its elements back: old checksums depend on it.

export function hashSetOrder(elements: readonly string[]): readonly string[] {
  const unique = [...new Set(elements)]
  let size = 16
  while (unique.length > size * 0.75) size *= 2
  const buckets = new Map<number, string[]>()
  for (const element of unique) {
    const bucket = spread(element) & (size - 1)
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), element])
  }
  return [...buckets].toSorted(([a], [b]) => a - b).flatMap(([, bucket]) => bucket)
}

/** `String.hashCode`, its upper half folded into the lower. */
function spread(text: string): number {
  let hash = 0
  for (let index = 0; index < text.length; index++) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0
  return hash ^ (hash >>> 16)
}
