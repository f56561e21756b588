// A key or token that ends must not go on in another one: what is made, extended or renewed under it ends no later than it does.
import { Fault } from '#contract/fault'
import type { Caller } from '../http/handler.ts'

/** The end of something that is made or changed. `wanted` undefined: nobody said; null: never. Raises `forbidden` beyond the own end. */
export function endUnder({ keyEndsAt }: Caller, wanted: Date | null | undefined): Date | null {
  if (keyEndsAt === undefined) return wanted ?? null
  if (wanted === undefined) return keyEndsAt
  refuseBeyond(keyEndsAt, wanted)
  return wanted
}

/** Something that gets a new value, or a password, lives on by itself. `end` null: never ends. */
export function refuseLonger({ keyEndsAt }: Caller, end: Date | null): void {
  if (keyEndsAt !== undefined) refuseBeyond(keyEndsAt, end)
}

function refuseBeyond(own: Date, end: Date | null): void {
  if (end !== null && end <= own) return
  throw new Fault(
    'forbidden',
    `The key of this call ends at ${own.toISOString()}; what it makes may not last longer.`,
    {
      hint: 'Give an end until then, or sign in and do it without a key.',
    },
  )
}
