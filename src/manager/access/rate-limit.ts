// Counts tries by key in this process, so that nobody can try passwords at machine speed.

export interface RateLimitOptions {
  /** So many tries … */
  readonly tries: number
  /** … in this time; then none until it has passed since the first of them. */
  readonly windowMilliseconds: number
  /** Milliseconds that only grow. */
  readonly clock: () => number
  /** Memory bound: beyond it the oldest key is forgotten. */
  readonly maxKeys?: number
}

export class RateLimit {
  readonly #options: RateLimitOptions
  readonly #windows = new Map<string, { readonly start: number; count: number }>()

  constructor(options: RateLimitOptions) {
    this.#options = options
  }

  /** Counts one try. Gives the seconds to wait when there were too many. */
  take(key: string): number | undefined {
    const { tries, windowMilliseconds, clock } = this.#options
    const now = clock()
    const window = this.#windows.get(key)
    if (!window || now - window.start >= windowMilliseconds) {
      this.#begin(key, now)
      return undefined
    }
    if (window.count >= tries) return (window.start + windowMilliseconds - now) / 1000
    window.count += 1
    return undefined
  }

  /** Forgets the tries of a key, after one that was right. */
  clear(key: string): void {
    this.#windows.delete(key)
  }

  #begin(key: string, start: number): void {
    this.#windows.delete(key)
    const oldest =
      this.#windows.size >= (this.#options.maxKeys ?? 10_000) ? this.#windows.keys().next().value : undefined
    if (oldest !== undefined) this.#windows.delete(oldest)
    this.#windows.set(key, { start, count: 1 })
  }
}
