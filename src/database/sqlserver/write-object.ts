// Views, sequences and procedures in SQL Server's SQL.
import type { SequenceOptions } from '#change/statement'
import { quoteText } from '../function-name.ts'
import { withSchema } from '../procedure.ts'
import type { ObjectType, SomeWriters, StatementOf } from '../writer.ts'
import { type Naming, unicode } from './naming.ts'
import { bracketed } from './quote.ts'
import { remarksText } from './write-remarks.ts'

export const objectWriters: SomeWriters<ObjectType, Naming> = {
  'create-view': createView,
  'drop-view': ({ view, ifExists }, naming) => [`DROP VIEW ${ifExists ? 'IF EXISTS ' : ''}${naming.object(view)}`],
  'rename-view': ({ view, newName }, naming) => [
    `exec sp_rename ${quoteText(naming.object(view))}, ${quoteText(newName)}`,
  ],
  'create-sequence': ({ sequence, options }, naming) => [
    `CREATE SEQUENCE ${naming.object(sequence)}${sequenceClauses(options)}${options.cycle ? ' CYCLE' : ''}`,
  ],
  'alter-sequence': ({ sequence, options }, naming) => [
    `ALTER SEQUENCE ${naming.object(sequence)}${sequenceClauses(options)}${cycleClause(options.cycle)}`,
  ],
  'drop-sequence': ({ sequence }, naming) => [`DROP SEQUENCE ${naming.object(sequence)}`],
  'rename-sequence': renameSequence,
  'create-procedure': createProcedure,
  'drop-procedure': ({ procedure }, naming) => {
    // A name may come with the types of its arguments, then it is not quoted.
    const paren = procedure.name.indexOf('(')
    if (paren < 0) return [`DROP PROCEDURE ${naming.object(procedure)}`]
    const name = procedure.name.slice(0, paren).trim()
    return [`DROP PROCEDURE ${naming.object({ ...procedure, name })}${procedure.name.slice(paren)}`]
  },
}

/** To replace a view is to alter it, which keeps its permissions; a stub is made first when there is none. */
function createView(statement: StatementOf<'create-view'>, naming: Naming): readonly string[] {
  const { query, fullDefinition, replace, remarks, view } = statement
  const create = fullDefinition ? query : `CREATE VIEW ${naming.object(view)} AS ${query}`
  const stub = [view.schemaName ?? naming.schemaName, view.name].flatMap((part) => (part ? [bracketed(part)] : []))
  const stubName = stub.join('.')
  const stubText = `CREATE VIEW ${stubName} AS SELECT 'This is a code stub which will be replaced by an Alter Statement' as [code_stub]`
  const texts = replace
    ? [
        `IF NOT EXISTS (SELECT * FROM sys.views WHERE object_id = OBJECT_ID(${unicode(stubName)}))\n    EXEC sp_executesql ${unicode(stubText)}`,
        alter(create),
      ]
    : [create]
  if (remarks === undefined) return texts
  const place = { schemaName: naming.schemaOf(view.schemaName), kind: 'VIEW', name: view.name } as const
  return [...texts, remarksText(place, remarks)]
}

/** The first CREATE of a module, after comments and SET options, becomes ALTER. */
const alter = (text: string): string =>
  text.replace(/\bcreate(?:\s+or\s+alter)?(?=\s+(?:proc(?:edure)?|function|view|trigger)\b)/i, 'ALTER')

function sequenceClauses(options: SequenceOptions): string {
  const clause = (text: string, value: string | undefined): string => (value === undefined ? '' : ` ${text} ${value}`)
  return [
    clause('AS', options.dataType),
    clause('START WITH', options.startValue),
    clause('INCREMENT BY', options.incrementBy),
    clause('MINVALUE', options.minValue),
    clause('MAXVALUE', options.maxValue),
    options.cacheSize === '0' ? ' NO CACHE' : clause('CACHE', options.cacheSize),
  ].join('')
}

function cycleClause(cycle: boolean | undefined): string {
  if (cycle === undefined) return ''
  return cycle ? ' CYCLE' : ' NO CYCLE'
}

/** The procedure takes a bare name without quotes; one with a schema needs them. */
function renameSequence({ sequence, newName }: StatementOf<'rename-sequence'>, naming: Naming): readonly string[] {
  const schemaName = sequence.schemaName ?? naming.schemaName
  if (schemaName === undefined && /^\w+$/.test(sequence.name) && /^\w+$/.test(newName)) {
    return [`sp_rename ${sequence.name} ,${newName}`]
  }
  return [`exec sp_rename ${quoteText(naming.object(sequence))}, ${quoteText(newName)}`]
}

function createProcedure({ procedure, text, replace }: StatementOf<'create-procedure'>, naming: Naming) {
  const body = withSchema(text.trim().replace(/;$/, ''), procedure?.schemaName && naming.name(procedure.schemaName))
  if (!replace || procedure === undefined) return [body]
  const name = naming.object({ ...procedure, schemaName: procedure.schemaName })
  const stub = `create procedure ${name} as select 1 a`
  return [`if object_id(${quoteText(name)}, 'p') is null exec (${quoteText(stub)})`, alter(body)]
}
