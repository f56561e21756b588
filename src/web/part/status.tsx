// A status as sign and word: a pill for headers and lists, a bare sign where the word stands beside or in the name.
import type { StatusLook } from '../model/status.ts'
import { Icon } from './icon.tsx'
import style from './status.module.css'

export function StatusPill({ look, reason }: { readonly look: StatusLook; readonly reason?: string | undefined }) {
  return (
    <span className={style.pill} data-tone={look.tone} title={reason}>
      <Icon name={look.icon} size={12} className={look.icon === 'turn' ? style.turning : undefined} />
      {look.label}
    </span>
  )
}

/** Sign and word without a border, for dense lists. */
export function StatusText({ look }: { readonly look: StatusLook }) {
  return (
    <span className={style.text} data-tone={look.tone}>
      <Icon name={look.icon} size={13} className={look.icon === 'turn' ? style.turning : undefined} />
      {look.label}
    </span>
  )
}

/** The sign alone; its word is read out unless `labelled` elsewhere. */
export function StatusSign({ look, labelled = false }: { readonly look: StatusLook; readonly labelled?: boolean }) {
  return (
    <span className={style.sign} data-tone={look.tone} title={look.label}>
      <Icon name={look.icon} size={12} className={look.icon === 'turn' ? style.turning : undefined} />
      {labelled ? null : <span className="unseen">{look.label}</span>}
    </span>
  )
}
