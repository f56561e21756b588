// Entities that the document type of an XML changelog declares: plain texts are fine, everything outside the file is refused.
import { problem, type Report } from './finding.ts'
import type { Positions } from './position.ts'

const predefined: Readonly<Record<string, string>> = { amp: '&', gt: '>', lt: '<', quot: '"', apos: "'" }
const declaration = /<!ENTITY\s+(%\s+)?([^\s%"'<>]+)\s+(?:(?:SYSTEM|PUBLIC)\b[^>]*|"([^"]*)"|'([^']*)')[^>]*>/g

/** Entities by name, the five of XML among them. `start` is where `doctype` stands in the file. */
export function readEntities(
  doctype: string,
  start: number,
  positions: Positions,
  report: Report,
): Record<string, string> {
  // Without a prototype, so that `&constructor;` finds nothing.
  const entities: Record<string, string> = Object.assign(Object.create(null) as Record<string, string>, predefined)
  for (const match of doctype.matchAll(declaration)) {
    const [whole, parameter, name = '', double, single] = match
    const span = positions.span(start + match.index, start + match.index + whole.length)
    const value = double ?? single
    if (name in predefined) continue
    if (value === undefined || parameter !== undefined) {
      const message = `The entity ${name} comes from outside the file; such entities are never read.`
      report(problem('external-entity', message, span, 'Use <include file="…"/> instead.'))
    } else if (/[<&]/.test(value)) {
      const message = `The entity ${name} holds markup or other entities.`
      report(problem('external-entity', message, span, 'Let it hold plain text, or use a <property> instead.'))
    }
    // The first declaration counts. One that was refused is empty, so that its use is not reported as well.
    if (!(name in entities)) entities[name] = value !== undefined && !/[<&]/.test(value) ? value : ''
  }
  return entities
}
