// Texts that changelogs write for a truth value, for databases whose booleans are numbers.

/** `1`, `0` or, for a text that is no truth value, undefined. */
export function truth(text: string): string | undefined {
  if (/^(?:true|t|1|yes|y|on)$/i.test(text)) return '1'
  return /^(?:false|f|0|no|n|off)$/i.test(text) ? '0' : undefined
}
