// Numbers for locks that a database names by number.
import { createHash } from 'node:crypto'

/** A signed 64-bit number, as text, out of any name. */
export function lockNumber(name: string): string {
  return createHash('sha256').update(name, 'utf8').digest().readBigInt64BE(0).toString()
}
