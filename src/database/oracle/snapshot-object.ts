// Sequences, routines, triggers and types of Oracle from their catalog rows.
import type { Row } from '../port.ts'
import { groupBy, textOf } from '../snapshot/group.ts'
import type { Routine, Sequence, UserType } from '../snapshot/model.ts'

export const sequenceOf = (row: Row): Sequence => ({
  name: textOf(row['name']),
  dataType: undefined,
  // Where it was begun is kept nowhere; it goes on from where it has come to, as the original engine has it.
  startValue: textOf(row['start']),
  incrementBy: textOf(row['increment']),
  minValue: textOf(row['minimum']),
  maxValue: textOf(row['maximum']),
  cacheSize: textOf(row['cache']),
  cycle: row['cycle'] === 'Y',
  ownedBy: undefined,
  remarks: undefined,
})

export interface Source {
  readonly schema: string
  readonly name: string
  readonly kind: string
  /** The whole statement. */
  readonly text: string
}

/** The catalog has what stands behind CREATE, one row a line. */
export function sourcesOf(rows: readonly Row[]): readonly Source[] {
  const keyOf = (row: Row): string => [row['schema'], row['kind'], row['name']].map(textOf).join('\u0000')
  return [...groupBy(rows, keyOf).values()].map((lines) => {
    const [first] = lines
    const body = lines.map((line) => textOf(line['text'])).join('')
    return {
      schema: textOf(first?.['schema']),
      name: textOf(first?.['name']),
      kind: textOf(first?.['kind']),
      text: `CREATE OR REPLACE ${body.trim()}`,
    }
  })
}

const kinds: Readonly<Record<string, Routine['kind']>> = {
  FUNCTION: 'function',
  PROCEDURE: 'procedure',
  PACKAGE: 'package',
  'PACKAGE BODY': 'package',
  'TYPE BODY': 'package',
}

/** Bodies are objects of their own, known by what stands in the place of arguments. */
export function routineOf({ kind, name, text }: Source): readonly Routine[] {
  const found = kinds[kind]
  if (found === undefined) return []
  const signature = kind.endsWith(' BODY') ? kind : undefined
  return [{ kind: found, name, signature, definition: text, remarks: undefined }]
}

export const typeOfUser = ({ kind, name, text }: Source): readonly UserType[] =>
  kind === 'TYPE' ? [{ kind: 'composite', name, definition: text, remarks: undefined }] : []
