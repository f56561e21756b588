// Repeatable choices: the same seed makes the same changelog on every machine.
import { randomFrom } from '../crash/random.ts'

export class Dice {
  readonly #next: () => number

  constructor(seed: number) {
    this.#next = randomFrom(seed)
    // Seeds that lie side by side begin alike.
    for (let index = 0; index < 4; index += 1) this.#next()
  }

  /** True in `share` of all cases, 0 to 1. */
  chance(share: number): boolean {
    return this.#next() < share
  }

  /** A whole number, both ends included. */
  from(low: number, high: number): number {
    return low + Math.floor(this.#next() * (high - low + 1))
  }

  pick<T>(list: readonly T[]): T {
    const one = list[Math.floor(this.#next() * list.length)]
    if (one === undefined) throw new Error('nothing to choose from')
    return one
  }

  maybe<T>(share: number, value: () => T): T | undefined {
    return this.chance(share) ? value() : undefined
  }

  /** At most `count` different ones, in their order. */
  some<T>(list: readonly T[], count: number): readonly T[] {
    const left = list.map((_, index) => index)
    const taken: number[] = []
    while (taken.length < count && left.length > 0) taken.push(...left.splice(this.from(0, left.length - 1), 1))
    return taken.toSorted((one, other) => one - other).map((index) => list[index] as T)
  }
}
