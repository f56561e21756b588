// Code as text at once, and in an editor as soon as that is loaded.
import { lazy, Suspense } from 'react'
import type { Diagnostic } from '#contract/diagnostic'
import style from './code.module.css'

const CodeEditor = lazy(() => import('./code-editor.tsx'))

export interface CodeProps {
  readonly text: string
  readonly language: 'sql' | 'yaml'
  /** For those who cannot see what it is. */
  readonly label: string
  /** Absent: read-only. */
  readonly onChange?: (text: string) => void
  readonly diagnostics?: readonly Diagnostic[]
  /** A new object each time moves the cursor there. */
  readonly place?: { readonly diagnostic: Diagnostic } | undefined
  readonly className?: string | undefined
}

export function Code(props: CodeProps) {
  const className = props.className ? `${style.code} ${props.className}` : style.code
  return (
    <Suspense
      fallback={
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
        <pre className={`${className} ${style.plain}`} tabIndex={0} aria-label={props.label} role="region">
          {props.text}
        </pre>
      }
    >
      <CodeEditor {...props} className={className} />
    </Suspense>
  )
}
