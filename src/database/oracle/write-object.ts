// Views, sequences and procedures in Oracle's SQL.
import type { SequenceOptions } from '#change/statement'
import { quoteText } from '../function-name.ts'
import { withSchema } from '../procedure.ts'
import type { ObjectType, SomeWriters, StatementOf } from '../writer.ts'
import type { Naming } from './naming.ts'

export const objectWriters: SomeWriters<ObjectType, Naming> = {
  'create-view': createView,
  'drop-view': ({ view, ifExists }, naming) => [`DROP VIEW ${ifExists ? 'IF EXISTS ' : ''}${naming.object(view)}`],
  // RENAME knows only what is one's own, without a schema.
  'rename-view': ({ view, newName }, naming) => [`RENAME ${naming.name(view.name)} TO ${naming.name(newName)}`],
  'create-sequence': ({ sequence, options }, naming) => [
    `CREATE SEQUENCE ${naming.object(sequence)}${numbers(options)}${cache(options)}${options.ordered ? ' ORDER' : ''}${options.cycle ? ' CYCLE' : ''}`,
  ],
  'alter-sequence': ({ sequence, options }, naming) => [
    `ALTER SEQUENCE ${naming.object(sequence)}${numbers(options)}${order(options)}${cache(options)}${cycle(options)}`,
  ],
  'drop-sequence': ({ sequence }, naming) => [`DROP SEQUENCE ${naming.object(sequence)}`],
  'rename-sequence': ({ sequence, newName }, naming) => [
    `RENAME ${naming.name(sequence.name)} TO ${naming.name(newName)}`,
  ],
  'create-procedure': ({ procedure, text }, naming) => {
    const owner = procedure?.schemaName ?? procedure?.catalogName
    // A slash after the text is for the script that runs it and not part of it.
    return [withSchema(text.trim().replace(/\s*^\s*\/\s*$/m, ''), owner && naming.name(owner))]
  },
  'drop-procedure': ({ procedure }, naming) => [`DROP PROCEDURE ${naming.object(procedure)}`],
}

/** The remarks of a view are those of a table. */
function createView(statement: StatementOf<'create-view'>, naming: Naming): readonly string[] {
  const { query, fullDefinition, replace, remarks } = statement
  const view = naming.object(statement.view)
  const start = `CREATE ${replace ? 'OR REPLACE ' : ''}`
  const create = fullDefinition
    ? query.replace(
        /\bcreate\s+(?:or\s+replace\s+)?(?=(?:(?:no\s*)?force\s+|(?:non)?editionable\s+)*view\b)/i,
        (all) => (replace ? start : all),
      )
    : `${start}VIEW ${view} AS ${query}`
  return remarks === undefined ? [create] : [create, `COMMENT ON TABLE ${view} IS ${quoteText(remarks)}`]
}

function numbers(options: SequenceOptions): string {
  const clause = (text: string, value: string | undefined): string => (value === undefined ? '' : ` ${text} ${value}`)
  return [
    clause('START WITH', options.startValue),
    clause('INCREMENT BY', options.incrementBy),
    clause('MINVALUE', options.minValue),
    clause('MAXVALUE', options.maxValue),
  ].join('')
}

function cache({ cacheSize }: SequenceOptions): string {
  if (cacheSize === undefined) return ''
  return cacheSize === '0' ? ' NOCACHE' : ` CACHE ${cacheSize}`
}

/** The blank after it is that of the original engine. */
function order({ ordered }: SequenceOptions): string {
  if (ordered === undefined) return ''
  return ordered ? ' ORDER ' : ' NOORDER '
}

function cycle(options: SequenceOptions): string {
  if (options.cycle === undefined) return ''
  return options.cycle ? ' CYCLE' : ' NOCYCLE'
}
