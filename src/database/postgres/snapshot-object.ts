// Sequences, routines and types of PostgreSQL from their catalog rows.
import type { Row } from '../port.ts'
import { isTrue, optional, textOf } from '../snapshot/group.ts'
import type { Routine, Sequence, UserType } from '../snapshot/model.ts'
import { quoteText } from '../function-name.ts'
import { written } from './snapshot-table.ts'

export function sequenceOf(row: Row): Sequence {
  return {
    name: textOf(row['name']),
    dataType: textOf(row['type']),
    startValue: textOf(row['start']),
    incrementBy: textOf(row['increment']),
    minValue: textOf(row['min']),
    maxValue: textOf(row['max']),
    cacheSize: textOf(row['cache']),
    cycle: isTrue(row['cycle']),
    ownedBy:
      row['kind'] === 'a' ? { tableName: textOf(row['owner']), columnName: textOf(row['owner_column']) } : undefined,
    remarks: optional(row['remarks']),
  }
}

/** The name of the default schema is left out, so that the text can be used elsewhere. */
export function routineOf(row: Row, inDefaultSchema: boolean): Routine {
  const schema = written(textOf(row['schema']))
  const text = textOf(row['definition']).trimEnd()
  const head = /^(CREATE OR REPLACE (?:FUNCTION|PROCEDURE) )/
  return {
    kind: row['kind'] === 'p' ? 'procedure' : 'function',
    name: textOf(row['name']),
    signature: textOf(row['arguments']),
    definition: inDefaultSchema
      ? text.replace(head, '$1\u0000').replace(`\u0000${schema}.`, '').replace('\u0000', '')
      : text,
    remarks: optional(row['remarks']),
  }
}

export function userType(row: Row, inDefaultSchema: boolean): UserType {
  const name = textOf(row['name'])
  const shown = inDefaultSchema ? written(name) : `${written(textOf(row['schema']))}.${written(name)}`
  const remarks = optional(row['remarks'])
  switch (row['kind']) {
    case 'e': {
      const labels = (parsed(row['labels']) as readonly string[]).map(quoteText)
      return { kind: 'enum', name, definition: `CREATE TYPE ${shown} AS ENUM (${labels.join(', ')})`, remarks }
    }
    case 'd':
      return { kind: 'domain', name, definition: domainText(shown, row), remarks }
    case 'r':
      return {
        kind: 'range',
        name,
        definition: `CREATE TYPE ${shown} AS RANGE (SUBTYPE = ${textOf(row['subtype'])})`,
        remarks,
      }
    default: {
      const fields = (parsed(row['fields']) as Pairs).map(([field, type]) => `${written(field)} ${type}`)
      return { kind: 'composite', name, definition: `CREATE TYPE ${shown} AS (${fields.join(', ')})`, remarks }
    }
  }
}

function domainText(shown: string, row: Row): string {
  const checks = parsed(row['checks']) as Pairs
  return [
    `CREATE DOMAIN ${shown} AS ${textOf(row['base'])}`,
    ...(row['collation'] ? [`COLLATE ${written(textOf(row['collation']))}`] : []),
    ...(row['default_value'] ? [`DEFAULT ${textOf(row['default_value'])}`] : []),
    ...(isTrue(row['not_null']) ? ['NOT NULL'] : []),
    ...checks.map(([name, definition]) => `CONSTRAINT ${written(name)} ${definition}`),
  ].join(' ')
}

type Pairs = readonly (readonly [string, string])[]

/** A JSON list of the catalog query; NULL is an empty one. */
const parsed = (value: unknown): unknown => (value === null || value === undefined ? [] : JSON.parse(textOf(value)))
