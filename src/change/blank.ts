// Blanks in SQL text as the checksums see them: only these four bytes count, a no-break space is text.

/** Version 9: without any blank. */
export const withoutBlanks = (text: string): string => text.replace(/[ \n\r\t]+/g, '')

/** Version 8: runs of blanks are one, none at the ends. */
export const withSingleBlanks = (text: string): string =>
  text
    .replace(/[ \n\r\t]+/g, ' ')
    .replace(/^ /, '')
    .replace(/ $/, '')
