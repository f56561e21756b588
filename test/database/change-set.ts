// Runs single changes against a database, the way the engine does it but without history.
import type { Change, ChangeContext } from '#change/change'
import { parseChange } from '#change/registry'
import type { ChangelogNode } from '#changelog/node'
import type { Span } from '#contract/diagnostic'
import type { Database } from '#database/port'

/** A change as YAML would write it: `{ dropTable: { tableName: 't' } }`. */
export type Written = Readonly<Record<string, unknown>>

const span: Span = { file: 'change.yaml', line: 1, column: 1 }

export function nodeOf(name: string, value: unknown): ChangelogNode {
  if (Array.isArray(value)) return { name, value: undefined, children: value.flatMap(nodesOf), span }
  if (typeof value === 'object' && value !== null) return { name, value: undefined, children: nodesOf(value), span }
  const scalar = value as string | number | boolean | null | undefined
  return { name, value: scalar?.toString(), children: [], span }
}

const nodesOf = (value: object): ChangelogNode[] => Object.entries(value).map(([name, child]) => nodeOf(name, child))

export function parseWritten(written: Written, dbms: string): readonly ReturnType<typeof parseChange>[] {
  return nodesOf(written).map((node) => parseChange(node, dbms))
}

/** `files` are texts by path. */
export function contextOf(dbms: string, files: Readonly<Record<string, string>> = {}): ChangeContext {
  return {
    dbms,
    files: {
      read: (path) => Promise.resolve(files[path] === undefined ? undefined : Buffer.from(files[path])),
      list: () => Promise.resolve(undefined),
    },
    changelogPath: 'change.yaml',
    expand: (text) => text,
  }
}

/** In one transaction. Everything must be understood without an error. */
export async function run(
  { session, dialect }: Database,
  changes: readonly Change[],
  files: Readonly<Record<string, string>> = {},
): Promise<void> {
  await session.begin()
  try {
    for (const change of changes) {
      const context = contextOf(dialect.shortName, files)
      for (const statement of await change.type.statements(change.attributes, context, change.span)) {
        for (const { sql } of dialect.write(statement, 'LEGACY')) await session.execute(sql)
      }
    }
    await session.commit()
  } catch (error) {
    await session.rollback()
    throw error
  }
}

export function parsedOf(written: readonly Written[], dbms: string): readonly Change[] {
  return written
    .flatMap((one) => parseWritten(one, dbms))
    .map(({ change, diagnostics }) => {
      const problems = diagnostics.filter(({ severity }) => severity === 'error')
      if (!change || problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '))
      return change
    })
}

/** What undoes them, in the order to run. */
export function inverseOf(changes: readonly Change[], dbms: string): readonly Change[] {
  return changes.toReversed().flatMap((change) => {
    const inverse = change.type.inverse(change.attributes, dbms, change.span)
    if (typeof inverse === 'string') throw new Error(inverse)
    return inverse.map((node) => parseChange(node, dbms).change).filter((one) => one !== undefined)
  })
}
