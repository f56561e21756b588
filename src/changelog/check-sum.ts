// Checksums that a change set accepts although the stored one differs.

/** As `version:sum`; what has no version is of version 1, and so is the word `any`. */
export function normaliseCheckSum(text: string): string {
  const sum = text.trim()
  return /^\d+:[a-zA-Z0-9]+/.test(sum) ? sum : `1:${sum}`
}
