// Names in SQLite: which ones need quotes, by the three strategies of changelogs.
import type { ObjectQuotingStrategy } from '#changelog/model'

/**
 * Key words that SQLite refuses as a bare column or table name (tried with 3.45). The original engine has no such list and
 * writes SQL that cannot run; this is one of the few places where we differ.
 */
const reserved = new Set(
  `add all alter and as autoincrement between case cast check collate commit constraint create current_date current_time
current_timestamp default deferrable delete distinct drop else escape except exists foreign from group having if in index insert
intersect into is isnull join limit not nothing notnull null on or order primary raise references returning select set table
then to transaction union unique update using values when where`.split(/\s+/),
)

export function quoteName(name: string, quoting: ObjectQuotingStrategy): string {
  return needsQuotes(name, quoting) ? `"${name.replaceAll('"', '""')}"` : name
}

const needsQuotes = (name: string, quoting: ObjectQuotingStrategy): boolean =>
  quoting === 'QUOTE_ALL_OBJECTS' || reserved.has(name.toLowerCase()) || !/^[A-Za-z_]\w*$/.test(name)
