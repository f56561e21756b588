// The name that callers know an approval by.

/** What is wrong with it, as the end of a sentence; undefined when nothing is. */
export const problemOfCallbackId = (text: string): string | undefined =>
  /^[a-zA-Z0-9_-]{1,128}$/.test(text) ? undefined : 'needs 1 to 128 letters, digits, `_` and `-`'
