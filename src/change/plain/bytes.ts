// What reading and writing bytes share.

export const tab = 9
export const lineFeed = 10
export const carriageReturn = 13
export const backslash = 92

export function grown(bytes: Uint8Array, length: number): Uint8Array {
  const larger = new Uint8Array(length)
  larger.set(bytes)
  return larger
}
