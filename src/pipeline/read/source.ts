// Opens a YAML document with one field at its top: parsed, of limited size and depth, every problem at its place.
import { hasErrors } from '#contract/diagnostic'
import { type Node, parseDocument } from 'yaml'
import { isTooDeep } from './depth.ts'
import { missing, readFields } from './field.ts'
import type { Report } from './report.ts'

/** 256 Ki characters. */
export const MOST_CHARACTERS = 262_144

/** What stands under `name`; undefined when there is nothing that can be read, which was reported. */
export function openSource(report: Report, source: string, name: string): Node | undefined {
  if (source.length > MOST_CHARACTERS) report.error(0, 'too-large', 'The document is larger than 256 KiB.')
  else if (isTooDeep(source)) report.error(0, 'yaml', 'The document is nested too deeply.')
  else {
    const parsed = parseDocument(source, { lineCounter: report.lines, prettyErrors: false, uniqueKeys: false })
    for (const problem of [...parsed.errors, ...parsed.warnings])
      report.error(problem.pos[0], 'yaml', problem.message, 'Correct the YAML; look at indentation and quotes first.')
    if (hasErrors(report.diagnostics)) return undefined
    if (!parsed.contents) report.error(0, 'missing-field', 'The document is empty.', `Begin with \`${name}:\`.`)
    const top = readFields(report, parsed.contents ?? undefined, { what: 'the document', known: [name] })
    if (top && !top.values.has(name)) missing(report, top, name)
    return top?.values.get(name)
  }
  return undefined
}
