// The frame of every list: what is read, a filter, the rows, the pages, and in their place loading, a fault or what an empty list means.
import { Button, TextInput } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import { Icon } from './icon.tsx'
import { Empty, FaultNotice, Loading } from './notice.tsx'
import { Panel } from './page.tsx'
import { Pager } from './pager.tsx'
import style from './list.module.css'
import table from './table.module.css'

/** Rows on the screen at once of a list that is read as a whole. */
const perPage = 100

interface Answer<Row> {
  readonly data: readonly Row[] | undefined
  readonly error: unknown
  readonly refetch: () => unknown
}

export interface Paging {
  /** Zero-based. */
  readonly page: number
  readonly perPage: number
  readonly total: number
  readonly go: (page: number) => void
}

export function List<Row>({
  title,
  aside,
  answer,
  empty,
  textOf,
  paging,
  children,
}: {
  readonly title?: ReactNode
  readonly aside?: ReactNode
  /** What was read; with `paging` one page of it. */
  readonly answer: Answer<Row>
  /** Stands in the place of the rows when there are none. */
  readonly empty: ReactNode
  /** Of a list that is read as a whole: the text of a row in which is searched. */
  readonly textOf?: (row: Row) => string
  /** Of a list that is read page by page. */
  readonly paging?: Paging | undefined
  readonly children: (rows: readonly Row[]) => ReactNode
}) {
  const { data, error, refetch } = answer
  const [sought, setSought] = useState('')
  const [page, setPage] = useState(0)
  const words = sought.toLowerCase().split(/\s+/)
  const found = textOf ? data?.filter((row) => words.every((word) => textOf(row).toLowerCase().includes(word))) : data
  const shown = Math.min(page, Math.max(0, Math.ceil((found?.length ?? 0) / perPage) - 1))
  const rows = paging ? found : found?.slice(shown * perPage, (shown + 1) * perPage)
  const pages = paging ?? { page: shown, perPage, total: found?.length ?? 0, go: setPage }
  return (
    <>
      {error ? <FaultNotice error={error} retry={() => void refetch()} /> : null}
      <Panel title={title} aside={aside}>
        {!data && !error ? <Loading rows={3} /> : null}
        {data?.length === 0 && pages.total === 0 ? empty : null}
        {textOf && data && data.length > 1 ? (
          <TextInput
            type="search"
            className={style.filter}
            aria-label={typeof title === 'string' ? `Filter ${title.toLowerCase()}` : 'Filter'}
            placeholder="Filter"
            leftSection={<Icon name="search" size={13} />}
            value={sought}
            onChange={(event) => setSought(event.currentTarget.value)}
          />
        ) : null}
        {data && data.length > 0 && rows?.length === 0 ? (
          <Empty icon="search" title="Nothing of that name">
            <Button variant="default" onClick={() => setSought('')}>
              Show all {data.length}
            </Button>
          </Empty>
        ) : null}
        {rows && rows.length > 0 ? children(rows) : null}
        {data ? <Pager {...pages} /> : null}
      </Panel>
    </>
  )
}

/** `end`: figures and buttons, at the right. `unseen`: only read out, as the buttons below say it themselves. */
export type Column = string | { readonly title: string; readonly end?: true; readonly unseen?: true }

export function Table({
  label,
  columns,
  children,
}: {
  /** What the rows are, for those who cannot see it. */
  readonly label: string
  readonly columns: readonly Column[]
  /** A `tr` for each row. */
  readonly children: ReactNode
}) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
    <div className={table.wrap} tabIndex={0} role="region" aria-label={label}>
      <table className={table.table}>
        <thead>
          <tr>
            {columns
              .map((column) => (typeof column === 'string' ? { title: column } : column))
              .map(({ title, end, unseen }: Exclude<Column, string>) => (
                <th key={title} scope="col" className={end ? table.end : undefined}>
                  {unseen ? <span className="unseen">{title}</span> : title}
                </th>
              ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  )
}

/** Head of a row: the name, and the identifier when that is another one. */
export function Named({
  name,
  identifier,
  children,
}: {
  readonly name: string
  readonly identifier: string
  /** A link instead of the bare name. */
  readonly children?: ReactNode
}) {
  return (
    <th scope="row">
      {children ?? name}
      {name === identifier ? null : <span className={table.sub}>{identifier}</span>}
    </th>
  )
}
