// The `dbms` lists of change sets, properties and visitors: names, `!name`, `all`, `none`.

/** One for all change sets that name none. */
const none: readonly string[] = []

/** The entries of a comma list: lower case, trimmed, in order. */
export function splitDbms(text: string | undefined): readonly string[] {
  if (text === undefined || text === '') return none
  return text
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '')
}

/** Whether a list takes a database. Empty and `all` take every one; a list of negatives only takes all the others. */
export function matchesDbms(list: readonly string[], shortName: string): boolean {
  if (list.length === 0 || list.includes('all')) return true
  if (list.includes('none') || list.includes(`!${shortName}`)) return false
  return list.includes(shortName) || list.every((name) => name.startsWith('!'))
}
