// Reads the body of an answer of which nobody knows how long it is.

/** `bytes`: the beginning of the body, `most` at the most; `isWhole`: it had no more. What is not read is let go of. */
export async function readAtMost(
  { body }: Pick<Response, 'body'>,
  most: number,
): Promise<{ readonly bytes: Uint8Array; readonly isWhole: boolean }> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of (body ?? []) as AsyncIterable<Uint8Array>) {
    parts.push(part)
    length += part.length
    if (length > most) break
  }
  const bytes = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return { bytes: bytes.subarray(0, most), isWhole: length <= most }
}
