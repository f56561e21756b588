// Scenarios and how they ended: told one by one, counted at the end.

export interface Tally {
  passed: number
  failed: number
}

/** A scenario that fails does not end the others; what it found is printed. */
export async function check(tally: Tally, name: string, scenario: () => Promise<string | void>): Promise<void> {
  const begun = performance.now()
  const seconds = (): string => ((performance.now() - begun) / 1000).toFixed(1)
  try {
    const words = await scenario()
    tally.passed++
    console.log(`ok   ${name} (${seconds()} s)${words ? `: ${words}` : ''}`)
  } catch (error) {
    tally.failed++
    console.log(
      `FAIL ${name} (${seconds()} s)\n     ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    )
  }
}

export function expect(what: string, found: unknown, wanted: unknown): void {
  const [a, b] = [JSON.stringify(found), JSON.stringify(wanted)]
  if (a !== b) throw new Error(`${what}: found ${a}, wanted ${b}`)
}
export function holds(what: string, found: boolean): asserts found {
  if (!found) throw new Error(`does not hold: ${what}`)
}
