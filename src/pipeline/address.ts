// Addresses of e-mail as a pipeline writes them.

/** A text with commas or semicolons. */
export const splitAddresses = (text: string): readonly string[] =>
  text
    .split(/[,;]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')

/** One address and nothing that a mail server could take for a second one, or for a header. */
export const isAddress = (text: string): boolean => /^[^\s@<>,;:"()[\]\\]{1,64}@[^\s@<>,;:"()[\]\\]{1,255}$/.test(text)
