// A Zstandard frame (RFC 8878) that stores text without compressing it: valid for every decoder, and Node 20 has no encoder.

const largestBlock = 131_072

function block(bytes: Uint8Array, last: boolean): Uint8Array[] {
  // Block header: 1 bit last, 2 bits type (0 = raw), 21 bits size; little endian.
  const header = (bytes.length << 3) | (last ? 1 : 0)
  return [Uint8Array.of(header & 0xff, (header >> 8) & 0xff, (header >> 16) & 0xff), bytes]
}

/** The frame of `text` in UTF-8. At most 4 GiB. */
export function storedZstandard(text: string): Uint8Array {
  const bytes = new TextEncoder().encode(text)
  const size = new DataView(new ArrayBuffer(4))
  size.setUint32(0, bytes.length, true)
  // Magic number; descriptor: content size in four bytes, single segment, no checksum, no dictionary.
  const parts: Uint8Array[] = [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xa0), new Uint8Array(size.buffer)]
  for (let at = 0; at === 0 || at < bytes.length; at += largestBlock)
    parts.push(...block(bytes.subarray(at, at + largestBlock), at + largestBlock >= bytes.length))
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
