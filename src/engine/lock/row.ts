// The row of DATABASECHANGELOGLOCK: its texts, and whose it is.
import type { Row } from '#database/port'
import { cellsOf } from '../cell.ts'
import type { TargetContext } from '../context.ts'

export interface LockRow {
  readonly locked: boolean
  /** LOCKEDBY as stored. */
  readonly holder: string
  /** LOCKGRANTED as the database prints it. */
  readonly since: string
}

export function lockTable(target: TargetContext): string {
  return target.database.dialect.historyTable(target.names, 'lock')
}

/** `host#sluice:run (address)`: the form that Liquibase gives a host with a description, so that both can read it. */
export function holderName(target: TargetContext): string {
  const { host, run } = target
  const address = host.indexOf(' (')
  return address < 0
    ? `${host}#sluice:${run}`
    : `${host.slice(0, address)}#sluice:${run}${host.slice(address)}`.slice(0, 255)
}

/** Whether a run of Sluice wrote it; then a session lock was held beside it for as long as that run lived. */
export function isOurs(holder: string): boolean {
  return /#sluice:[\w.-]+/.test(holder)
}

export function toLockRow(row: Row): LockRow {
  const text = cellsOf(row)
  return {
    locked: /^(?:true|t|1)$/i.test(text('locked') ?? ''),
    holder: text('lockedby') ?? '',
    since: text('lockgranted') ?? '',
  }
}

/** MySQL and MariaDB want quotes around it. */
const lockedColumn = (target: TargetContext): string => target.database.dialect.quoteObject('LOCKED', 'LEGACY')

export function clearText(target: TargetContext): string {
  return `DELETE FROM ${lockTable(target)}`
}

export function initialiseText(target: TargetContext): string {
  const { literal } = target.database.dialect
  return `INSERT INTO ${lockTable(target)} (ID, ${lockedColumn(target)}) VALUES (1, ${literal(false)})`
}

export function lockText(target: TargetContext): string {
  const { literal, now } = target.database.dialect
  return `UPDATE ${lockTable(target)} SET ${lockedColumn(target)} = ${literal(true)}, LOCKEDBY = ${literal(holderName(target))}, LOCKGRANTED = ${now} WHERE ID = 1 AND ${lockedColumn(target)} = ${literal(false)}`
}

/** Takes over a row that a dead run left; does nothing when somebody else was faster. */
export function takeOverText(target: TargetContext, dead: LockRow): string {
  const { literal, now } = target.database.dialect
  return `UPDATE ${lockTable(target)} SET LOCKEDBY = ${literal(holderName(target))}, LOCKGRANTED = ${now} WHERE ID = 1 AND ${lockedColumn(target)} = ${literal(true)} AND LOCKEDBY = ${literal(dead.holder)}`
}

export function unlockText(target: TargetContext): string {
  const { literal } = target.database.dialect
  return `UPDATE ${lockTable(target)} SET ${lockedColumn(target)} = ${literal(false)}, LOCKEDBY = NULL, LOCKGRANTED = NULL WHERE ID = 1`
}

/** Only when it is still ours: a person may have released it and another engine taken it meanwhile. */
export function unlockOwnText(target: TargetContext): string {
  return `${unlockText(target)} AND LOCKEDBY = ${target.database.dialect.literal(holderName(target))}`
}

export async function readLockRow(target: TargetContext, signal?: AbortSignal): Promise<LockRow | undefined> {
  const text = `SELECT ${lockedColumn(target)}, LOCKGRANTED, LOCKEDBY FROM ${lockTable(target)} WHERE ID = 1`
  const row = (await target.database.session.execute(text, [], signal)).rows[0]
  return row === undefined ? undefined : toLockRow(row)
}
