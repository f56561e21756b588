// Views, sequences and procedures in PostgreSQL's SQL.
import type { ObjectName, SequenceOptions } from '#change/statement'
import { quoteText } from '../function-name.ts'
import type { ObjectType, SomeWriters, StatementOf } from '../writer.ts'
import type { Naming } from './naming.ts'

export const objectWriters: SomeWriters<ObjectType, Naming> = {
  'create-view': createView,
  'drop-view': ({ view, ifExists }, naming) => [`DROP VIEW ${ifExists ? 'IF EXISTS ' : ''}${naming.object(view)}`],
  'rename-view': ({ view, newName }, naming) => [
    `ALTER TABLE ${naming.object(view)} RENAME TO ${naming.name(newName)}`,
  ],
  'create-sequence': ({ sequence, options }, naming) => [
    `CREATE SEQUENCE  IF NOT EXISTS ${naming.object(sequence)}${sequenceClauses(options)}`,
  ],
  'alter-sequence': ({ sequence, options }, naming) => [
    `ALTER SEQUENCE ${naming.object(sequence)}${sequenceClauses(options)}`,
  ],
  'drop-sequence': ({ sequence }, naming) => [`DROP SEQUENCE ${naming.object(sequence)} CASCADE`],
  'rename-sequence': ({ sequence, newName }, naming) => [
    `ALTER SEQUENCE ${naming.object(sequence)} RENAME TO ${naming.name(newName)}`,
  ],
  // The delimiter of the script is not part of the text.
  'create-procedure': ({ procedure, text }) => [withSchema(text, procedure).replace(/;\s*$/, '')],
  'drop-procedure': ({ procedure }, naming) => [`DROP PROCEDURE ${procedureName(procedure, naming)}`],
}

function createView(statement: StatementOf<'create-view'>, naming: Naming): readonly string[] {
  const { query, fullDefinition, replace, remarks } = statement
  const view = naming.object(statement.view)
  const create = fullDefinition ? query : `CREATE ${replace ? 'OR REPLACE ' : ''}VIEW ${view} AS ${query}`
  return remarks === undefined ? [create] : [create, `COMMENT ON VIEW ${view} IS ${quoteText(remarks)}`]
}

function sequenceClauses(options: SequenceOptions): string {
  const clause = (text: string, value: string | undefined): string => (value === undefined ? '' : ` ${text} ${value}`)
  return [
    clause('AS', options.dataType),
    clause('START WITH', options.startValue),
    clause('INCREMENT BY', options.incrementBy),
    clause('MINVALUE', options.minValue),
    clause('MAXVALUE', options.maxValue),
    clause('CACHE', options.cacheSize),
    options.cycle ? ' CYCLE' : '',
  ].join('')
}

/** The text is the user's; only a schema that the change names is put before an unqualified name. */
function withSchema(text: string, procedure: ObjectName | undefined): string {
  if (procedure?.schemaName === undefined) return text
  const head = /^(\s*create\s+(?:or\s+replace\s+)?(?:procedure|function)\s+)([\w$"]+)(?=\s*\()/i
  return text.replace(head, (_all, start: string, name: string) => `${start}${procedure.schemaName}.${name}`)
}

/** A name may come with the types of its arguments, then it is not quoted. */
function procedureName(procedure: ObjectName, naming: Naming): string {
  const paren = procedure.name.indexOf('(')
  if (paren < 0) return naming.object(procedure)
  const name = procedure.name.slice(0, paren).trim()
  return `${naming.object({ ...procedure, name })}${procedure.name.slice(paren)}`
}
