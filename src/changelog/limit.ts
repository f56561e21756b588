// How much a changelog may hold, so that no file of a user can exhaust the machine.

export const changelogLimits = {
  /** Bytes of one changelog file; data files have the larger limit of `sourceLimits`. */
  fileBytes: 16_777_216,
  /** Levels of elements, maps and lists inside one file. */
  depth: 200,
  /** Nodes of one file after aliases are followed. */
  nodes: 1_000_000,
  /** Files that include one another. */
  includeDepth: 100,
  /** Files read in one go, each inclusion counted. */
  inclusions: 50_000,
  changeSets: 100_000,
  /** Properties inside values of properties. */
  expansionDepth: 100,
  /** Characters that properties may add to one text. */
  expandedLength: 4_194_304,
  /** Properties that are replaced in one reading, late ones included. */
  expansions: 5_000_000,
  /** Properties that are replaced in one text. */
  expansionsInText: 50_000,
  /** Characters of a context or label expression. */
  expressionLength: 4096,
  /** Findings that are reported; the rest is counted. */
  findings: 1000,
} as const
