// The two history tables, with exactly the columns and texts that the original engine creates.
import type { HistoryNames } from '../port.ts'
import { quoteName } from './quote.ts'

export function historyTable(names: HistoryNames, which: 'changelog' | 'lock'): string {
  const table = quoteName(which === 'changelog' ? names.changelogTable : names.lockTable, 'LEGACY')
  return names.schemaName === undefined ? table : `${quoteName(names.schemaName, 'LEGACY')}.${table}`
}

export function createChangelogTable(names: HistoryNames): string {
  const columns = [
    'ID nvarchar(255) NOT NULL',
    'AUTHOR nvarchar(255) NOT NULL',
    'FILENAME nvarchar(255) NOT NULL',
    'DATEEXECUTED datetime2(3) NOT NULL',
    'ORDEREXECUTED int NOT NULL',
    'EXECTYPE nvarchar(10) NOT NULL',
    'MD5SUM nvarchar(35)',
    'DESCRIPTION nvarchar(255)',
    'COMMENTS nvarchar(255)',
    'TAG nvarchar(255)',
    'LIQUIBASE nvarchar(20)',
    'CONTEXTS nvarchar(255)',
    'LABELS nvarchar(255)',
    'DEPLOYMENT_ID nvarchar(10)',
  ]
  return `CREATE TABLE ${historyTable(names, 'changelog')} (${columns.join(', ')})`
}

export function createLockTable(names: HistoryNames): string {
  const key = quoteName(`PK_${names.lockTable.toUpperCase()}`, 'LEGACY')
  const columns = [
    'ID int NOT NULL',
    'LOCKED bit NOT NULL',
    'LOCKGRANTED datetime2(3)',
    'LOCKEDBY nvarchar(255)',
    `CONSTRAINT ${key} PRIMARY KEY (ID)`,
  ]
  return `CREATE TABLE ${historyTable(names, 'lock')} (${columns.join(', ')})`
}
