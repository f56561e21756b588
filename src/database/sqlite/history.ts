// The two history tables, with exactly the columns and texts that the original engine creates.
import type { HistoryNames } from '../port.ts'
import { quoteName } from './quote.ts'

/** SQLite has no schemas; `schemaName` does not count. */
export function historyTable(names: HistoryNames, which: 'changelog' | 'lock'): string {
  return quoteName(which === 'changelog' ? names.changelogTable : names.lockTable, 'LEGACY')
}

export function createChangelogTable(names: HistoryNames): string {
  const columns = [
    'ID VARCHAR(255) NOT NULL',
    'AUTHOR VARCHAR(255) NOT NULL',
    'FILENAME VARCHAR(255) NOT NULL',
    'DATEEXECUTED TEXT NOT NULL',
    'ORDEREXECUTED INTEGER NOT NULL',
    'EXECTYPE VARCHAR(10) NOT NULL',
    'MD5SUM VARCHAR(35)',
    'DESCRIPTION VARCHAR(255)',
    'COMMENTS VARCHAR(255)',
    'TAG VARCHAR(255)',
    'LIQUIBASE VARCHAR(20)',
    'CONTEXTS VARCHAR(255)',
    'LABELS VARCHAR(255)',
    'DEPLOYMENT_ID VARCHAR(10)',
  ]
  return `CREATE TABLE ${historyTable(names, 'changelog')} (${columns.join(', ')})`
}

export function createLockTable(names: HistoryNames): string {
  const key = quoteName(`PK_${names.lockTable.toUpperCase()}`, 'LEGACY')
  const columns = [
    'ID INTEGER NOT NULL',
    'LOCKED BOOLEAN NOT NULL',
    'LOCKGRANTED TEXT',
    'LOCKEDBY VARCHAR(255)',
    `CONSTRAINT ${key} PRIMARY KEY (ID)`,
  ]
  return `CREATE TABLE ${historyTable(names, 'lock')} (${columns.join(', ')})`
}
