// All change types by name, and the one way from a node of a changelog to a typed change.
import type { ChangelogNode } from '#changelog/node'
import type { Diagnostic } from '#contract/diagnostic'
import type { Change, ChangeType } from './change.ts'
import { nearest } from '#contract/spelling'
import { addAutoIncrement } from './type/add-auto-increment.ts'
import { addColumn } from './type/add-column.ts'
import { addDefaultValue } from './type/add-default-value.ts'
import { addForeignKeyConstraint } from './type/add-foreign-key-constraint.ts'
import { addLookupTable } from './type/add-lookup-table.ts'
import { addNotNullConstraint } from './type/add-not-null-constraint.ts'
import { addPrimaryKey } from './type/add-primary-key.ts'
import { addUniqueConstraint } from './type/add-unique-constraint.ts'
import { alterSequence } from './type/alter-sequence.ts'
import { createIndex } from './type/create-index.ts'
import { createProcedure } from './type/create-procedure.ts'
import { createSequence } from './type/create-sequence.ts'
import { createTable } from './type/create-table.ts'
import { createView } from './type/create-view.ts'
import { customChange } from './type/custom-change.ts'
import { deleteRows } from './type/delete.ts'
import { dropAllForeignKeyConstraints } from './type/drop-all-foreign-key-constraints.ts'
import { dropColumn } from './type/drop-column.ts'
import { dropDefaultValue } from './type/drop-default-value.ts'
import { dropForeignKeyConstraint } from './type/drop-foreign-key-constraint.ts'
import { dropIndex } from './type/drop-index.ts'
import { dropNotNullConstraint } from './type/drop-not-null-constraint.ts'
import { dropPrimaryKey } from './type/drop-primary-key.ts'
import { dropProcedure } from './type/drop-procedure.ts'
import { dropSequence } from './type/drop-sequence.ts'
import { dropTable } from './type/drop-table.ts'
import { dropUniqueConstraint } from './type/drop-unique-constraint.ts'
import { dropView } from './type/drop-view.ts'
import { empty } from './type/empty.ts'
import { executeCommand } from './type/execute-command.ts'
import { insert } from './type/insert.ts'
import { loadData } from './type/load-data.ts'
import { loadUpdateData } from './type/load-update-data.ts'
import { mergeColumns } from './type/merge-columns.ts'
import { modifyDataType } from './type/modify-data-type.ts'
import { output } from './type/output.ts'
import { renameColumn } from './type/rename-column.ts'
import { renameSequence } from './type/rename-sequence.ts'
import { renameTable } from './type/rename-table.ts'
import { renameView } from './type/rename-view.ts'
import { setColumnRemarks } from './type/set-column-remarks.ts'
import { setTableRemarks } from './type/set-table-remarks.ts'
import { sqlFile } from './type/sql-file.ts'
import { sql } from './type/sql.ts'
import { stop } from './type/stop.ts'
import { tagDatabase } from './type/tag-database.ts'
import { update } from './type/update.ts'

const all: readonly ChangeType[] = [
  addAutoIncrement,
  addColumn,
  addDefaultValue,
  addForeignKeyConstraint,
  addLookupTable,
  addNotNullConstraint,
  addPrimaryKey,
  addUniqueConstraint,
  alterSequence,
  createIndex,
  createProcedure,
  createSequence,
  createTable,
  createView,
  customChange,
  deleteRows,
  dropAllForeignKeyConstraints,
  dropColumn,
  dropDefaultValue,
  dropForeignKeyConstraint,
  dropIndex,
  dropNotNullConstraint,
  dropPrimaryKey,
  dropProcedure,
  dropSequence,
  dropTable,
  dropUniqueConstraint,
  dropView,
  empty,
  executeCommand,
  insert,
  loadData,
  loadUpdateData,
  mergeColumns,
  modifyDataType,
  output,
  renameColumn,
  renameSequence,
  renameTable,
  renameView,
  setColumnRemarks,
  setTableRemarks,
  sqlFile,
  sql,
  stop,
  tagDatabase,
  update,
]

export const changeTypes: ReadonlyMap<string, ChangeType> = new Map(all.map((type) => [type.name, type]))

/** Names as changelogs write them; case matters. */
export const changeTypeNames: ReadonlySet<string> = new Set(changeTypes.keys())

export interface ParsedChange {
  /**
   * Absent when there is no such type. With errors in `diagnostics` it can still be hashed and described, because rows of the
   * history may have been written for it, but it must not run.
   */
  readonly change: Change | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** Reads one change of a change set. `dbms` is the short name of the database that it is read for. */
export function parseChange(node: ChangelogNode, dbms: string): ParsedChange {
  const type = changeTypes.get(node.name)
  if (!type) return { change: undefined, diagnostics: [unknownType(node)] }
  const { attributes, diagnostics } = type.parse(node, dbms)
  return { change: { type, attributes, node, span: node.span }, diagnostics }
}

function unknownType(node: ChangelogNode): Diagnostic {
  const near = nearest(node.name, changeTypeNames)
  return {
    code: 'change/unknown-type',
    severity: 'error',
    message: `there is no change type "${node.name}"`,
    span: node.span,
    fix:
      near === undefined
        ? 'Use a change type that Sluice knows, or write the change as sql.'
        : `Did you mean "${near}"?`,
  }
}
