// Suite `minimal-sql`: each change with the fewest attributes, without a changelog and without a default schema.
import type { ChangelogNode } from '#changelog/node'
import { parseChange } from '#change/registry'
import { hasErrors, formatDiagnostic } from '#contract/diagnostic'
import { dialectFor } from '#database/dialect'
import type { Check, DatabaseName } from './check.ts'
import type { Case, Corpus } from './corpus.ts'
import { differenceOf } from './difference.ts'
import { noFiles } from './offline.ts'

const span = { file: 'change.yaml', line: 1, column: 1 } as const

export function minimalSqlChecks(corpus: Corpus): readonly Check[] {
  return corpus.cases.flatMap((one) => {
    const { db, expectedSql } = one
    if (one.suite !== 'minimal-sql' || db === 'any' || typeof expectedSql !== 'string') return []
    return {
      suite: 'minimal-sql',
      column: db,
      name: one.name,
      run: async () => {
        const expected = corpus
          .text(expectedSql)
          .replaceAll('\r\n', '\n')
          .replace(/^(?:--.*\n?)+/, '')
          .trim()
        return differenceOf(expected, (await sqlOf(one, db)).replaceAll('\r\n', '\n').trim())
      },
    }
  })
}

async function sqlOf(one: Case, db: DatabaseName): Promise<string> {
  const dialect = dialectFor(db)
  const { change, diagnostics } = parseChange(nodeOf(one.change ?? '', one.parameters), db)
  if (change === undefined || hasErrors(diagnostics)) throw new Error(diagnostics.map(formatDiagnostic).join('\n'))
  const context = { dbms: db, files: noFiles, changelogPath: 'change.yaml', expand: (text: string) => text }
  const statements = await change.type.statements(change.attributes, context, span)
  return statements
    .flatMap((statement) => dialect.write(statement, 'LEGACY'))
    .map(({ sql }) => `${sql};\n`)
    .join('')
}

/** A list of `{column: {…}}` is the list of columns. */
function nodeOf(name: string, value: unknown): ChangelogNode {
  if (name === 'procedureBody') return nodeOf('procedureText', value)
  if (Array.isArray(value)) return { name, value: undefined, children: value.flatMap(childrenOf), span }
  if (typeof value === 'object' && value !== null) return { name, value: undefined, children: childrenOf(value), span }
  const scalar = value as string | number | boolean | null | undefined
  return { name, value: scalar?.toString(), children: [], span }
}

const childrenOf = (value: object): ChangelogNode[] => Object.entries(value).map(([name, child]) => nodeOf(name, child))
