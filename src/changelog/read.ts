// Reads a changelog with everything it includes: the way in to this room.
import { readDocument } from './build.ts'
import { terms } from './context.ts'
import { expandText } from './expand.ts'
import { gatherFindings, problem } from './finding.ts'
import { expanderOf } from './frame.ts'
import { applyRunOrder, reportDuplicates, resolveReferences } from './identity.ts'
import { loadDocument } from './load.ts'
import type { Changelog, DatabaseFacts, PreconditionContainer, ReadResult } from './model.ts'
import { normalisePath } from './path.ts'
import { nestPreconditions } from './precondition.ts'
import { PropertyScope } from './property.ts'
import type { Part, Reading, ReadSettings } from './reading.ts'
import type { FileSource } from './source.ts'
import { hasErrors } from '#contract/diagnostic'

export interface ReadOptions {
  readonly files: FileSource
  /** The root changelog, a path of `files`; it is normalised. */
  readonly file: string
  readonly database: DatabaseFacts
  /** `-Dname=value`, substitute properties: they win over those of the changelog. */
  readonly parameters?: Readonly<Record<string, string>>
  /** Variables of the process that changelogs may refer to; none when absent. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** `parameter.name` of a settings file: after `database.…`, before the changelog. */
  readonly defaults?: Readonly<Record<string, string>>
  /** Contexts and label filter of the run decide which properties hold. */
  readonly contexts?: string
  readonly labelFilter?: string
  /** Names of change types; with them unknown types are found here, otherwise by those who lower changes. */
  readonly knownChangeTypes?: ReadonlySet<string>
  /** Whether the history already has a row of that identity; then its old path stays, as Liquibase keeps it. */
  readonly isRecorded?: (identity: { readonly path: string; readonly id: string; readonly author: string }) => boolean
  readonly settings?: Partial<ReadSettings>
}

const defaultSettings: ReadSettings = {
  changeLogParseMode: 'STRICT',
  onMissingIncludeChangelog: 'FAIL',
  errorOnCircularIncludeAll: true,
  allowDuplicatedChangesetIdentifiers: false,
  strict: false,
  fileEncoding: 'utf-8',
  missingPropertyMode: 'PRESERVE',
  supportPropertyEscaping: false,
  deploymentId: undefined,
}

/**
 * Never stops at the first mistake: all findings of all files come back together, each with its place. `changelog` is absent when
 * one of them is an error. Raises only what is not about the changelog: Fault `invalid-input` for contexts or a label filter that
 * cannot be parsed, what the source raises, and the reason of the signal.
 */
export async function readChangelog(options: ReadOptions, signal?: AbortSignal): Promise<ReadResult> {
  const gathered = gatherFindings()
  const reading: Reading = {
    files: options.files,
    database: options.database,
    contexts: options.contexts ?? '',
    labelFilter: options.labelFilter ?? '',
    knownChangeTypes: options.knownChangeTypes,
    isRecorded: options.isRecorded ?? (() => false),
    settings: { ...defaultSettings, ...options.settings },
    report: gathered.report,
    signal,
    paths: new Set(),
    documents: new Map(),
    frames: new Map(),
    inclusions: 0,
    changeSets: 0,
  }
  signal?.throwIfAborted()
  // Both are the user's, but not the changelog's: a mistake in them is a Fault before anything is read.
  terms(reading.contexts)
  terms(reading.labelFilter)
  const scope = PropertyScope.root({
    database: options.database,
    environment: options.environment,
    parameters: options.parameters,
    defaults: options.defaults,
    contexts: reading.contexts,
    labelFilter: reading.labelFilter,
  })
  const file = normalisePath(options.file)
  const part = await readRoot(file, scope, reading)
  const changelog = part && assemble(file, part, reading)
  const diagnostics = gathered.findings()
  return {
    changelog: hasErrors(diagnostics) ? undefined : changelog,
    diagnostics,
    expanderFor(changeSet) {
      const frame = reading.frames.get(changeSet.span)
      if (frame === undefined) return fallback(scope, changeSet, reading)
      const { id, author } = changeSet
      // What is expanded late finds no place for its troubles any more; such texts stay as they are.
      return expanderOf(frame, reading.settings, { id, author }, () => undefined)
    },
  }
}

async function readRoot(file: string, scope: PropertyScope, reading: Reading): Promise<Part | undefined> {
  const span = { file, line: 1, column: 1 }
  const loaded = await loadDocument(file, span, reading)
  if (loaded.outcome === 'missing') {
    const fix = 'Check the path of the changelog file and the search path.'
    reading.report(problem('missing-changelog', `There is no changelog ${JSON.stringify(file)}.`, span, fix))
  }
  if (loaded.outcome !== 'read') return undefined
  return await readDocument(file, loaded.document, { parent: undefined, scope, inclusion: undefined }, reading)
}

function assemble(file: string, part: Part, reading: Reading): Changelog {
  const placed = resolveReferences(part.changeSets, reading.report)
  const changeSets = placed.filter((entry) => !entry.isSkipped).map((entry) => entry.changeSet)
  if (!reading.settings.allowDuplicatedChangesetIdentifiers) reportDuplicates(changeSets, reading, reading.report)
  return {
    file,
    changeSets: applyRunOrder(changeSets),
    skipped: placed.filter((entry) => entry.isSkipped).map((entry) => entry.changeSet),
    preconditions: joinPreconditions(file, part),
    files: [...reading.paths],
  }
}

/** One container: that of the root file when it has just one, with what included files demand nested in it. */
function joinPreconditions(file: string, part: Part): PreconditionContainer | undefined {
  const [own, second] = part.preconditions
  if (own === undefined && part.included.length === 0) return undefined
  if (own !== undefined && second === undefined) return { ...own, conditions: [...own.conditions, ...part.included] }
  return {
    span: own?.span ?? { file, line: 1, column: 1 },
    onFail: 'HALT',
    onError: 'HALT',
    onSqlOutput: own?.onSqlOutput ?? 'IGNORE',
    onFailMessage: undefined,
    onErrorMessage: undefined,
    conditions: [...part.preconditions.map(nestPreconditions), ...part.included],
  }
}

/** For a change set that was not read here: what all files share. */
function fallback(scope: PropertyScope, changeSet: { readonly id: string; readonly author: string }, reading: Reading) {
  const { settings } = reading
  const execution = { deploymentId: settings.deploymentId, id: changeSet.id, author: changeSet.author }
  return (text: string) =>
    expandText(text, {
      lookUp: (name) => scope.lookUp(name, execution),
      missing: settings.missingPropertyMode,
      escaping: settings.supportPropertyEscaping,
      budget: scope.budget,
      onTrouble: () => undefined,
    })
}
