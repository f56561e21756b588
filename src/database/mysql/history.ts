// The two history tables, with exactly the columns and texts that the original engine creates.
import type { HistoryNames } from '../port.ts'
import type { Flavour } from './flavour.ts'
import { quoteName } from './quote.ts'

/** The names stay as they are: they matter on file systems that tell capitals apart. */
export function historyTable(names: HistoryNames, which: 'changelog' | 'lock'): string {
  const table = quoteName(which === 'changelog' ? names.changelogTable : names.lockTable, 'LEGACY')
  return names.schemaName === undefined ? table : `${quoteName(names.schemaName, 'LEGACY')}.${table}`
}

export function createChangelogTable(names: HistoryNames): string {
  const columns = [
    'ID VARCHAR(255) NOT NULL',
    'AUTHOR VARCHAR(255) NOT NULL',
    'FILENAME VARCHAR(255) NOT NULL',
    'DATEEXECUTED datetime NOT NULL',
    'ORDEREXECUTED INT NOT NULL',
    'EXECTYPE VARCHAR(10) NOT NULL',
    'MD5SUM VARCHAR(35) NULL',
    '`DESCRIPTION` VARCHAR(255) NULL',
    'COMMENTS VARCHAR(255) NULL',
    'TAG VARCHAR(255) NULL',
    'LIQUIBASE VARCHAR(20) NULL',
    'CONTEXTS VARCHAR(255) NULL',
    'LABELS VARCHAR(255) NULL',
    'DEPLOYMENT_ID VARCHAR(10) NULL',
  ]
  return `CREATE TABLE ${historyTable(names, 'changelog')} (${columns.join(', ')})`
}

export function createLockTable(names: HistoryNames, { booleanType }: Flavour): string {
  const columns = [
    'ID INT NOT NULL',
    `\`LOCKED\` ${booleanType} NOT NULL`,
    'LOCKGRANTED datetime NULL',
    'LOCKEDBY VARCHAR(255) NULL',
    `CONSTRAINT ${quoteName(`PK_${names.lockTable.toUpperCase()}`, 'LEGACY')} PRIMARY KEY (ID)`,
  ]
  return `CREATE TABLE ${historyTable(names, 'lock')} (${columns.join(', ')})`
}
