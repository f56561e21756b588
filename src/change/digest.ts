// MD5 as the original engine takes it, of texts and of bytes.
import { hash } from 'node:crypto'

/** Line ends become `\n`, U+FFFD goes, Unicode is composed (NFC), then UTF-8. 32 lower-case hexadecimal digits. */
export function md5OfText(text: string): string {
  const normalised = text.replace(/\r\n?/g, '\n').replaceAll('\uFFFD', '').normalize('NFC')
  return hash('md5', normalised)
}

/** Of the bytes as they are. */
export function md5OfBytes(bytes: Uint8Array): string {
  return hash('md5', bytes)
}
