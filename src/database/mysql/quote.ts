// Names in MySQL and MariaDB: which ones need quotes, by the three strategies of changelogs.
import type { ObjectQuotingStrategy } from '#changelog/model'
import { reserved } from './reserved.ts'

export function quoteName(name: string, quoting: ObjectQuotingStrategy): string {
  return needsQuotes(name, quoting) ? `\`${name.replaceAll('`', '``')}\`` : name
}

const needsQuotes = (name: string, quoting: ObjectQuotingStrategy): boolean =>
  quoting === 'QUOTE_ALL_OBJECTS' || reserved.has(name.toLowerCase()) || !/^[A-Za-z_]\w*$/.test(name)
