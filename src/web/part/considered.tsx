// Which delegates were considered for some work, and why each was not chosen.
import type { ConsideredDelegateOut } from '#contract/api/delegate'
import style from './considered.module.css'

export function ConsideredList({ rows }: { readonly rows: readonly ConsideredDelegateOut[] }) {
  if (rows.length === 0) return null
  return (
    <section aria-label="Delegates that were considered" className={style.considered}>
      <h3>Delegates that were considered</h3>
      <ul>
        {rows.map(({ id, name, reason }) => (
          <li key={id}>
            <strong>{name}</strong> <span className="soft">{reason}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}
