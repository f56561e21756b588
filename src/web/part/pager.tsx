// From one page of a list to the next; nothing when there is only one.
import { Button } from '@mantine/core'
import style from './pager.module.css'

export function Pager({
  page,
  perPage,
  total,
  go,
}: {
  /** Zero-based. */
  readonly page: number
  readonly perPage: number
  readonly total: number
  readonly go: (page: number) => void
}) {
  const pages = Math.max(1, Math.ceil(total / perPage))
  if (pages === 1) return null
  return (
    <nav aria-label="Pages" className={style.pages}>
      <Button variant="default" disabled={page <= 0} onClick={() => go(page - 1)}>
        Previous
      </Button>
      <span className="soft number">
        Page {page + 1} of {pages}
      </span>
      <Button variant="default" disabled={page >= pages - 1} onClick={() => go(page + 1)}>
        Next
      </Button>
    </nav>
  )
}
