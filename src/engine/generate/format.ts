// Puts change sets into a changelog of the format that the name of its file says.
import type { ObjectQuotingStrategy } from '#changelog/model'
import { Fault } from '#contract/fault'
import type { Dialect } from '#database/port'
import { definerFor } from '#database/snapshot/define'
import { parseDocument } from 'yaml'
import type { Attributes, ChangeSetToWrite } from './change.ts'
import { appendedSql, writeSql } from './write-sql.ts'
import { entries, writeJson, writeYaml } from './write-tree.ts'
import { appendXml, writeXml } from './write-xml.ts'

export type ChangelogFormat = 'xml' | 'yaml' | 'json' | 'sql'

/** XML without a file. Fault `usage` for an ending that says nothing. */
export function formatOfFile(file: string | undefined): ChangelogFormat {
  if (file === undefined) return 'xml'
  const ending = /\.(\w+)$/.exec(file)?.[1]?.toLowerCase()
  if (ending === 'xml' || ending === 'json' || ending === 'sql' || ending === 'yaml') return ending
  if (ending === 'yml') return 'yaml'
  throw new Fault('usage', `The name ${file} does not say which format the changelog has.`, {
    hint: 'End it in .xml, .yaml, .yml, .json or .sql.',
  })
}

export interface FormatOptions {
  readonly format: ChangelogFormat
  readonly dialect: Dialect
  /** Of names in SQL, and of the whole changelog when names would lose their case otherwise. */
  readonly quoting: ObjectQuotingStrategy
  /** A changelog to put the change sets behind; undefined for a new one. */
  readonly existing?: string | undefined
}

/** Fault `changelog-invalid` when the existing text is not a changelog of the format. */
export async function formatChangelog(
  changeSets: readonly ChangeSetToWrite[],
  options: FormatOptions,
): Promise<string> {
  const { format, dialect, quoting, existing } = options
  const attributes: Attributes =
    quoting === 'QUOTE_ALL_OBJECTS' && changeSets.some((one) => losesCase(one, dialect))
      ? { objectQuotingStrategy: quoting }
      : {}
  if (existing !== undefined && existing.trim() !== '') {
    // What is there keeps its own strategy; ours is written at each change set.
    const own = changeSets.map((changeSet) => ({
      ...changeSet,
      attributes: { ...changeSet.attributes, ...attributes },
    }))
    return await append(existing, own, options)
  }
  if (format === 'sql') return await writeSql(changeSets, dialect, quoting)
  if (format === 'xml') return writeXml(changeSets, attributes)
  return format === 'yaml' ? writeYaml(changeSets, attributes) : writeJson(changeSets, attributes)
}

/** The database folds names that stand without quotes. */
const losesCase = ({ changes }: ChangeSetToWrite, { shortName }: Dialect): boolean =>
  changes.some(({ attributes, columns = [] }) =>
    [attributes, ...columns.map((column) => column.attributes)].some((one) =>
      Object.entries(one).some(
        ([name, value]) => /(?:^name|Names?)$/.test(name) && definerFor(shortName).losesCase(value ?? ''),
      ),
    ),
  )

async function append(
  existing: string,
  changeSets: readonly ChangeSetToWrite[],
  { format, dialect, quoting }: FormatOptions,
): Promise<string> {
  if (format === 'sql') {
    if (!/^\s*--\s*liquibase\s+formatted\s+sql/i.test(existing)) throw notAChangelog('formatted SQL')
    return `${existing.trimEnd()}\n\n${await appendedSql(changeSets, dialect, quoting)}`
  }
  if (format === 'xml') {
    const text = appendXml(existing, changeSets)
    if (text === undefined) throw notAChangelog('XML')
    return text
  }
  const added = entries(changeSets, {})
  if (format === 'json') return appendJson(existing, added)
  const document = parseDocument(existing, { version: '1.1' })
  const list = document.get('databaseChangeLog')
  if (document.errors.length > 0 || list === undefined) throw notAChangelog('YAML')
  for (const entry of added) document.addIn(['databaseChangeLog'], document.createNode(entry))
  return document.toString({ lineWidth: 0, indentSeq: false })
}

function appendJson(existing: string, added: readonly object[]): string {
  let parsed: unknown
  try {
    parsed = JSON.parse(existing)
  } catch (cause) {
    throw notAChangelog('JSON', cause)
  }
  const list = (parsed as { readonly databaseChangeLog?: unknown } | null)?.databaseChangeLog
  if (!Array.isArray(list)) throw notAChangelog('JSON')
  const whole = { ...(parsed as object), databaseChangeLog: [...(list as readonly unknown[]), ...added] }
  return `${JSON.stringify(whole, undefined, 2)}\n`
}

const notAChangelog = (format: string, cause?: unknown): Fault =>
  new Fault('changelog-invalid', `The file that is there is not a changelog in ${format}; nothing was added to it.`, {
    hint: 'Name another file, or overwrite this one with --overwrite-output-file=true.',
    cause,
  })
