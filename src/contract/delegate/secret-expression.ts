// Secrets in texts: `<+secrets.getValue("id")>` leaves the manager as it is written and gets its value next to the database.
import { Fault } from '../fault.ts'

const pattern = /<\+\s*secrets\s*\.\s*getValue\(\s*(["'])((?:account\.|org\.)?[a-zA-Z_]\w{0,127})\1\s*\)\s*>/g

/** The references in a text, in order. */
export function secretsIn(text: string): string[] {
  return [...text.matchAll(pattern)].map((match) => match[2] ?? '')
}

/** Is there an expression of secrets that is not of the one known form? Its text would otherwise be taken for a value. */
export function hasOtherSecretExpression(text: string): boolean {
  return /<\+\s*secrets\b/.test(text.replaceAll(pattern, ''))
}

/** The expression for a reference. */
export const secretExpression = (reference: string): string => `<+secrets.getValue("${reference}")>`

/** The text with each expression replaced by what `valueOf` gives. Raises `secret-unresolved` for a form that is not known. */
export function replaceSecrets(text: string, valueOf: (reference: string) => string): string {
  if (hasOtherSecretExpression(text))
    throw new Fault('secret-unresolved', 'A text holds an expression of secrets that cannot be read.', {
      hint: 'Write <+secrets.getValue("id")>, with account. or org. before the id for a wider scope.',
    })
  return text.replaceAll(pattern, (_, _quote: string, reference: string) => valueOf(reference))
}
