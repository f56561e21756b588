// The pages of db-doc: tables, columns, authors, changelogs, what ran lately and what has not run yet.
import type { ChangeSet } from '#changelog/model'
import type { Column, Snapshot, Table } from '#database/snapshot/model'
import { columnLines, foreignKeyRows, indexRows } from './table-part.ts'
import { html, type Html, type Page } from './html.ts'

export interface DocumentedChangeSet {
  readonly changeSet: Pick<ChangeSet, 'path' | 'id' | 'author' | 'comment'>
  readonly description: string
  /** When it ran, as the history says; undefined while it has not. */
  readonly ran: string | undefined
  /** Names of tables and `table.column` that it names, lower case. */
  readonly touches: ReadonlySet<string>
  /** What it would run; only of those that have not. */
  readonly sql: readonly string[]
}

export interface Documentation {
  readonly snapshot: Snapshot
  /** In the order of the changelog. */
  readonly changeSets: readonly DocumentedChangeSet[]
  /** Newest first. */
  readonly recent: readonly DocumentedChangeSet[]
  readonly changelogFile: string
  readonly place: string
  readonly generated: string
}

/** So many rows a list has at most; what is left out is said. */
const limit = 5000

/** A name as a part of a path: other characters than letters, digits, `.`, `_` and `-` by their number. */
export const fileName = (name: string): string =>
  name
    .replaceAll(/[^A-Za-z0-9._-]/g, (found) => `~${(found.codePointAt(0) ?? 0).toString(16)}`)
    .replace(/^\.+$/, (dots) => '~2e'.repeat(dots.length))

const tablePath = (schemaName: string | undefined, table: string): string =>
  `tables/${fileName(schemaName ?? 'default')}/${fileName(table)}.html`
const columnPath = (schemaName: string | undefined, table: string, column: string): string =>
  `columns/${fileName([schemaName, table, column].filter((part) => part !== undefined).join('.'))}.html`
const authorPath = (author: string): string => `authors/${fileName(author)}.html`
const changelogPath = (path: string): string => `changelogs/${fileName(path)}.html`
export const anchor = ({ path, id, author }: DocumentedChangeSet['changeSet']): string =>
  fileName(`${path}::${id}::${author}`)

export function* pagesOf(documentation: Documentation): Generator<Page> {
  const { snapshot, changeSets, recent } = documentation
  const pending = changeSets.filter(({ ran }) => ran === undefined)
  yield overview('index.html', documentation)
  yield overview('overview-summary.html', documentation)
  yield overview('globalnav.html', documentation)
  yield tableList(snapshot)
  const byAuthor = grouped(changeSets, ({ changeSet }) => changeSet.author)
  const byFile = grouped(changeSets, ({ changeSet }) => changeSet.path)
  yield nameList('authors.html', 'Authors', byAuthor, authorPath)
  yield nameList('changelogs.html', 'Changelogs', byFile, changelogPath)
  for (const [author, own] of byAuthor) {
    yield { path: authorPath(author), title: `Changes by ${author}`, body: changeSetTable(own, '../') }
  }
  for (const [file, own] of byFile) {
    yield { path: changelogPath(file), title: `Changes in ${file}`, body: changeSetTable(own, '../') }
  }
  yield { path: 'pending/index.html', title: 'Pending changes', body: changeSetTable(pending, '../') }
  yield { path: 'pending/sql.html', title: 'SQL of pending changes', body: pendingSql(pending) }
  yield { path: 'recent/index.html', title: 'Recent changes', body: changeSetTable(recent, '../') }
  const touching = touchIndex(changeSets)
  for (const schema of snapshot.schemas) {
    for (const table of schema.tables) {
      yield tablePage(schema.name, table, touching)
      for (const column of table.columns) yield columnPage(schema.name, table, column, touching)
    }
  }
}

type Touching = (name: string) => readonly DocumentedChangeSet[]

/** By name, in one walk over all change sets. */
function touchIndex(changeSets: readonly DocumentedChangeSet[]): Touching {
  const index = new Map<string, DocumentedChangeSet[]>()
  for (const one of changeSets) {
    for (const name of one.touches) {
      const list = index.get(name)
      if (list) list.push(one)
      else index.set(name, [one])
    }
  }
  return (name) => index.get(name.toLowerCase()) ?? []
}

function overview(path: string, { snapshot, changeSets, changelogFile, place }: Documentation): Page {
  const tables = snapshot.schemas.reduce((sum, schema) => sum + schema.tables.length, 0)
  const pending = changeSets.filter(({ ran }) => ran === undefined).length
  return {
    path,
    title: 'Database documentation',
    body: html`<table>
<tr><th>Database</th><td>${snapshot.database.productName} ${snapshot.database.productVersion}, ${place}</td></tr>
<tr><th>Changelog</th><td>${changelogFile}</td></tr>
<tr><th>Tables</th><td><a href="currenttables.html">${tables}</a></td></tr>
<tr><th>Change sets that ran</th><td>${changeSets.length - pending}</td></tr>
<tr><th>Change sets that have not run</th><td><a href="pending/index.html">${pending}</a></td></tr>
</table>`,
  }
}

