// The frame of every page: title, what leads up to it, what can be done, and panels below.
import { type ReactNode, useEffect } from 'react'
import style from './page.module.css'

export function Page({
  title,
  trail,
  status,
  facts,
  actions,
  fill = false,
  children,
}: {
  readonly title: string
  /** Links to the pages above. */
  readonly trail?: ReactNode
  /** Beside the title. */
  readonly status?: ReactNode
  /** One line below the title. */
  readonly facts?: ReactNode
  readonly actions?: ReactNode
  /** Takes the height of the window and scrolls inside its panels. */
  readonly fill?: boolean
  readonly children: ReactNode
}) {
  useEffect(() => {
    document.title = `${title} · Sluice`
  }, [title])
  return (
    <div className={fill ? `${style.page} ${style.fill}` : style.page}>
      <header className={style.head}>
        <div className={style.titles}>
          {trail ? (
            <nav aria-label="Breadcrumb" className={style.trail}>
              {trail}
            </nav>
          ) : null}
          <div className={style.titleLine}>
            <h1 className="cut">{title}</h1>
            {status}
          </div>
          {facts ? <div className={style.facts}>{facts}</div> : null}
        </div>
        {actions ? <div className={style.actions}>{actions}</div> : null}
      </header>
      {children}
    </div>
  )
}

/** A surface with an optional heading. */
export function Panel({
  title,
  aside,
  className,
  children,
}: {
  readonly title?: ReactNode
  readonly aside?: ReactNode
  readonly className?: string | undefined
  readonly children: ReactNode
}) {
  return (
    <section className={className ? `${style.panel} ${className}` : style.panel}>
      {title ? (
        <div className={style.panelHead}>
          <h2>{title}</h2>
          {aside}
        </div>
      ) : null}
      {children}
    </section>
  )
}

/** A fact in the line below a title: a faint name and its value. */
export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <span className={style.fact}>
      <span className="faint">{name}</span>
      <span>{children}</span>
    </span>
  )
}
