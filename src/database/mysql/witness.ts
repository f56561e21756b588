// Whether a DDL statement took effect, told by the definition of what it defines. Both servers carry one statement out wholly or
// not at all (MariaDB 10.6, MySQL 8.0), so a definition that is no longer what it was says yes, an equal one says no.
import { createHash } from 'node:crypto'
import { Fault } from '#contract/fault'
import type { Session, Witness } from '../port.ts'
import { type Defined, definedBy } from './effect.ts'
import { quoteName } from './quote.ts'

/** `schemaName` is the database that unqualified names belong to. */
export function definitionWitness(session: Session, schemaName: string | undefined): Witness {
  return {
    before: async (sql) => {
      const found = definedBy(sql)
      if (found === undefined) return undefined
      const object = { ...found, schemaName: found.schemaName ?? schemaName }
      const definition = await definitionOf(session, object)
      return definition === undefined
        ? undefined
        : JSON.stringify([object.kind, object.schemaName, object.name, definition])
    },
    changed: async (text) => {
      const [kind, schema, name, before] = JSON.parse(text) as readonly [Defined['kind'], string | null, string, string]
      const now = await definitionOf(session, { kind, schemaName: schema ?? undefined, name })
      return now === undefined ? undefined : now !== before
    },
  }
}

/** Table (view, sequence), database, procedure, trigger, event that are not there; also a database that is not. */
const absent = new Set(['1146', '1049', '1305', '1360', '1539', '1051', '4091'])

/** A digest, `absent`, or undefined when the database does not tell. */
async function definitionOf(session: Session, { kind, schemaName, name }: Defined): Promise<string | undefined> {
  const quoted = [schemaName, name]
    .filter((part) => part !== undefined)
    .map((part) => quoteName(part, 'QUOTE_ALL_OBJECTS'))
  try {
    const { rows } = await session.execute(`SHOW CREATE ${kind.toUpperCase()} ${quoted.join('.')}`)
    const row = Object.entries(rows[0] ?? {}).filter(([column]) => /^create |^sql original statement$/i.test(column))
    const [, definition] = row[0] ?? []
    // Without the right to see it, it is empty.
    if (typeof definition !== 'string') return undefined
    // Where the counter of a table stands is not its definition: everybody who inserts moves it.
    const text = kind === 'table' ? definition.replace(/ AUTO_INCREMENT=\d+/, '') : definition
    return createHash('sha256').update(text).digest('base64url')
  } catch (error) {
    if (error instanceof Fault && absent.has(error.databaseCode ?? '')) return 'absent'
    if (error instanceof Fault && (error.code === 'statement-failed' || error.code === 'database-permission')) {
      return undefined
    }
    throw error
  }
}