function tableList({ schemas }: Snapshot): Page {
  const rows = schemas.flatMap(({ name, tables }) =>
    tables.map(
      (table) =>
        html`<tr><td><a href="${tablePath(name, table.name)}">${table.name}</a></td><td>${name}</td><td>${table.remarks}</td></tr>`,
    ),
  )
  return {
    path: 'currenttables.html',
    title: 'Tables',
    body: limited(rows, html`<tr><th>Table</th><th>Schema</th><th>Remarks</th></tr>`),
  }
}

function nameList(
  path: string,
  title: string,
  groups: ReadonlyMap<string, readonly unknown[]>,
  target: (name: string) => string,
): Page {
  const rows = [...groups].map(
    ([name, own]) => html`<tr><td><a href="${target(name)}">${name}</a></td><td>${own.length}</td></tr>`,
  )
  return { path, title, body: limited(rows, html`<tr><th>Name</th><th>Change sets</th></tr>`) }
}

function changeSetTable(changeSets: readonly DocumentedChangeSet[], up: string): Html {
  const rows = changeSets.map(({ changeSet, description, ran }) => {
    const { path, id, author, comment } = changeSet
    const state =
      ran === undefined ? html`<a href="${up}pending/sql.html#${anchor(changeSet)}">not yet</a>` : html`${ran}`
    return html`<tr><td><a href="${up}${changelogPath(path)}">${path}</a></td><td>${id}</td><td><a href="${up}${authorPath(author)}">${author}</a></td><td>${description}</td><td>${comment}</td><td>${state}</td></tr>`
  })
  const head = html`<tr><th>File</th><th>Id</th><th>Author</th><th>What</th><th>Comment</th><th>Ran</th></tr>`
  return changeSets.length === 0 ? html`<p>None.</p>` : limited(rows, head)
}

function limited(rows: readonly Html[], head: Html): Html {
  const rest = rows.length - limit
  const note = rest > 0 ? html`<p>And ${rest} more.</p>` : html``
  return html`<table>
${head}
${rows.slice(0, limit)}
</table>
${note}`
}

function pendingSql(pending: readonly DocumentedChangeSet[]): Html {
  const parts = pending.slice(0, limit).map(
    ({
      changeSet,
      sql,
    }) => html`<h2 id="${anchor(changeSet)}">${changeSet.path}::${changeSet.id}::${changeSet.author}</h2>
<pre>${sql.map((text) => `${text};`).join('\n\n')}</pre>`,
  )
  return pending.length === 0 ? html`<p>None.</p>` : html`${parts}`
}

function tablePage(schemaName: string | undefined, table: Table, touching: Touching): Page {
  const up = '../../'
  return {
    path: tablePath(schemaName, table.name),
    title: `Table ${table.name}`,
    body: html`<p>${table.remarks}</p>
<h2>Columns</h2>
${columnLines(table, (column) => `${up}${columnPath(schemaName, table.name, column)}`)}
<h2>Foreign keys</h2>
${foreignKeyRows(table, (key) => `${up}${tablePath(key.referencedSchema ?? schemaName, key.referencedTable)}`)}
<h2>Indexes</h2>
${indexRows(table)}
<h2>Changes</h2>
${changeSetTable(touching(table.name), up)}`,
  }
}

function columnPage(schemaName: string | undefined, table: Table, column: Column, touching: Touching): Page {
  return {
    path: columnPath(schemaName, table.name, column.name),
    title: `Column ${table.name}.${column.name}`,
    body: html`<table>
<tr><th>Table</th><td><a href="../${tablePath(schemaName, table.name)}">${table.name}</a></td></tr>
<tr><th>Type</th><td>${column.type.text}</td></tr>
<tr><th>Empty allowed</th><td>${column.nullable ? 'yes' : 'no'}</td></tr>
<tr><th>Default</th><td>${column.defaultValue?.expression}</td></tr>
<tr><th>Remarks</th><td>${column.remarks}</td></tr>
</table>
<h2>Changes</h2>
${changeSetTable(touching(`${table.name}.${column.name}`), '../')}`,
  }
}

function grouped(
  changeSets: readonly DocumentedChangeSet[],
  keyOf: (one: DocumentedChangeSet) => string,
): ReadonlyMap<string, readonly DocumentedChangeSet[]> {
  const groups = new Map<string, DocumentedChangeSet[]>()
  for (const one of changeSets) {
    const list = groups.get(keyOf(one))
    if (list) list.push(one)
    else groups.set(keyOf(one), [one])
  }
  return groups
}
