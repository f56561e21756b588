// What one call of readChangelog works with: the options with their defaults, and what has been found so far.
import type { Report } from './finding.ts'
import type { Format } from './attribute.ts'
import type { ExpandSettings, Frame } from './frame.ts'
import type { ChangeSet, DatabaseFacts, Precondition, PreconditionContainer } from './model.ts'
import type { ChangelogNode } from './node.ts'
import type { FileSource } from './source.ts'

/** Settings that Liquibase knows under the same names; the defaults are its defaults. */
export interface ReadSettings extends ExpandSettings {
  /** STRICT: an unknown change type is an error. LAX: it is left out with a warning. */
  readonly changeLogParseMode: 'STRICT' | 'LAX'
  readonly onMissingIncludeChangelog: 'FAIL' | 'WARN'
  readonly errorOnCircularIncludeAll: boolean
  readonly allowDuplicatedChangesetIdentifiers: boolean
  /** An author must be given. */
  readonly strict: boolean
  /** Of files that do not say it themselves, by a byte order mark or an XML declaration. */
  readonly fileEncoding: string
}

/** A change set with what decides its final path. */
export interface PlacedChangeSet {
  readonly changeSet: ChangeSet
  /** Its own logicalFilePath, or one that an include around it has given; no further one counts. */
  readonly hasLogicalPath: boolean
  /** The path it had before any include gave it another. */
  readonly firstPath: string
  readonly isSkipped: boolean
}

export interface Reading {
  readonly files: FileSource
  readonly database: DatabaseFacts
  readonly contexts: string
  readonly labelFilter: string
  readonly knownChangeTypes: ReadonlySet<string> | undefined
  readonly isRecorded: (identity: { readonly path: string; readonly id: string; readonly author: string }) => boolean
  readonly settings: ReadSettings
  readonly report: Report
  readonly signal: AbortSignal | undefined
  /** Files in the order in which they were first read. */
  readonly paths: Set<string>
  /** Files that were read already; a file may be included several times. */
  readonly documents: Map<string, ChangelogDocument | undefined>
  /** The inclusion that each change set came by, by its span: what `${…}` means there. */
  readonly frames: Map<object, Frame>
  /** How many files were included so far, each time counted. */
  inclusions: number
  changeSets: number
}

/** A file as its reader left it. */
export type ChangelogDocument =
  | { readonly format: Exclude<Format, 'formatted-sql' | 'sql'>; readonly root: ChangelogNode }
  | { readonly format: 'formatted-sql'; readonly text: string }
  | { readonly format: 'sql'; readonly text: string }

/** What one file, with all that it includes, adds to the changelog. */
export interface Part {
  readonly frame: Frame
  readonly changeSets: readonly PlacedChangeSet[]
  /** Of the file itself. */
  readonly preconditions: readonly PreconditionContainer[]
  /** Of the files it includes. */
  readonly included: readonly Precondition[]
}
