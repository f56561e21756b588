// The two history tables, with exactly the columns and texts that the original engine creates.
import type { HistoryNames } from '../port.ts'
import { booleanType } from './type.ts'
import { quoteName } from './quote.ts'

export function historyTable(names: HistoryNames, which: 'changelog' | 'lock'): string {
  const table = quoteName(which === 'changelog' ? names.changelogTable : names.lockTable, 'LEGACY', false)
  return names.schemaName === undefined ? table : `${quoteName(names.schemaName, 'LEGACY', false)}.${table}`
}

export function createChangelogTable(names: HistoryNames): string {
  const columns = [
    'ID VARCHAR2(255) NOT NULL',
    'AUTHOR VARCHAR2(255) NOT NULL',
    'FILENAME VARCHAR2(255) NOT NULL',
    'DATEEXECUTED TIMESTAMP NOT NULL',
    'ORDEREXECUTED INTEGER NOT NULL',
    'EXECTYPE VARCHAR2(10) NOT NULL',
    'MD5SUM VARCHAR2(35)',
    'DESCRIPTION VARCHAR2(255)',
    'COMMENTS VARCHAR2(255)',
    'TAG VARCHAR2(255)',
    'LIQUIBASE VARCHAR2(20)',
    'CONTEXTS VARCHAR2(255)',
    'LABELS VARCHAR2(255)',
    'DEPLOYMENT_ID VARCHAR2(10)',
  ]
  return `CREATE TABLE ${historyTable(names, 'changelog')} (${columns.join(', ')})`
}

export function createLockTable(names: HistoryNames, majorVersion: number | undefined): string {
  const key = quoteName(`PK_${names.lockTable.toUpperCase()}`, 'LEGACY', false)
  const columns = [
    'ID INTEGER NOT NULL',
    `LOCKED ${booleanType(majorVersion)} NOT NULL`,
    'LOCKGRANTED TIMESTAMP',
    'LOCKEDBY VARCHAR2(255)',
    `CONSTRAINT ${key} PRIMARY KEY (ID)`,
  ]
  return `CREATE TABLE ${historyTable(names, 'lock')} (${columns.join(', ')})`
}
