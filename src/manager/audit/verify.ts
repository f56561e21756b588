// Verifies an exported audit trail without a manager: every text has its hash, every entry names the one before it, none is missing,
// and the signatures are those of the installation.
import { type AuditEntry, type AuditLink, hashText, isSigned } from './entry.ts'

export interface Anchor {
  readonly sequence: string
  readonly hash: string
}
export interface VerifyOptions {
  /** SPKI, base64. */
  readonly publicKeys: readonly string[]
  /** The entry before the first one of the file, when the file does not begin with the first of all. */
  readonly after?: Anchor
  /** What was the last entry at some time: it must be there. Only this shows that the end was cut off. */
  readonly expect?: Anchor
}
export interface Verified {
  readonly entries: number
  readonly last: Anchor | undefined
  /** What is wrong, with the place; empty when nothing is. */
  readonly problems: readonly string[]
}

/** More than these are not told; one is enough to distrust the file. */
const maxProblems = 20

class Walk {
  readonly problems: string[] = []
  entries = 0
  last: Anchor | undefined
  lastSigned = true
  seen = false
  readonly #options: VerifyOptions

  constructor(options: VerifyOptions) {
    this.#options = options
  }

  step(link: AuditLink): void {
    const { publicKeys, after, expect } = this.#options
    this.entries += 1
    const place = `entry ${link.sequence}`
    const before = this.last ?? after ?? { sequence: '0', hash: '' }
    const entry = this.#read(link, place)
    if (hashText(link.entry) !== link.hash) this.#add(`${place}: its text is not what was hashed`)
    if (entry && entry.sequence !== link.sequence)
      this.#add(`${place}: its text says that it is entry ${entry.sequence}`)
    if (entry && entry.previous !== before.hash) this.#add(`${place}: does not follow the entry before it`)
    if (/^\d{1,19}$/.test(link.sequence) && BigInt(link.sequence) !== BigInt(before.sequence) + 1n)
      this.#add(`${place}: follows entry ${before.sequence}; something was removed, added or moved`)
    this.lastSigned = link.signature !== null
    if (link.signature !== null && !isSigned(publicKeys, link))
      this.#add(`${place}: its signature is not one of this installation`)
    if (expect && expect.sequence === link.sequence) {
      this.seen = true
      if (expect.hash !== link.hash) this.#add(`${place}: is not the entry that was expected there`)
    }
    this.last = { sequence: link.sequence, hash: link.hash }
  }

  end(): Verified {
    if (this.entries > 0 && !this.lastSigned) this.#add('the last entry has no signature; the end is missing')
    const { expect } = this.#options
    if (expect && !this.seen) this.#add(`entry ${expect.sequence} is missing; the end was cut off`)
    return { entries: this.entries, last: this.last, problems: this.problems }
  }

  #read(link: AuditLink, place: string): AuditEntry | undefined {
    try {
      return JSON.parse(link.entry) as AuditEntry
    } catch {
      this.#add(`${place}: its text is not JSON`)
      return undefined
    }
  }

  #add(problem: string): void {
    if (this.problems.length < maxProblems) this.problems.push(problem)
  }
}

export async function verifyAudit(
  links: AsyncIterable<AuditLink> | Iterable<AuditLink>,
  options: VerifyOptions,
): Promise<Verified> {
  const walk = new Walk(options)
  for await (const link of links) walk.step(link)
  return walk.end()
}
