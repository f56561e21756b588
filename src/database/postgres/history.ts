// The two history tables, with exactly the columns and texts that the original engine creates.
import type { HistoryNames } from '../port.ts'
import { quoteName } from './quote.ts'

/** PostgreSQL folds the names of these tables to lower case. */
export function historyTable(names: HistoryNames, which: 'changelog' | 'lock'): string {
  const table = quoteName((which === 'changelog' ? names.changelogTable : names.lockTable).toLowerCase(), 'LEGACY')
  return names.schemaName === undefined ? table : `${quoteName(names.schemaName, 'LEGACY')}.${table}`
}

export function createChangelogTable(names: HistoryNames): string {
  const columns = [
    'ID VARCHAR(255) NOT NULL',
    'AUTHOR VARCHAR(255) NOT NULL',
    'FILENAME VARCHAR(255) NOT NULL',
    'DATEEXECUTED TIMESTAMP WITHOUT TIME ZONE NOT NULL',
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
  const columns = [
    'ID INTEGER NOT NULL',
    'LOCKED BOOLEAN NOT NULL',
    'LOCKGRANTED TIMESTAMP WITHOUT TIME ZONE',
    'LOCKEDBY VARCHAR(255)',
    `CONSTRAINT ${quoteName(`${names.lockTable.toLowerCase()}_pkey`, 'LEGACY')} PRIMARY KEY (ID)`,
  ]
  return `CREATE TABLE ${historyTable(names, 'lock')} (${columns.join(', ')})`
}
