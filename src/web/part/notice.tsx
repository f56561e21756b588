// What the application has to say in place: faults with their next step, findings in a file, and empty lists.
import { Button } from '@mantine/core'
import type { ReactNode } from 'react'
import type { Diagnostic } from '#contract/diagnostic'
import { toFault } from '../api.ts'
import type { Tone } from '../model/status.ts'
import { Icon, type IconName } from './icon.tsx'
import style from './notice.module.css'

const icons: Readonly<Record<Tone, IconName>> = {
  good: 'check',
  bad: 'hand',
  wait: 'hand',
  run: 'question',
  calm: 'question',
}

export function Notice({
  tone,
  title,
  children,
}: {
  readonly tone: Tone
  readonly title: ReactNode
  readonly children?: ReactNode
}) {
  return (
    <div className={style.notice} data-tone={tone} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon name={icons[tone]} className={style.icon} />
      <div className={style.body}>
        <p className={style.title}>{title}</p>
        {children}
      </div>
    </div>
  )
}

interface ShownFault {
  readonly code: string
  readonly message: string
  readonly hint?: string | undefined
  readonly databaseCode?: string | undefined
  readonly diagnostics?: readonly Diagnostic[] | undefined
}

/** A fault: what went wrong, what to do next, and the places in the user's files. */
export function FaultNotice({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  const fault: ShownFault = isShown(error) ? error : toFault(error)
  return (
    <Notice tone="bad" title={fault.message}>
      {fault.hint ? <p className={style.hint}>{fault.hint}</p> : null}
      <DiagnosticList diagnostics={fault.diagnostics ?? []} />
      <p className={style.code}>
        {fault.code}
        {fault.databaseCode ? ` · database code ${fault.databaseCode}` : ''}
      </p>
      {retry ? (
        <Button variant="default" mt={8} onClick={retry}>
          Try again
        </Button>
      ) : null}
    </Notice>
  )
}

function isShown(error: unknown): error is ShownFault {
  return typeof error === 'object' && error !== null && 'code' in error && 'message' in error
}

export function DiagnosticList({
  diagnostics,
  goTo,
}: {
  readonly diagnostics: readonly Diagnostic[]
  /** Makes each finding with a place a button that leads there. */
  readonly goTo?: (diagnostic: Diagnostic) => void
}) {
  if (diagnostics.length === 0) return null
  return (
    <ul className={style.diagnostics}>
      {diagnostics.map((diagnostic, index) => (
        <li key={`${index} ${diagnostic.code}`} data-tone={diagnostic.severity === 'error' ? 'bad' : 'wait'}>
          <span className={style.severity}>{diagnostic.severity}</span>
          <div>
            <p>{diagnostic.message}</p>
            {diagnostic.fix ? <p className={style.hint}>{diagnostic.fix}</p> : null}
            <p className={style.code}>
              {diagnostic.span ? <Place diagnostic={diagnostic} {...(goTo ? { goTo } : {})} /> : null}
              {diagnostic.code}
            </p>
          </div>
        </li>
      ))}
    </ul>
  )
}

function Place({ diagnostic, goTo }: { readonly diagnostic: Diagnostic; readonly goTo?: (one: Diagnostic) => void }) {
  const { span } = diagnostic
  if (!span) return null
  const text = `${span.file ? `${span.file}:` : 'line '}${span.line}:${span.column}`
  if (!goTo) return <span className={style.place}>{text}</span>
  return (
    <button type="button" className={style.place} onClick={() => goTo(diagnostic)}>
      {text}
    </button>
  )
}

/** An empty list: what would stand here, and how it comes to be. */
export function Empty({
  icon,
  title,
  children,
}: {
  readonly icon: IconName
  readonly title: string
  readonly children?: ReactNode
}) {
  return (
    <div className={style.empty}>
      <Icon name={icon} size={22} className={style.emptyIcon} />
      <p className={style.emptyTitle}>{title}</p>
      <div className={style.emptyText}>{children}</div>
    </div>
  )
}

/** While something is read for the first time; the word is for those who cannot see the bars. */
export function Loading({ rows = 4 }: { readonly rows?: number }) {
  return (
    <div className={style.loading} role="status">
      <span className="unseen">Loading</span>
      {Array.from({ length: rows }, (_, index) => (
        <span key={index} />
      ))}
    </div>
  )
}
