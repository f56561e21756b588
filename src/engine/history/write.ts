// The texts that write the history. Execution runs the very texts that the -sql commands print.
import { fullContext } from '#changelog/context'
import { fullLabels } from '#changelog/label'
import type { TargetContext } from '../context.ts'
import type { PlannedStep } from '../plan.ts'
import { engineVersion } from '../version.ts'
import type { HistoryRow } from './row.ts'
import { historyTable } from './table.ts'

/** An empty change set: what the row of `tag` on an empty history holds. */
const checksumOfNothing = '9:d41d8cd98f00b204e9800998ecf8427e'

/** What a finished step does to the history: INSERT, UPDATE or DELETE. `order` is its ORDEREXECUTED. */
export function recordText(target: TargetContext, step: PlannedStep, order: number): string {
  if (step.direction === 'rollback') return deleteText(target, step)
  return step.row ? updateText(target, step, step.row, order) : insertText(target, step, order)
}

function insertText(target: TargetContext, step: PlannedStep, order: number): string {
  const { literal, now } = target.database.dialect
  const { changeSet } = step
  const columns: (readonly [column: string, value: string])[] = [
    ['ID', literal(changeSet.id)],
    ['AUTHOR', literal(changeSet.author)],
    ['FILENAME', literal(changeSet.path)],
    ['DATEEXECUTED', now],
    ['ORDEREXECUTED', String(order)],
    ['MD5SUM', literal(step.checksum)],
    ['DESCRIPTION', literal(step.description)],
    ['COMMENTS', literal(limit(changeSet.comment))],
    ['EXECTYPE', literal(step.execType)],
    ['CONTEXTS', literal(fullContext(changeSet) || null)],
    ['LABELS', literal(fullLabels(changeSet) || null)],
    ['LIQUIBASE', literal(engineVersion)],
    ['DEPLOYMENT_ID', literal(target.deploymentId)],
  ]
  if (step.tag !== undefined) columns.push(['TAG', literal(step.tag)])
  return insert(target, columns)
}

function updateText(target: TargetContext, step: PlannedStep, row: HistoryRow, order: number): string {
  const { literal, now } = target.database.dialect
  const { changeSet } = step
  const columns: (readonly [column: string, value: string])[] = [
    ['COMMENTS', literal(limit(changeSet.comment))],
    ['CONTEXTS', literal(fullContext(changeSet) || null)],
    ['DATEEXECUTED', now],
    ['DEPLOYMENT_ID', literal(target.deploymentId)],
    ['DESCRIPTION', literal(step.description)],
    ['EXECTYPE', literal(step.execType)],
    ['LABELS', literal(fullLabels(changeSet) || null)],
    ['LIQUIBASE', literal(engineVersion)],
    ['MD5SUM', literal(step.checksum)],
    ['ORDEREXECUTED', String(order)],
  ]
  if (step.tag !== undefined) columns.push(['TAG', literal(step.tag)])
  const set = columns.map(([column, value]) => `${columnName(target, column)} = ${value}`).join(', ')
  return `UPDATE ${historyTable(target)} SET ${set} WHERE ${identifies(target, row)}`
}

function deleteText(target: TargetContext, step: PlannedStep): string {
  const { changeSet } = step
  const row = step.row ?? { id: changeSet.id, author: changeSet.author, fileName: changeSet.path }
  return deleteRowText(target, row)
}

/** Brings MD5SUM alone to the present version. */
export function checksumText(target: TargetContext, row: HistoryRow, checksum: string): string {
  const { literal } = target.database.dialect
  return `UPDATE ${historyTable(target)} SET MD5SUM = ${literal(checksum)} WHERE ${identifies(target, row)}`
}

/** Exactly one row gets the tag, also on databases whose clock gives several rows the same moment. */
export function tagText(target: TargetContext, row: HistoryRow, tag: string): string {
  const { literal } = target.database.dialect
  return `UPDATE ${historyTable(target)} SET TAG = ${literal(tag)} WHERE ${identifies(target, row)} AND ORDEREXECUTED = ${row.orderExecuted}`
}

/** The row that an empty history gets so that a tag has a place: as the original engine writes it. */
export function tagCarrierText(target: TargetContext, tag: string): string {
  return carrierText(target, tag, { id: String(target.clock()), author: 'liquibase', order: 1 })
}

const internalFile = 'liquibase-internal'
/** Of the rows that carry a tag and nothing else; those of the compatible product are called after its own author. */
const markers: Readonly<Record<string, string>> = { sluice: 'sluice_', harness: 'harness_' }

export const isTagMarker = ({ fileName, id, author }: Pick<HistoryRow, 'fileName' | 'id' | 'author'>): boolean =>
  fileName === internalFile && Object.hasOwn(markers, author) && id.startsWith(markers[author] ?? '')

/** A row after all others that carries the tag and nothing else. */
export function tagMarkerText(target: TargetContext, tag: string, order: number): string {
  const id = `sluice_${tag.replaceAll(/[^0-9A-Za-z]/g, '_')}`
  return carrierText(target, tag, { id, author: 'sluice', order })
}

export const deleteRowText = (target: TargetContext, row: Pick<HistoryRow, 'id' | 'author' | 'fileName'>): string =>
  `DELETE FROM ${historyTable(target)} WHERE ${identifies(target, row)}`

function carrierText(
  target: TargetContext,
  tag: string,
  { id, author, order }: { readonly id: string; readonly author: string; readonly order: number },
): string {
  const { literal, now } = target.database.dialect
  return insert(target, [
    ['ID', literal(id)],
    ['AUTHOR', literal(author)],
    ['FILENAME', literal(internalFile)],
    ['DATEEXECUTED', now],
    ['ORDEREXECUTED', String(order)],
    ['MD5SUM', literal(checksumOfNothing)],
    ['DESCRIPTION', literal('empty')],
    ['COMMENTS', literal('')],
    ['EXECTYPE', literal('EXECUTED')],
    ['CONTEXTS', literal(null)],
    ['LABELS', literal(null)],
    ['LIQUIBASE', literal(engineVersion)],
    ['DEPLOYMENT_ID', literal(target.deploymentId)],
    ['TAG', literal(tag)],
  ])
}

function insert(target: TargetContext, columns: readonly (readonly [column: string, value: string])[]): string {
  const names = columns.map(([name]) => columnName(target, name)).join(', ')
  return `INSERT INTO ${historyTable(target)} (${names}) VALUES (${columns.map(([, value]) => value).join(', ')})`
}

/** MySQL and MariaDB want quotes around DESCRIPTION. */
function columnName(target: TargetContext, column: string): string {
  return target.database.dialect.quoteObject(column, 'LEGACY')
}

function identifies(target: TargetContext, row: Pick<HistoryRow, 'id' | 'author' | 'fileName'>): string {
  const { literal } = target.database.dialect
  return `ID = ${literal(row.id)} AND AUTHOR = ${literal(row.author)} AND FILENAME = ${literal(row.fileName)}`
}

/** COMMENTS holds 255 characters; the original engine cuts at 250 and marks it. */
function limit(text: string): string {
  return text.length <= 250 ? text : `${text.slice(0, 247)}...`
}
