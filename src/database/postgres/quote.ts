// Names in PostgreSQL: which ones need quotes, by the three strategies of changelogs.
import type { ObjectQuotingStrategy } from '#changelog/model'

/** Key words that cannot be a bare column or table name (PostgreSQL 15, appendix C: reserved, can be function or type). */
const reserved = new Set(
  `all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
concurrently constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp
current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having
ilike in initially inner intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not
notnull null offset on only or order outer overlaps placing primary references returning right select session_user similar
some symmetric table tablesample then to trailing true union unique user using variadic verbose when where window with`.split(
    /\s+/,
  ),
)

export function quoteName(name: string, quoting: ObjectQuotingStrategy): string {
  return needsQuotes(name, quoting) ? `"${name.replaceAll('"', '""')}"` : name
}

function needsQuotes(name: string, quoting: ObjectQuotingStrategy): boolean {
  if (quoting === 'QUOTE_ALL_OBJECTS') return true
  if (reserved.has(name.toLowerCase()) || !/^[A-Za-z_]\w*$/.test(name)) return true
  if (quoting === 'QUOTE_ONLY_RESERVED_WORDS') return false
  return /[A-Z]/.test(name) && /[a-z]/.test(name)
}
