// The `dbms` lists of changelogs: names, `!name`, `all`, `none`.

/** Does a comma list such as `postgresql, !h2` include the database? Nothing written, or only negatives, means all the others. */
export function dbmsMatches(list: string | readonly string[] | undefined, dbms: string): boolean {
  const written = typeof list === 'string' ? list.split(',') : (list ?? [])
  const names = written.map((name) => name.trim().toLowerCase()).filter((name) => name !== '')
  if (names.length === 0 || names.includes('all')) return true
  if (names.includes('none') || names.includes(`!${dbms}`)) return false
  return names.includes(dbms) || names.every((name) => name.startsWith('!'))
}
