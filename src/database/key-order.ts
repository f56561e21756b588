// Columns of keys and indexes may say their direction.

/** `b DESC`: the order is not part of the name. */
export function withOrder(item: string, name: (text: string) => string): string {
  const match = /^(.*\S)\s+(asc|desc)$/i.exec(item)
  return match?.[1] === undefined ? name(item) : `${name(match[1])} ${match[2]}`
}
