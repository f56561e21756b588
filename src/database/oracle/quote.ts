// Names in Oracle: which ones need quotes, by the three strategies of changelogs.
import type { ObjectQuotingStrategy } from '#changelog/model'

/** What the original engine quotes when it has no connection to ask for key words. */
const always = new Set(['desc', 'group', 'order', 'password', 'resource', 'session', 'size', 'start', 'uid', 'user'])

/**
 * Reserved words of Oracle SQL, which cannot be a bare name:
 * https://docs.oracle.com/en/database/oracle/oracle-database/19/sqlrf/Oracle-SQL-Reserved-Words.html
 */
const reserved = new Set(
  `access add all alter and any as asc audit between by char check cluster column column_value comment compress connect create
current date decimal default delete distinct drop else exclusive exists file float for from grant having identified immediate in
increment index initial insert integer intersect into is level like lock long maxextents minus mlslabel mode modify
nested_table_id noaudit nocompress not nowait null number of offline on online option or pctfree prior public raw rename revoke
row rowid rownum rows select set share smallint successful synonym sysdate table then to trigger union unique update validate
values varchar varchar2 view whenever where with`.split(/\s+/),
)

/** `live`: for a server, which refuses reserved words; scripts made offline leave them bare, as the original engine's do. */
export function quoteName(name: string, quoting: ObjectQuotingStrategy, live: boolean): string {
  return needsQuotes(name, quoting, live) ? `"${name.replaceAll('"', '""')}"` : name
}

function needsQuotes(name: string, quoting: ObjectQuotingStrategy, live: boolean): boolean {
  if (quoting === 'QUOTE_ALL_OBJECTS') return true
  const lower = name.toLowerCase()
  if (always.has(lower) || (live && reserved.has(lower))) return true
  return !/^[A-Za-z_]\w*$/.test(name)
}
