// From files to change sets: a changelog file and everything that it includes.
import type { Span } from '#contract/diagnostic'
import { doubt, problem } from './finding.ts'
import { readFormattedSql } from './formatted-sql.ts'
import type { Frame } from './frame.ts'
import type { Inclusion } from './include.ts'
import { changelogLimits } from './limit.ts'
import { loadDocument } from './load.ts'
import { outerFrame, readHeader, readOwnAttributes, type Surroundings } from './open-frame.ts'
import { definePropertyLine, defineProperty } from './property-element.ts'
import type { ChangelogDocument, Part, PlacedChangeSet, Reading } from './reading.ts'
import { plainSqlChangeSet, sqlChangeSet } from './sql-change-set.ts'
import { keep, Walk } from './walk.ts'

/** Reads a document and all that it includes. */
export async function readDocument(
  file: string,
  document: ChangelogDocument,
  surroundings: Surroundings,
  reading: Reading,
): Promise<Part> {
  const outer = outerFrame(file, document.format, surroundings)
  if (document.format === 'sql') {
    const placed = keep(plainSqlChangeSet(document.text, outer, reading), outer, reading)
    return { frame: outer, changeSets: placed ? [placed] : [], preconditions: [], included: [] }
  }
  if (document.format === 'formatted-sql') {
    return readFormatted(document.text, readHeader(document.text, outer, reading), reading)
  }
  const { root } = document
  // XML knows a property only below the place where it stands; YAML and JSON know those of a file all along.
  if (document.format !== 'xml') {
    for (const child of root.children) if (child.name === 'property') await defineProperty(child, outer, reading)
  }
  return await new Walk(readOwnAttributes(root, outer, reading), reading, readIncluded).read(root)
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

async function readIncluded(inclusion: Inclusion, frame: Frame, reading: Reading): Promise<Part | undefined> {
  if (isTooMuch(inclusion, frame, reading)) return undefined
  const loaded = await loadDocument(inclusion.path, inclusion.span, reading)
  if (loaded.outcome === 'missing') {
    const make = inclusion.missing === 'problem' ? problem : doubt
    const message = `The changelog ${JSON.stringify(inclusion.path)} was not found.`
    const fix =
      'Correct the path (relativeToChangelogFile makes it relative to this file), or set errorIfMissing to false.'
    if (inclusion.missing !== 'fine') reading.report(make('missing-include', message, inclusion.span, fix))
  }
  if (loaded.outcome !== 'read') return undefined
  const surroundings = { parent: frame, scope: frame.scope.child(), inclusion }
  const part = await readDocument(inclusion.path, loaded.document, surroundings, reading)
  return { ...part, changeSets: giveLogicalPaths(part, inclusion, reading) }
}

/** A circle, too deep, or too many; reported, except a circle that includeAll may leave out. */
function isTooMuch(inclusion: Inclusion, frame: Frame, reading: Reading): boolean {
  const { report, settings } = reading
  const chain: string[] = []
  for (let outer: Frame | undefined = frame; outer; outer = outer.parent) chain.unshift(outer.file)
  if (chain.includes(inclusion.path)) {
    if (inclusion.isFromFolder && !settings.errorOnCircularIncludeAll) return true
    const circle = [...chain.slice(chain.indexOf(inclusion.path)), inclusion.path].join(' → ')
    report(
      problem('include-cycle', `The file includes itself: ${circle}.`, inclusion.span, 'Remove one of these includes.'),
    )
    return true
  }
  reading.inclusions += 1
  if (chain.length < changelogLimits.includeDepth && reading.inclusions <= changelogLimits.inclusions) return false
  const message = 'Too many files are included, or they include one another too deeply.'
  report(problem('too-large', message, inclusion.span, 'Split the changelog.'))
  return true
}

/**
 * Change sets without a logicalFilePath of their own get the nearest one of the included file and those around it, else that of
 * the include; but not a plain SQL file that is included directly, and not what the history already knows by its old path.
 */
function giveLogicalPaths(part: Part, inclusion: Inclusion, reading: Reading): readonly PlacedChangeSet[] {
  const path = nearestLogicalPath(part.frame) ?? inclusion.logicalPath
  if (part.frame.format === 'sql' || path === undefined) return part.changeSets
  return part.changeSets.map((placed) => {
    if (placed.hasLogicalPath || reading.isRecorded(placed.changeSet)) return placed
    return { ...placed, hasLogicalPath: true, changeSet: { ...placed.changeSet, path } }
  })
}

function nearestLogicalPath(from: Frame): string | undefined {
  for (let frame: Frame | undefined = from; frame; frame = frame.parent) {
    if (frame.logicalPath !== undefined && frame.logicalPath.trim() !== '') return frame.logicalPath
  }
  return undefined
}
