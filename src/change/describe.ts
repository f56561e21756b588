// The DESCRIPTION column of the history table.
import type { Change } from './change.ts'

/**
 * Change names with those attributes that name an object or a path, joined with `; `; `empty` for none. At most 250
 * characters: first cut as a whole to 255, then to 250, each time ending in `...`.
 */
export function describeChanges(changes: readonly Change[]): string {
  const text = changes.map(describeChange).join('; ')
  return text === '' ? 'empty' : limit(limit(text, 255), 250)
}

function describeChange(change: Change): string {
  const shown = change.type
    .named(change.attributes)
    .filter(([name]) => isShown(name.toLowerCase()))
    .map(([name, text]) => `${name}=${text}`)
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  return shown.length === 0 ? change.type.name : `${change.type.name} ${shown.join(', ')}`
}

function isShown(name: string): boolean {
  return name === 'path' || (name.endsWith('name') && !name.includes('schema') && !name.includes('catalog'))
}

function limit(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 3)}...`
}
