// Suite `vectors split`: statement splitting and comment stripping.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { splitSql } from '#change/split'
import type { Check } from './check.ts'
import { differenceOf } from './difference.ts'

interface Recorded {
  readonly name: string
  readonly sql: string
  readonly stripComments: boolean
  readonly splitStatements: boolean
  readonly endDelimiter: string | null
  readonly expect: readonly string[]
}

export function splitVectors(vectors: string): readonly Check[] {
  const lines = readFileSync(join(vectors, 'split', 'split-4.33.0.jsonl'), 'utf8').split('\n')
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as Recorded)
    .map(({ name, sql, expect, endDelimiter, ...rest }) => ({
      suite: 'vectors split',
      column: 'any',
      name,
      run: () => {
        const statements = splitSql(sql, { ...rest, endDelimiter: endDelimiter ?? undefined })
        const printed = (texts: readonly string[]): string => texts.map((text) => JSON.stringify(text)).join('\n')
        return Promise.resolve(differenceOf(printed(expect), printed(statements.map((one) => one.sql))))
      },
    }))
}
