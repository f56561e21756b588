// One name for each command and flag, whichever of its spellings is used.

/** Names that mean the same as another flag. */
const aliases: ReadonlyMap<string, string> = new Map([
  ['context-filter', 'contexts'],
  ['context', 'contexts'],
  ['labels', 'label-filter'],
  ['default-schema', 'default-schema-name'],
  ['changeset-identifier', 'change-set'],
  ['changelog', 'changelog-file'],
  ['log-sql-level', 'sql-log-level'],
])

/** `updateSQL` and `update-sql`, `markNextChangeSetRan` and `mark-next-changeset-ran` are one command each. */
export function commandName(text: string): string {
  return joinWords(kebab(text))
}

/** `changeLogFile`, `changelogFile` and `changelog-file` are one flag. */
export function canonicalName(text: string): string {
  const name = kebab(text)
  // The flag of Sluice itself.
  const joined = name === 'change-set' ? name : joinWords(name)
  return aliases.get(joined) ?? joined
}

/** Other spellings under which the environment may hold a setting. */
export function spellingsOf(name: string): readonly string[] {
  const others = [...aliases].filter(([, canonical]) => canonical === name).map(([spelling]) => spelling)
  return [...others, name]
}

function kebab(text: string): string {
  return text.replaceAll(/([a-z0-9])([A-Z]+)/g, '$1-$2').toLowerCase()
}

/** The original engine writes these as one word, older versions of it as two. */
function joinWords(name: string): string {
  return name.replaceAll(/\bchange-(log|set)/g, 'change$1').replaceAll(/\bcheck-sum/g, 'checksum')
}
