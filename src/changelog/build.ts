// From files to change sets: walks a changelog and everything it includes, in order.
import type { Span } from '#contract/diagnostic'
import { attribute, choiceOf, contextFilterOf, textOf } from './attribute.ts'
import { readChangeSet } from './change-set.ts'
import { checkExpression } from './filter.ts'
import { doubt, problem } from './finding.ts'
import { logicalPathOfHeader, readFormattedSql } from './formatted-sql.ts'
import { expanderOf, expandTree, type Frame, type Modification } from './frame.ts'
import { type Inclusion, readInclude, readIncludeAll } from './include.ts'
import { changelogLimits } from './limit.ts'
import { loadDocument } from './load.ts'
import type { Precondition, PreconditionContainer } from './model.ts'
import { type PropertyRemoval, readModification, readRemoval } from './modification.ts'
import type { ChangelogNode } from './node.ts'
import { nestPreconditions, readPreconditions } from './precondition.ts'
import { definePropertyLine, defineProperty } from './property-element.ts'
import type { Execution, PropertyScope } from './property.ts'
import type { ChangelogDocument, Part, PlacedChangeSet, Reading } from './reading.ts'
import { didYouMean } from './spelling.ts'
import { plainSqlChangeSet, sqlChangeSet } from './sql-change-set.ts'
import { attributesOf } from './vocabulary.ts'

const quotingChoices = ['LEGACY', 'QUOTE_ALL_OBJECTS', 'QUOTE_ONLY_RESERVED_WORDS'] as const
const nobody: Execution = {}

/** What surrounds a file: nothing for the root, else the including file and what its element says. */
export interface Surroundings {
  readonly parent: Frame | undefined
  readonly scope: PropertyScope
  readonly inclusion: Inclusion | undefined
}

/** Reads a document and all that it includes. */
export async function readDocument(
  file: string,
  document: ChangelogDocument,
  surroundings: Surroundings,
  reading: Reading,
): Promise<Part> {
  const frame = frameOf(file, document, surroundings, reading)
  if (document.format === 'sql') {
    const placed = keep(plainSqlChangeSet(document.text, frame, reading), frame, reading)
    return { frame, changeSets: placed ? [placed] : [], preconditions: [], included: [] }
  }
  if (document.format === 'formatted-sql') return readFormatted(document.text, frame, reading)
  return await new Walk(frame, reading).read(document.root)
}

function frameOf(file: string, document: ChangelogDocument, around: Surroundings, reading: Reading): Frame {
  const { parent, scope, inclusion } = around
  const { report } = reading
  const outer: Omit<Frame, 'quoting' | 'logicalPath'> = {
    file,
    format: document.format,
    parent,
    contextFilters: [...filled(inclusion?.contextFilter), ...(parent?.contextFilters ?? [])],
    labels: [...(inclusion && inclusion.labels.length > 0 ? [inclusion.labels] : []), ...(parent?.labels ?? [])],
    ignore: (inclusion?.ignore ?? false) || (parent?.ignore ?? false),
    modification: inclusion?.modification ?? parent?.modification,
    scope,
  }
  const plain: Frame = { ...outer, quoting: 'LEGACY', logicalPath: undefined }
  if (document.format === 'sql') return plain
  if (document.format === 'formatted-sql') {
    const written = logicalPathOfHeader(document.text)
    return { ...plain, logicalPath: written && expand(written, plain, reading) }
  }
  // The attributes of databaseChangeLog are expanded with what the file is given, before its own properties.
  const names = attributesOf.databaseChangeLog.map((name) => name.toLowerCase())
  const own = document.root.children.filter((child) => names.includes(child.name.toLowerCase()))
  const root = expandTree({ ...document.root, children: own }, plain, reading.settings, nobody, report)
  const contextFilter = contextFilterOf(root, report)
  checkExpression(contextFilter, attribute(root, 'contextFilter', report)?.span ?? root.span, reading, report)
  const logicalPath = textOf(root, 'logicalFilePath', report)
  return {
    ...outer,
    contextFilters: [...filled(contextFilter), ...outer.contextFilters],
    quoting: choiceOf(root, 'objectQuotingStrategy', quotingChoices, report) ?? 'LEGACY',
    logicalPath: logicalPath !== undefined && logicalPath.trim() !== '' ? logicalPath : undefined,
  }
}

function filled(text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : [text]
}

function expand(text: string, frame: Frame, reading: Reading): string {
  const place: Span = { file: frame.file, line: 1, column: 1 }
  return expanderOf(frame, reading.settings, nobody, ({ code, message, fix }) => {
    reading.report(problem(code, message, place, fix))
  })(text)
}

