// The differences that are meant to be: read from the page that explains them to people, so that none lives in code alone.
import { readFileSync } from 'node:fs'

export interface Exception {
  /** Of the ids of checks; `*` stands for any text without a slash, `**` for any text. */
  readonly pattern: string
  readonly reason: string
}

/** Every table row whose first cell holds ids in backquotes: `` | `suite/column/name` | reason | ``. */
export function readExceptions(file: string): readonly Exception[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, cell = '', reason = ''] = /^\|\s*(`[^|]*`)\s*\|\s*(.*?)\s*\|\s*$/.exec(line) ?? []
      return [...cell.matchAll(/`([^`]+)`/g)].map(([, pattern = '']) => ({ pattern, reason }))
    })
    .filter(({ pattern, reason }) => pattern.includes('/') && reason !== '')
}

export function matcherOf({ pattern }: Exception): RegExp {
  const source = pattern
    .split('**')
    .map((part) =>
      part
        .split('*')
        .map((text) => text.replace(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
        .join('[^/]*'),
    )
    .join('.*')
  return new RegExp(`^${source}$`)
}
