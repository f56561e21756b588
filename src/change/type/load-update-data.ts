// loadUpdateData: rows of a CSV file into a table; rows with the same key are updated.
import { Fault } from '#contract/fault'
import { defineChange } from '../define.ts'
import { boolean, requiredText } from '../field.ts'
import { loadChecksum, loadFields, readData } from '../load.ts'
import { splitNames, tableOf } from '../table.ts'

export const loadUpdateData = defineChange({
  name: 'loadUpdateData',
  volatile: true,
  fields: { ...loadFields, primaryKey: requiredText(), onlyUpdate: boolean() },
  async statements(attributes, context, span) {
    const { columns, rows, fixedColumns } = await readData(attributes, context, span)
    const keyColumns = splitNames(attributes.primaryKey)
    const absent = keyColumns.filter((key) => !columns.some((column) => column.toLowerCase() === key.toLowerCase()))
    if (absent.length > 0) {
      const message = `the data file has no column "${absent.join('", "')}", which is the primary key`
      const fix = `Its columns are ${columns.join(', ')}.`
      const diagnostic = { code: 'data/column-not-in-file', severity: 'error', message, span, fix } as const
      throw new Fault('changelog-invalid', message, { diagnostics: [diagnostic] })
    }
    if (rows.length === 0) return []
    const { onlyUpdate = false } = attributes
    return [{ type: 'merge-data', table: tableOf(attributes), columns, keyColumns, fixedColumns, onlyUpdate, rows }]
  },
  checksum: (attributes, form, context) => loadChecksum(attributes, form, context),
})
