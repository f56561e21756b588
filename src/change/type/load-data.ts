// loadData: rows of a CSV file into a table.
import { defineChange } from '../define.ts'
import { loadChecksum, loadFields, readData } from '../load.ts'
import { tableOf } from '../table.ts'

export const loadData = defineChange({
  name: 'loadData',
  volatile: true,
  fields: loadFields,
  async statements(attributes, context, span) {
    const { columns, rows } = await readData(attributes, context, span, true)
    return rows.length === 0 ? [] : [{ type: 'load-data', table: tableOf(attributes), columns, rows }]
  },
  checksum: (attributes, form, context) => loadChecksum(attributes, form, context),
})
