// Walks the entries of one structured changelog file, in order.
import { doubtUnknown } from './attribute.ts'
import { readChangeSet } from './change-set.ts'
import { doubt, problem } from './finding.ts'
import { expandTree, type Frame, type Modification } from './frame.ts'
import { type Inclusion, readInclude, readIncludeAll } from './include.ts'
import { changelogLimits } from './limit.ts'
import type { Precondition, PreconditionContainer } from './model.ts'
import { type PropertyRemoval, readModification, readRemoval } from './modification.ts'
import type { ChangelogNode } from './node.ts'
import { nestPreconditions, readPreconditions } from './precondition.ts'
import { defineProperty } from './property-element.ts'
import type { Execution } from './property.ts'
import type { Part, PlacedChangeSet, Reading } from './reading.ts'
import { didYouMean } from '#contract/spelling'
import { attributesOf } from './vocabulary.ts'

const nobody: Execution = {}

/** Reads a file that is included at a frame; undefined when there is nothing to read, which is then reported. */
export type ReadIncluded = (inclusion: Inclusion, frame: Frame, reading: Reading) => Promise<Part | undefined>

/** The walk over the entries of one structured file. */
export class Walk {
  readonly #frame: Frame
  readonly #reading: Reading
  readonly #changeSets: PlacedChangeSet[] = []
  readonly #preconditions: PreconditionContainer[] = []
  readonly #included: Precondition[] = []
  readonly #removals: PropertyRemoval[] = []
  readonly #readIncluded: ReadIncluded

  constructor(frame: Frame, reading: Reading, readIncluded: ReadIncluded) {
    this.#frame = frame
    this.#reading = reading
    this.#readIncluded = readIncluded
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

  /** All entries but properties, expanded with what is known before any of them is taken. */
  async #defineAndExpand(root: ChangelogNode): Promise<readonly ChangelogNode[]> {
    const isXml = this.#frame.format === 'xml'
    const entries: ChangelogNode[] = []
    for (const child of root.children) {
      if (child.name !== 'property') {
        entries.push(this.#expandEntry(child, child.name === 'changeSet' ? identityOf(child) : nobody, this.#first))
      } else if (isXml) await defineProperty(this.#expandEntry(child, nobody), this.#frame, this.#reading)
    }
    return entries
  }

  #expandEntry(entry: ChangelogNode, execution: Execution, settings = this.#reading.settings): ChangelogNode {
    return expandTree(entry, this.#frame, settings, execution, this.#reading.report)
  }

  /** At first what is missing may still be defined by a file that is included further up. */
  get #first(): Reading['settings'] {
    const { settings } = this.#reading
    return settings.missingPropertyMode === 'ERROR' ? { ...settings, missingPropertyMode: 'PRESERVE' } : settings
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
        if (this.#frame.format !== 'xml') doubtUnknown(entry, attributesOf.removeChangeSetProperty, report)
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
        problem('unknown-element', `Unexpected node found under databaseChangeLog: ${entry.name}.`, entry.span, fix),
      )
  }

  async #takeModification(entry: ChangelogNode): Promise<void> {
    const modification = readModification(entry, this.#frame.modification, this.#reading.report)
    const known: readonly string[] = attributesOf.modifyChangeSets
    for (const child of entry.children) {
      if (child.name === 'include' || child.name === 'includeAll') await this.#include(child, modification)
      else if (!known.some((name) => name.toLowerCase() === child.name.toLowerCase()) && this.#frame.format !== 'xml') {
        const message = `modifyChangeSets cannot hold ${JSON.stringify(child.name)}.`
        const fix = `Put include and includeAll directly into it.${didYouMean(child.name, [...known, 'include', 'includeAll'])}`
        this.#reading.report(problem('unknown-element', message, child.span, fix))
      }
    }
  }

  async #include(entry: ChangelogNode, modification: Modification | undefined): Promise<void> {
    const read = entry.name === 'include' ? readInclude : readIncludeAll
    for (const inclusion of await read(entry, this.#frame, modification, this.#reading)) {
      const part = await this.#readIncluded(inclusion, this.#frame, this.#reading)
      if (part === undefined) continue
      for (const placed of part.changeSets) this.#changeSets.push(placed)
      this.#included.push(...part.preconditions.map(nestPreconditions), ...part.included)
    }
  }
}

/** Counts a change set, and remembers where it came from. Undefined beyond the limit. */
export function keep(placed: PlacedChangeSet, frame: Frame, reading: Reading): PlacedChangeSet | undefined {
  const { span } = placed.changeSet
  reading.changeSets += 1
  if (reading.changeSets > changelogLimits.changeSets) {
    const message = `The changelog has more than ${changelogLimits.changeSets} change sets.`
    reading.report(problem('too-large', message, { ...span, line: 1, column: 1 }, 'Split the changelog.'))
    return undefined
  }
  reading.frames.set(span, frame)
  return placed
}

function identityOf(entry: ChangelogNode): Execution {
  const value = (name: string) => entry.children.find((child) => child.name.toLowerCase() === name)?.value
  return { id: value('id'), author: value('author') }
}