function readFormatted(text: string, frame: Frame, reading: Reading): Part {
  const changeSets: PlacedChangeSet[] = []
  const events = {
    onProperty: (line: string, span: Span) => definePropertyLine(line, span, frame, reading),
    onBlock: (block: Parameters<typeof sqlChangeSet>[0]) => {
      const placed = keep(sqlChangeSet(block, frame, reading), frame, reading)
      if (placed) changeSets.push(placed)
    },
  }
  readFormattedSql(frame.file, text, events, reading.report)
  return { frame, changeSets, preconditions: [], included: [] }
}

/** Counts a change set, and remembers what `${…}` means at it. Undefined beyond the limit. */
function keep(placed: PlacedChangeSet, frame: Frame, reading: Reading): PlacedChangeSet | undefined {
  const { span, id, author } = placed.changeSet
  reading.changeSets += 1
  if (reading.changeSets > changelogLimits.changeSets) {
    const message = `The changelog has more than ${changelogLimits.changeSets} change sets.`
    reading.report(problem('too-large', message, { ...span, line: 1, column: 1 }, 'Split the changelog.'))
    return undefined
  }
  // What is expanded late finds no place for its troubles any more; such texts stay as they are.
  reading.expanders.set(
    span,
    expanderOf(frame, reading.settings, { id, author }, () => undefined),
  )
  return placed
}

/** The walk over the entries of one structured file. */
class Walk {
  readonly #frame: Frame
  readonly #reading: Reading
  readonly #changeSets: PlacedChangeSet[] = []
  readonly #preconditions: PreconditionContainer[] = []
  readonly #included: Precondition[] = []
  readonly #removals: PropertyRemoval[] = []

  constructor(frame: Frame, reading: Reading) {
    this.#frame = frame
    this.#reading = reading
  }

  async read(root: ChangelogNode): Promise<Part> {
    for (const entry of await this.#defineAndExpand(root)) {
      this.#reading.signal?.throwIfAborted()
      // Once more in its turn: what the files included before it have defined counts for it, too.
      const execution = entry.name === 'changeSet' ? identityOf(entry) : nobody
      await this.#take(this.#expandEntry(entry, execution))
    }
    return {
      frame: this.#frame,
      changeSets: this.#changeSets,
      preconditions: this.#preconditions,
      included: this.#included,
    }
  }

