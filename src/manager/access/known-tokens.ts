// Tokens that were found valid a moment ago, so that not every request of the delegate protocol asks the store who calls.

interface Known<Caller> {
  readonly caller: Caller
  /** Reading of the monotonic clock. */
  readonly until: number
}

/** More than the steps and delegates that talk to one replica at a time; beyond it the oldest are forgotten and asked again. */
const limit = 20_000

/** Keyed by the hash of the token, as in the store. Only what is valid is kept: a token that is refused is always looked up. */
export class KnownTokens<Caller> {
  readonly #known = new Map<string, Known<Caller>>()
  /** Milliseconds, monotonic. */
  readonly #elapsed: () => number

  constructor(elapsed: () => number = () => performance.now()) {
    this.#elapsed = elapsed
  }

  get(tokenHash: string): Caller | undefined {
    const known = this.#known.get(tokenHash)
    if (known === undefined) return undefined
    if (known.until > this.#elapsed()) return known.caller
    this.#known.delete(tokenHash)
    return undefined
  }

  put(tokenHash: string, caller: Caller, milliseconds: number): void {
    const oldest = this.#known.size >= limit ? this.#known.keys().next().value : undefined
    if (oldest !== undefined) this.#known.delete(oldest)
    this.#known.set(tokenHash, { caller, until: this.#elapsed() + milliseconds })
  }
}
