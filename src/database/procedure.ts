// Texts of procedures are the user's; only a schema that the change names is put into them.

const head =
  /(\bcreate\s+(?:or\s+(?:replace|alter)\s+)?(?:(?:non)?editionable\s+)?(?:proc(?:edure)?|function|package(?:\s+body)?|trigger)\s+)((?:"[^"]*"|\[[^\]]*\]|[\w$#@]+)\s*\.\s*)?("[^"]*"|\[[^\]]*\]|[\w$#@]+)/i

/** `schemaName` as it stands in SQL; it replaces one that the text names. Undefined leaves the text alone. */
export function withSchema(text: string, schemaName: string | undefined): string {
  if (schemaName === undefined) return text
  return text.replace(
    head,
    (_all, start: string, _old: string | undefined, name: string) => `${start}${schemaName}.${name}`,
  )
}
