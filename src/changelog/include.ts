// include and includeAll: which files they mean, in which order, and what they hand on to them.
import type { Span } from '#contract/diagnostic'
import { attribute, booleanOf, contextFilterOf, doubtUnknown, textOf } from './attribute.ts'
import { checkExpression } from './filter.ts'
import { doubt, problem } from './finding.ts'
import type { Frame, Modification } from './frame.ts'
import { splitLabels } from './label.ts'
import { isChangelogName, readBytes, refused } from './load.ts'
import type { ChangelogNode } from './node.ts'
import { leavesRoot, resolvePath } from './path.ts'
import type { Reading } from './reading.ts'
import { attributesOf } from './vocabulary.ts'

/** A file that is to be included, and how. */
export interface Inclusion {
  readonly path: string
  readonly span: Span
  readonly contextFilter: string
  readonly labels: readonly string[]
  readonly ignore: boolean
  /** As written; undefined when blank. */
  readonly logicalPath: string | undefined
  readonly modification: Modification | undefined
  /** What it means that there is no such file. */
  readonly missing: 'problem' | 'doubt' | 'fine'
  readonly isFromFolder: boolean
}

/** The one file of an `include`, or none when there is nothing to include. */
export function readInclude(
  node: ChangelogNode,
  frame: Frame,
  modification: Modification | undefined,
  reading: Reading,
): readonly Inclusion[] {
  const { report } = reading
  const { format } = frame
  if (format !== 'xml') doubtUnknown(node, attributesOf.include, report)
  const file = textOf(node, 'file', report) ?? ''
  const span = attribute(node, 'file', report)?.span ?? node.span
  if (file.trim() === '') {
    report(problem('missing-attribute', 'include needs file.', node.span, 'Write include: {file: PATH}.'))
    return []
  }
  if (/^(?:\.svn|cvs)$/i.test(file)) return []
  const isRelative = booleanOf(node, 'relativeToChangelogFile', { format, otherwise: false }, report)
  const mustExist = booleanOf(node, 'errorIfMissing', { format, otherwise: true }, report)
  const missing = mustExist ? (reading.settings.onMissingIncludeChangelog === 'WARN' ? 'doubt' : 'problem') : 'fine'
  const path = resolvePath(file, isRelative ? frame.file : undefined)
  return [{ path, span, missing, isFromFolder: false, modification, ...shared(node, frame, reading) }]
}

/** The changelogs below the folder of an `includeAll`, in the order of their full paths. */
export async function readIncludeAll(
  node: ChangelogNode,
  frame: Frame,
  modification: Modification | undefined,
  reading: Reading,
): Promise<readonly Inclusion[]> {
  const { report } = reading
  const { format } = frame
  if (format !== 'xml') doubtUnknown(node, attributesOf.includeAll, report)
  const written = textOf(node, 'path', report) ?? ''
  const span = attribute(node, 'path', report)?.span ?? node.span
  if (written.trim() === '') {
    report(problem('missing-attribute', 'includeAll needs path.', node.span, 'Write includeAll: {path: FOLDER}.'))
    return []
  }
  for (const name of ['filter', 'resourceFilter', 'resourceComparator']) {
    const found = attribute(node, name, report)
    if (found?.value === undefined) continue
    const message = `${found.name} names a Java class, which cannot be used here.`
    report(
      problem(
        'not-supported',
        message,
        found.span,
        'Use endsWithFilter, minDepth and maxDepth, or include the files one by one.',
      ),
    )
  }
  const isRelative = booleanOf(node, 'relativeToChangelogFile', { format, otherwise: false }, report)
  const mustExist = booleanOf(node, 'errorIfMissingOrEmpty', { format, otherwise: true }, report)
  const folder = resolvePath(written, isRelative ? frame.file : undefined)
  const paths = await listFolder(folder, span, reading)
  if (paths === 'refused') return []
  const wanted = paths && selectPaths(paths, folder, node, reading)
  if (wanted === undefined || wanted.length === 0) {
    const message = wanted
      ? `No changelog below ${JSON.stringify(folder)} fits.`
      : `There is no folder ${JSON.stringify(folder)}.`
    const fix = 'Correct the path and the filters, or set errorIfMissingOrEmpty to false.'
    if (mustExist) report(problem('empty-include-all', message, span, fix))
    return []
  }
  const rest = { span, missing: 'problem', isFromFolder: true, modification, ...shared(node, frame, reading) } as const
  return wanted.map((path) => ({ path, ...rest }))
}

async function listFolder(
  folder: string,
  span: Span,
  reading: Reading,
): Promise<readonly string[] | undefined | 'refused'> {
  // The reader of bytes knows how to say that a path is outside.
  if (leavesRoot(folder)) return (await readBytes(folder, span, reading)) === 'refused' ? 'refused' : undefined
  try {
    return await reading.files.list(folder)
  } catch (error) {
    return refused(error, span, reading)
  }
}

/** Files directly in the folder have depth 1. Those that are no changelogs are left out with a warning. */
function selectPaths(
  paths: readonly string[],
  folder: string,
  node: ChangelogNode,
  reading: Reading,
): readonly string[] {
  const { report } = reading
  const minimum = depthOf(node, 'minDepth', 0, reading)
  const maximum = depthOf(node, 'maxDepth', Number.MAX_SAFE_INTEGER, reading)
  const suffix = (textOf(node, 'endsWithFilter', report) ?? '').toLowerCase()
  const start = folder === '' ? 0 : folder.length + 1
  const fitting = paths.filter((path) => {
    const depth = path.slice(start).split('/').length
    return depth >= minimum && depth <= maximum && path.toLowerCase().endsWith(suffix)
  })
  for (const path of fitting) {
    if (isChangelogName(path)) continue
    const message = `${JSON.stringify(path)} is not a changelog and is left out.`
    const fix = 'Move it elsewhere, or narrow includeAll with endsWithFilter.'
    report({ ...doubt('left-out', message, node.span, fix), span: { file: path, line: 1, column: 1 } })
  }
  // UTF-16 code units of the full path: folders and files are mixed, and 10 comes before 2.
  const key = (path: string) => path.replace('WEB-INF/classes/', '')
  return fitting
    .filter(isChangelogName)
    .sort((left, right) => (key(left) < key(right) ? -1 : key(left) > key(right) ? 1 : 0))
}

function depthOf(node: ChangelogNode, name: string, otherwise: number, reading: Reading): number {
  const found = attribute(node, name, reading.report)
  if (found?.value === undefined) return otherwise
  if (/^\s*[-+]?\d+\s*$/.test(found.value)) return Number(found.value)
  const message = `${JSON.stringify(found.value)} is not a depth.`
  reading.report(
    problem('bad-value', message, found.span, 'Write a whole number; files in the folder itself have depth 1.'),
  )
  return otherwise
}

function shared(node: ChangelogNode, frame: Frame, reading: Reading) {
  const { report } = reading
  const contextFilter = contextFilterOf(node, report)
  checkExpression(contextFilter, node.span, reading, report)
  const logicalPath = textOf(node, 'logicalFilePath', report)
  return {
    contextFilter,
    labels: splitLabels(textOf(node, 'labels', report)),
    ignore: booleanOf(node, 'ignore', { format: frame.format, otherwise: false }, report),
    logicalPath: logicalPath !== undefined && logicalPath.trim() !== '' ? logicalPath : undefined,
  }
}
