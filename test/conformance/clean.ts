// Makes two SQL scripts comparable: without comments, history statements and what only frames them.

const table = '(?:DATABASECHANGELOG|databasechangelog)'
const deletions = [
  /^--.*/gm,
  ...['CREATE TABLE', 'INSERT INTO', 'UPDATE', 'DELETE FROM'].map(
    (start) => new RegExp(`^${start} .*${table}.*`, 'gm'),
  ),
  /^SET SEARCH_PATH.*/gm,
  /\b(?:GO|USE lbcat)\b/g,
  /^SET GLOBAL log_bin_trust_function_creators = 1/gm,
  /;$/gm,
]

/** The steps of the corpus in their order; see its description, "clean". */
export function clean(script: string): string {
  let text = script.replaceAll('\r\n', '\n')
  for (const pattern of deletions) text = text.replace(pattern, '')
  return text.replace(/^\s+/gm, '').replace(/\s+$/gm, '')
}

export interface Names {
  readonly catalog: string | null
  readonly schema: string | null
}

/** The two placeholders of expected texts. */
export function filledIn(text: string, names: Names): string {
  return text.replaceAll('${CATALOG_NAME}', names.catalog ?? '').replaceAll('${SCHEMA_NAME}', names.schema ?? '')
}
