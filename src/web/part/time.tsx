// Times on the screen: relative with the exact time on hover, and durations that go on while something runs.
import { useEffect, useState } from 'react'
import { formatDuration, formatExact, formatRelative } from '../model/duration.ts'

function useNow(every: number | undefined): number {
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    if (every === undefined) return undefined
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), every)
    return () => clearInterval(timer)
  }, [every])
  return now
}

/** `at` in epoch milliseconds; nothing known: a dash, or what `otherwise` says. */
export function Ago({ at, otherwise = '–' }: { readonly at: number | null | undefined; readonly otherwise?: string }) {
  const now = useNow(at ? 10_000 : undefined)
  if (!at) return <span className="faint">{otherwise}</span>
  // Between two ticks something may happen after the last one; it did not happen in the future.
  const isPast = at <= Date.now()
  return (
    <time dateTime={new Date(at).toISOString()} title={formatExact(at)} className="number">
      {formatRelative(at, isPast ? Math.max(now, at) : now)}
    </time>
  )
}

/** From start to end, or to now. Both in epoch milliseconds. */
export function Took({ from, to }: { readonly from: number | null; readonly to: number | null }) {
  const now = useNow(from !== null && to === null ? 1000 : undefined)
  if (from === null) return null
  return <span className="number">{formatDuration((to ?? now) - from)}</span>
}
