// The identity of change sets: path, id and author, each combination once; and references from rollbacks to them.
import type { Span } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import { matchesContexts } from './context.ts'
import { matchesDbms } from './dbms.ts'
import { doubt, problem, type Report } from './finding.ts'
import { matchesLabels } from './label.ts'
import type { ChangeSet, Rollback } from './model.ts'
import { normalisePath } from './path.ts'
import type { PlacedChangeSet } from './reading.ts'

interface Identity {
  readonly path: string
  readonly id: string
  readonly author: string
}

/** The key that tells change sets apart: normalised path, id and author. */
export function identityKey({ path, id, author }: Identity): string {
  return `${normalisePath(path)}::${id}::${author}`
}

/** What a run is for. */
interface Run {
  readonly contexts: string
  readonly labelFilter: string
  readonly database: { readonly shortName: string }
}

/**
 * Reports change sets with one identity, each after the first, with both places. Only those that the run takes can be in each
 * other's way: the same id for one database and for another is fine.
 */
export function reportDuplicates(changeSets: readonly ChangeSet[], run: Run, report: Report): void {
  const first = new Map<string, ChangeSet>()
  for (const changeSet of changeSets.filter((candidate) => isTaken(candidate, run))) {
    const key = identityKey(changeSet)
    const earlier = first.get(key)
    if (earlier === undefined) {
      first.set(key, changeSet)
      continue
    }
    const again = earlier.span.file === changeSet.span.file && earlier.span.line === changeSet.span.line
    const place = `${earlier.span.file}:${earlier.span.line}:${earlier.span.column}`
    const message = again
      ? `The change set ${identityKey(changeSet)} has duplicate identifiers, because its file is included twice.`
      : `The change set ${identityKey(changeSet)} has duplicate identifiers: the same are at ${place}.`
    const fix = again
      ? 'Include the file once, or give each include a logicalFilePath.'
      : 'Give one of the two another id.'
    report(problem('duplicate-identity', message, changeSet.span, fix))
  }
}

function isTaken(changeSet: ChangeSet, run: Run): boolean {
  // One without an id was reported for that.
  if (changeSet.id.trim() === '' || changeSet.ignore) return false
  if (!matchesDbms(changeSet.dbms, run.database.shortName)) return false
  try {
    return matchesContexts(changeSet, run.contexts) && matchesLabels(changeSet, run.labelFilter)
  } catch (error) {
    // An expression that cannot be parsed was reported where it stands.
    if (error instanceof Fault) return true
    throw error
  }
}

/** The change sets with the references of their rollbacks replaced by the exact identities of what they mean. */
export function resolveReferences(placed: readonly PlacedChangeSet[], report: Report): readonly PlacedChangeSet[] {
  if (placed.every(({ changeSet }) => (changeSet.rollback?.references.length ?? 0) === 0)) return placed
  const index = new Map<string, { readonly changeSet: ChangeSet; readonly position: number }>()
  for (const [position, { changeSet, firstPath }] of placed.entries()) {
    for (const path of [changeSet.path, firstPath, changeSet.physicalPath]) {
      const key = identityKey({ path, id: changeSet.id, author: changeSet.author })
      if (!index.has(key)) index.set(key, { changeSet, position })
    }
  }
  return placed.map((entry, position) => {
    const { rollback } = entry.changeSet
    if (rollback === undefined || rollback.references.length === 0) return entry
    const resolve = (reference: Rollback['references'][number]) => {
      // Without a path it means this file, whatever its change sets are called.
      const here = reference.path === entry.firstPath ? { ...reference, path: entry.changeSet.physicalPath } : reference
      const found = index.get(identityKey(reference)) ?? index.get(identityKey(here))
      if (found === undefined) reportMissing(reference, entry.isSkipped ? doubt : problem, report)
      else if (found.position > position) {
        const message = `The change set ${identityKey(reference)} comes only after this one; Liquibase refuses that.`
        report(doubt('rollback-reference', message, reference.span, 'Refer to a change set that stands before.'))
      }
      const { path, id, author } = found?.changeSet ?? reference
      return { path, id, author, span: reference.span }
    }
    const references = rollback.references.map(resolve)
    return { ...entry, changeSet: { ...entry.changeSet, rollback: { ...rollback, references } } }
  })
}

function reportMissing(reference: Identity & { readonly span: Span }, make: typeof problem, report: Report): void {
  const message = `The rollback refers to ${identityKey(reference)}, which is not in the changelog.`
  const fix = 'Correct changeSetId, changeSetAuthor and changeSetPath.'
  report(make('rollback-reference', message, reference.span, fix))
}

/** Those with runOrder `first` before all others, those with `last` after them; otherwise the order stays. */
export function applyRunOrder(changeSets: readonly ChangeSet[]): readonly ChangeSet[] {
  if (changeSets.every(({ runOrder }) => runOrder === undefined)) return changeSets
  const of = (order: ChangeSet['runOrder']) => changeSets.filter((changeSet) => changeSet.runOrder === order)
  return [...of('first'), ...of(undefined), ...of('last')]
}
