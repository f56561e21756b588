// A change set of the changelog made ready for one database: typed changes, its visitors, its checksum, its description.
import type { Change, ChangeContext } from '#change/change'
import { acceptedChecksums, type ChecksumSubject, changeSetChecksum } from '#change/checksum'
import { dbmsMatches } from '#change/dbms'
import { describeChanges } from '#change/describe'
import { parseChange } from '#change/registry'
import type { ChangelogNode } from '#changelog/node'
import type { ChangeSet, SqlVisitor } from '#changelog/model'
import { type Diagnostic, hasErrors } from '#contract/diagnostic'
import type { EngineContext } from '../context.ts'
import { visitorApplies } from './filter.ts'

export interface ParsedChangeSet {
  readonly changeSet: ChangeSet
  /** Those that could be read, in document order, also those whose own `dbms` does not match. */
  readonly changes: readonly Change[]
  /** Those that run on this database. */
  readonly effective: readonly Change[]
  /** Visitors (modifySql) whose dbms, context and labels match. */
  readonly visitors: readonly SqlVisitor[]
  readonly diagnostics: readonly Diagnostic[]
}

export function changeContextOf(context: EngineContext, changeSet: ChangeSet): ChangeContext {
  return {
    dbms: context.database.dialect.shortName,
    files: context.files,
    changelogPath: changeSet.physicalPath,
    expand: context.expanderFor(changeSet),
    encoding: context.fileEncoding,
  }
}

export function parseChangeSet(context: EngineContext, changeSet: ChangeSet): ParsedChangeSet {
  const { changes, diagnostics } = parseNodes(context, changeSet.changes)
  return {
    changeSet,
    changes,
    effective: effectiveOf(context, changes),
    visitors: changeSet.sqlVisitors.filter((visitor) => visitorApplies(context, visitor)),
    diagnostics,
  }
}

export function parseNodes(
  context: EngineContext,
  nodes: readonly ChangelogNode[],
): { readonly changes: readonly Change[]; readonly diagnostics: readonly Diagnostic[] } {
  const { shortName } = context.database.dialect
  const changes: Change[] = []
  const diagnostics: Diagnostic[] = []
  for (const node of nodes) {
    const parsed = parseChange(node, shortName)
    if (parsed.change) changes.push(parsed.change)
    // A change that its own `dbms` keeps away from this database may use what the database does not have.
    const runsHere = dbmsMatches(childValue(node, 'dbms'), shortName)
    if (runsHere || !hasErrors(parsed.diagnostics)) diagnostics.push(...parsed.diagnostics)
  }
  return { changes, diagnostics }
}

export function effectiveOf(context: EngineContext, changes: readonly Change[]): readonly Change[] {
  const { shortName } = context.database.dialect
  return changes.filter((change) => dbmsMatches(change.type.dbmsFilter(change.attributes), shortName))
}

/** Text of a child element; letter case of its name does not matter. */
export function childValue(node: ChangelogNode, name: string): string | undefined {
  return node.children.find((child) => child.name.toLowerCase() === name)?.value
}

/** Everything that its checksum depends on, with the visitors that apply here. */
export function checksumSubject(context: EngineContext, parsed: ParsedChangeSet): ChecksumSubject {
  return {
    changes: parsed.changes,
    visitors: parsed.visitors,
    context: changeContextOf(context, parsed.changeSet),
  }
}

/** `9:` and 32 hexadecimal digits, as `update` stores it. */
export async function checksumOf(context: EngineContext, parsed: ParsedChangeSet): Promise<string> {
  return await changeSetChecksum(checksumSubject(context, parsed), context.checksumForm)
}

/** As `calculate-checksum` prints it: with every visitor, whether it applies here or not. */
export async function unfilteredChecksum(context: EngineContext, parsed: ParsedChangeSet): Promise<string> {
  const subject = { ...checksumSubject(context, parsed), visitors: parsed.changeSet.sqlVisitors }
  return await changeSetChecksum(subject, context.checksumForm)
}

/**
 * Compares with the stored value in the stored version. Undefined when it is the same; else the present value in that
 * version, for the message.
 */
export async function changedChecksum(
  context: EngineContext,
  parsed: ParsedChangeSet,
  stored: string,
): Promise<string | undefined> {
  const version = stored.startsWith('9:') ? 9 : 8
  // Nearly always it is the first form; the others are made only when it is not.
  const usual = { ...context.checksumForm, version } as const
  const now = await changeSetChecksum(checksumSubject(context, parsed), usual)
  if (now === stored) return undefined
  const accepted = await acceptedChecksums(checksumSubject(context, parsed), version)
  return accepted.includes(stored) ? undefined : now
}

export function descriptionOf(parsed: ParsedChangeSet): string {
  return describeChanges(parsed.changes)
}

export interface Tag {
  readonly tag: string
  /** Is the row with the tag to stay when rolling back to it? */
  readonly keepTagOnRollback: boolean
}

/** The tag that a tagDatabase change sets, if there is one. */
export function tagOf(parsed: ParsedChangeSet): Tag | undefined {
  const change = parsed.effective.find((one) => one.type.name === 'tagDatabase')
  const tag = change && childValue(change.node, 'tag')
  if (change === undefined || tag === undefined) return undefined
  return { tag, keepTagOnRollback: childValue(change.node, 'keeptagonrollback')?.toLowerCase() === 'true' }
}
