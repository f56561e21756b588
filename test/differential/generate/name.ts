// Names that people should not give but do: reserved, mixed in case, with blanks, dashes, digits first, other scripts.
import type { Dice } from '../dice.ts'
import type { Ground } from './ground.ts'

const plain = [
  'person',
  'invoice',
  'item',
  'city',
  'price',
  'note',
  'amount',
  'created_at',
  'state',
  'part',
  'zip2',
  'a_b_c',
]
export const reserved: readonly string[] = [
  'order',
  'user',
  'table',
  'group',
  'select',
  'column',
  'check',
  'default',
  'to',
  'grant',
  'limit',
  'all',
]
const odd = [
  'MixedCase',
  'lastName',
  'with blank',
  'dash-name',
  '1digit',
  'größe',
  'Ünïcode',
  'dollar$x',
  'UPPER',
  '日本',
  'q.r',
  'x#y',
  '_lead',
]

/** Plain names only: for what raw SQL refers to without quotes. */
export function plainName(dice: Dice, taken: Set<string>): string {
  return free(dice.pick(plain), taken)
}

export function anyName(dice: Dice, ground: Ground, taken: Set<string>): string {
  const odds = dice.from(0, 9)
  if (odds < 6) return plainName(dice, taken)
  if (odds < 8 && ground.reservedNames) {
    const word = dice.pick(reserved)
    // Only the word itself is reserved.
    if (!taken.has(word)) return free(word, taken)
  }
  return free(dice.pick(odd), taken)
}

/** Databases compare names without regard to case, some of the time. */
function free(base: string, taken: Set<string>): string {
  let name = base
  for (let number = 2; taken.has(name.toLowerCase()); number += 1) name = `${base}_${number}`
  taken.add(name.toLowerCase())
  return name
}