  /** XML knows the properties above an entry only; YAML and JSON know all of the file. */
  async #defineAndExpand(root: ChangelogNode): Promise<readonly ChangelogNode[]> {
    const isXml = this.#frame.format === 'xml'
    if (!isXml) {
      for (const child of root.children) {
        if (child.name === 'property') await defineProperty(child, this.#frame, this.#reading)
      }
    }
    const entries: ChangelogNode[] = []
    for (const child of root.children) {
      if (child.name !== 'property') {
        entries.push(this.#expandEntry(child, child.name === 'changeSet' ? identityOf(child) : nobody))
      } else if (isXml) await defineProperty(this.#expandEntry(child, nobody), this.#frame, this.#reading)
    }
    return entries
  }

  #expandEntry(entry: ChangelogNode, execution: Execution): ChangelogNode {
    return expandTree(entry, this.#frame, this.#reading.settings, execution, this.#reading.report)
  }

  async #take(entry: ChangelogNode): Promise<void> {
    const { report } = this.#reading
    switch (entry.name) {
      case 'changeSet':
        return this.#takeChangeSet(entry)
      case 'include':
      case 'includeAll':
        return await this.#include(entry, undefined)
      case 'modifyChangeSets':
        return await this.#takeModification(entry)
      case 'preConditions':
      case 'preconditions': {
        const { file, format, logicalPath } = this.#frame
        const place = { format, level: 'changelog', changelogPath: logicalPath ?? file } as const
        this.#preconditions.push(readPreconditions(entry, place, report))
        return
      }
      case 'removeChangeSetProperty': {
        const removal = readRemoval(entry, report)
        if (removal) this.#removals.push(removal)
        return
      }
      default:
        return this.#takeOther(entry)
    }
  }

  #takeChangeSet(entry: ChangelogNode): void {
    const placed = keep(readChangeSet(entry, this.#frame, this.#removals, this.#reading), this.#frame, this.#reading)
    if (placed) this.#changeSets.push(placed)
  }

  #takeOther(entry: ChangelogNode): void {
    const { report } = this.#reading
    const known: readonly string[] = attributesOf.databaseChangeLog
    if (known.some((name) => name.toLowerCase() === entry.name.toLowerCase()) || this.#frame.format === 'xml') return
    const entries = ['changeSet', 'include', 'includeAll', 'property', 'preConditions', 'modifyChangeSets']
    const fix = `Correct the name; it is case-sensitive.${didYouMean(entry.name, [...entries, ...known])}`
    if (entry.children.length === 0) {
      const message = `databaseChangeLog knows no ${JSON.stringify(entry.name)}; it is ignored.`
      report(doubt('ignored-entry', message, entry.span, fix))
    } else
      report(
        problem('unknown-element', `databaseChangeLog cannot hold ${JSON.stringify(entry.name)}.`, entry.span, fix),
      )
  }

  async #takeModification(entry: ChangelogNode): Promise<void> {
    const modification = readModification(entry, this.#frame.modification, this.#reading.report)
    const known: readonly string[] = attributesOf.modifyChangeSets
    for (const child of entry.children) {
      if (child.name === 'include' || child.name === 'includeAll') await this.#include(child, modification)
      else if (!known.some((name) => name.toLowerCase() === child.name.toLowerCase()) && this.#frame.format !== 'xml') {
        const message = `modifyChangeSets cannot hold ${JSON.stringify(child.name)}.`
        this.#reading.report(
          problem('unknown-element', message, child.span, 'Put include and includeAll directly into it.'),
        )
      }
    }
  }

  async #include(entry: ChangelogNode, modification: Modification | undefined): Promise<void> {
    const read = entry.name === 'include' ? readInclude : readIncludeAll
    for (const inclusion of await read(entry, this.#frame, modification, this.#reading)) {
      const part = await this.#readIncluded(inclusion)
      if (part === undefined) continue
      this.#changeSets.push(...part.changeSets)
      this.#included.push(...part.preconditions.map(nestPreconditions), ...part.included)
    }
  }

  async #readIncluded(inclusion: Inclusion): Promise<Part | undefined> {
    const reading = this.#reading
    if (this.#isTooMuch(inclusion)) return undefined
    const loaded = await loadDocument(inclusion.path, inclusion.span, reading)
    if (loaded.outcome === 'missing') {
      const make = inclusion.missing === 'problem' ? problem : doubt
      const message = `There is no changelog ${JSON.stringify(inclusion.path)}.`
      const fix =
        'Correct the path (relativeToChangelogFile makes it relative to this file), or set errorIfMissing to false.'
      if (inclusion.missing !== 'fine') reading.report(make('missing-include', message, inclusion.span, fix))
    }
    if (loaded.outcome !== 'read') return undefined
    const surroundings = { parent: this.#frame, scope: this.#frame.scope.child(), inclusion }
    const part = await readDocument(inclusion.path, loaded.document, surroundings, reading)
    return { ...part, changeSets: this.#giveLogicalPaths(part, inclusion) }
  }

  /** A circle, too deep, or too many; reported, except a circle that includeAll may leave out. */
  #isTooMuch(inclusion: Inclusion): boolean {
    const { report, settings } = this.#reading
    const chain: string[] = []
    for (let frame: Frame | undefined = this.#frame; frame; frame = frame.parent) chain.unshift(frame.file)
    if (chain.includes(inclusion.path)) {
      if (inclusion.isFromFolder && !settings.errorOnCircularIncludeAll) return true
      const circle = [...chain.slice(chain.indexOf(inclusion.path)), inclusion.path].join(' → ')
      report(
        problem(
          'include-cycle',
          `The file includes itself: ${circle}.`,
          inclusion.span,
          'Remove one of these includes.',
        ),
      )
      return true
    }
    this.#reading.inclusions += 1
    if (chain.length < changelogLimits.includeDepth && this.#reading.inclusions <= changelogLimits.inclusions)
      return false
    const message = 'Too many files are included, or they include one another too deeply.'
    report(problem('too-large', message, inclusion.span, 'Split the changelog.'))
    return true
  }

  /**
   * Change sets without a logicalFilePath of their own get the nearest one of the included file and those around it, else that of
   * the include; but not a plain SQL file that is included directly, and not what the history already knows by its old path.
   */
  #giveLogicalPaths(part: Part, inclusion: Inclusion): readonly PlacedChangeSet[] {
    const path = nearestLogicalPath(part.frame) ?? inclusion.logicalPath
    if (part.frame.format === 'sql' || path === undefined) return part.changeSets
    return part.changeSets.map((placed) => {
      if (placed.hasLogicalPath || this.#reading.isRecorded(placed.changeSet)) return placed
      return { ...placed, hasLogicalPath: true, changeSet: { ...placed.changeSet, path } }
    })
  }
}

function nearestLogicalPath(from: Frame): string | undefined {
  for (let frame: Frame | undefined = from; frame; frame = frame.parent) {
    if (frame.logicalPath !== undefined) return frame.logicalPath
  }
  return undefined
}

function identityOf(entry: ChangelogNode): Execution {
  const value = (name: string) => entry.children.find((child) => child.name.toLowerCase() === name)?.value
  return { id: value('id'), author: value('author') }
}
