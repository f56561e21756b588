// Gets changelog files from the source, in the form that their names and first lines call for.
import type { Span } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import { decode } from './decode.ts'
import { problem } from './finding.ts'
import { isFormattedSql } from './formatted-sql.ts'
import { changelogLimits } from './limit.ts'
import { leavesRoot } from './path.ts'
import type { ChangelogDocument, Reading } from './reading.ts'

/** The bytes of a file; undefined when there is none. What the source refuses is reported at `span`. */
export async function readBytes(
  path: string,
  span: Span,
  reading: Reading,
): Promise<Uint8Array | undefined | 'refused'> {
  if (leavesRoot(path)) {
    const message = `${JSON.stringify(path)} is outside the search path.`
    reading.report(problem('outside', message, span, 'Move the file below the search path, or extend the search path.'))
    return 'refused'
  }
  try {
    return await reading.files.read(path)
  } catch (error) {
    return refused(error, span, reading)
  }
}

/** Faults that speak of the path are findings; all others go up. */
export function refused(error: unknown, span: Span, reading: Reading): 'refused' {
  if (!(error instanceof Fault) || (error.code !== 'invalid-input' && error.code !== 'too-large')) throw error
  reading.report(problem(error.code === 'too-large' ? 'too-large' : 'outside', error.message, span, error.hint))
  return 'refused'
}

const extensions = ['.xml', '.yaml', '.yml', '.json', '.sql']

/** Whether the name of a file is one of a changelog. */
export function isChangelogName(path: string): boolean {
  return extensions.some((extension) => path.toLowerCase().endsWith(extension))
}

/** How the look for a file ended; what is wrong with an existing one has been reported. */
export type Loaded =
  | { readonly outcome: 'read'; readonly document: ChangelogDocument }
  | { readonly outcome: 'missing' | 'unusable' }

/** `span` is the place that asks for the file. A file is read and parsed once. */
export async function loadDocument(path: string, span: Span, reading: Reading): Promise<Loaded> {
  if (!reading.documents.has(path)) {
    if (!isChangelogName(path)) {
      const bytes = await readBytes(path, span, reading)
      if (bytes === undefined) return { outcome: 'missing' }
      const message = `${JSON.stringify(path)} is not a changelog: the end of its name is not known.`
      if (bytes !== 'refused') {
        reading.report(problem('unknown-format', message, span, `Name it ${extensions.join(', ')}.`))
      }
      return { outcome: 'unusable' }
    }
    const bytes = await readBytes(path, span, reading)
    if (bytes === undefined) return { outcome: 'missing' }
    reading.paths.add(path)
    reading.documents.set(path, bytes === 'refused' ? undefined : await parse(path, bytes, reading))
  }
  const document = reading.documents.get(path)
  return document ? { outcome: 'read', document } : { outcome: 'unusable' }
}

async function parse(path: string, bytes: Uint8Array, reading: Reading): Promise<ChangelogDocument | undefined> {
  const { report } = reading
  const start = { file: path, line: 1, column: 1 }
  if (bytes.byteLength > changelogLimits.fileBytes) {
    const message = `The file has ${bytes.byteLength} bytes; a changelog may have ${changelogLimits.fileBytes}.`
    report(problem('too-large', message, start, 'Split it, or move data into files for loadData or sqlFile.'))
    return undefined
  }
  const name = path.toLowerCase()
  const format = name.endsWith('.xml')
    ? 'xml'
    : name.endsWith('.json')
      ? 'json'
      : name.endsWith('.sql')
        ? 'sql'
        : 'yaml'
  const text = decode(bytes, { file: path, format, otherwise: reading.settings.fileEncoding }, report)
  if (text === undefined) return undefined
  if (format === 'sql') {
    if (text !== '') return { format: isFormattedSql(text) ? 'formatted-sql' : 'sql', text }
    report(problem('empty-file', 'The file is empty.', start, 'Write SQL into it, or remove it.'))
    return undefined
  }
  const read = await readers[format]()
  const root = read(path, text, report)
  return root && { format, root }
}

/** A parser is loaded when the first file of its format is met; most changelogs have one or two formats. */
const readers = {
  xml: async () => (await import('./xml.ts')).readXml,
  json: async () => (await import('./json.ts')).readJson,
  yaml: async () => (await import('./yaml.ts')).readYaml,
}
