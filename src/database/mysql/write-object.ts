// Views, sequences and procedures in the SQL of MySQL and MariaDB.
import type { ObjectName, SequenceOptions } from '#change/statement'
import type { ObjectType, SomeWriters, StatementOf } from '../writer.ts'
import type { Context } from './context.ts'

export const objectWriters: SomeWriters<ObjectType, Context> = {
  'create-view': ({ view, query, fullDefinition, replace }, { naming }) => [
    fullDefinition ? query : `CREATE ${replace ? 'OR REPLACE ' : ''}VIEW ${naming.object(view)} AS ${query}`,
  ],
  'drop-view': ({ view, ifExists }, { naming }) => [`DROP VIEW ${ifExists ? 'IF EXISTS ' : ''}${naming.object(view)}`],
  'rename-view': ({ view, newName }, { naming }) => [
    `RENAME TABLE ${naming.object(view)} TO ${naming.object({ ...view, name: newName })}`,
  ],
  'create-sequence': ({ sequence, options }, context) => sequenceText('CREATE', sequence, options, context),
  'alter-sequence': ({ sequence, options }, context) => sequenceText('ALTER', sequence, options, context),
  'drop-sequence': ({ sequence }, { naming, flavour }) =>
    flavour.capability.sequences ? [`DROP SEQUENCE ${naming.object(sequence)}`] : [],
  'rename-sequence': ({ sequence, newName }, { naming, flavour }) =>
    flavour.capability.sequences
      ? [`RENAME TABLE ${naming.object(sequence)} TO ${naming.object({ ...sequence, name: newName })}`]
      : [],
  'create-procedure': createProcedure,
  'drop-procedure': ({ procedure }, context) => [`DROP PROCEDURE ${procedureName(procedure, context)}`],
}

/** Where there are no sequences, changes about them do nothing, as in the original engine. */
function sequenceText(
  verb: 'CREATE' | 'ALTER',
  sequence: ObjectName,
  options: SequenceOptions,
  { naming, flavour }: Context,
): readonly string[] {
  if (!flavour.capability.sequences) return []
  const clause = (text: string, value: string | undefined): string => (value === undefined ? '' : ` ${text} ${value}`)
  const cycle = options.cycle === undefined ? '' : options.cycle ? ' CYCLE' : verb === 'ALTER' ? ' NOCYCLE' : ''
  const clauses = [
    clause('INCREMENT BY', options.incrementBy),
    clause('MINVALUE', options.minValue),
    clause('MAXVALUE', options.maxValue),
    clause('START WITH', options.startValue),
    clause('CACHE', options.cacheSize),
    cycle,
  ]
  return [`${verb} SEQUENCE ${naming.object(sequence)}${clauses.join('')}`]
}

function createProcedure(
  { procedure, text, replace }: StatementOf<'create-procedure'>,
  context: Context,
): readonly string[] {
  // The delimiter of the script is not part of the text.
  const create = withSchema(text, procedure).replace(/;\s*$/, '')
  if (!replace || procedure === undefined) return [create]
  return [`DROP PROCEDURE IF EXISTS ${procedureName(procedure, context)}`, create]
}

/** The text is the user's; only a schema that the change names is put before an unqualified name. */
function withSchema(text: string, procedure: ObjectName | undefined): string {
  if (procedure?.schemaName === undefined) return text
  const head =
    /^(\s*create\s+(?:or\s+replace\s+)?(?:definer\s*=\s*\S+\s+)?(?:procedure|function)\s+)([\w$]+|`[^`]+`)(?=\s*\()/i
  return text.replace(head, (_all, start: string, name: string) => `${start}${procedure.schemaName}.${name}`)
}

/** Procedures are not told apart by their arguments here; a name that comes with them means the same procedure. */
function procedureName(procedure: ObjectName, { naming }: Context): string {
  return naming.object({ ...procedure, name: procedure.name.replace(/\s*\(.*$/s, '') })
}
