// The parts of a table on its page.
import type { ForeignKey, Table } from '#database/snapshot/model'
import { html, type Html } from './html.ts'

export function columnLines(table: Table, linkTo: (column: string) => string): Html {
  const rows = table.columns.map((column) => {
    const isKey = table.primaryKey?.columns.includes(column.name) ? 'primary key' : ''
    const value = column.generated?.expression ?? column.defaultValue?.expression
    return html`<tr><td><a href="${linkTo(column.name)}">${column.name}</a></td><td>${column.type.text}</td><td>${column.nullable ? '' : 'not null'}</td><td>${value}</td><td>${isKey}</td><td>${column.remarks}</td></tr>`
  })
  return html`<table>
<tr><th>Column</th><th>Type</th><th>Null</th><th>Default</th><th>Key</th><th>Remarks</th></tr>
${rows}
</table>`
}

export function foreignKeyRows(table: Table, linkTo: (key: ForeignKey) => string): Html {
  const rows = table.foreignKeys.map(
    (key) =>
      html`<tr><td>${key.name}</td><td>${key.columns.join(', ')}</td><td><a href="${linkTo(key)}">${key.referencedTable}</a> (${key.referencedColumns.join(', ')})</td><td>${key.onDelete}</td></tr>`,
  )
  if (rows.length === 0) return html`<p>None.</p>`
  return html`<table>
<tr><th>Name</th><th>Columns</th><th>Refers to</th><th>On delete</th></tr>
${rows}
</table>`
}

export function indexRows(table: Table): Html {
  const rows = table.indexes.map((index) => {
    const columns = index.columns.map(({ name, descending }) => `${name}${descending ? ' desc' : ''}`).join(', ')
    return html`<tr><td>${index.name}</td><td>${columns}</td><td>${index.unique ? 'unique' : ''}</td></tr>`
  })
  if (rows.length === 0) return html`<p>None.</p>`
  return html`<table>
<tr><th>Name</th><th>Columns</th><th></th></tr>
${rows}
</table>`
}
