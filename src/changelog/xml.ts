// Reads XML changelogs: elements and attributes with their places; nothing outside the file is ever fetched.
import { SaxesParser } from 'saxes'
import type { Span } from '#contract/diagnostic'
import { problem, type Report } from './finding.ts'
import { trimmed } from './java-text.ts'
import { changelogLimits } from './limit.ts'
import type { ChangelogNode } from './node.ts'
import { type Positions, positionsOf } from './position.ts'
import { attributesOf } from './vocabulary.ts'
import type { XmlAttribute, XmlElement } from './xml-element.ts'
import { readEntities } from './xml-entity.ts'
import { explainMalformed } from './xml-error.ts'
import { checkStructure, isCore } from './xml-structure.ts'

const namespaceOfInstances = 'http://www.w3.org/2001/XMLSchema-instance'

/** The `databaseChangeLog` element as a tree; undefined when the file cannot be used, which is then reported. */
export function readXml(file: string, text: string, report: Report): ChangelogNode | undefined {
  const positions = positionsOf(file, text)
  const root = parse(text, positions, report)
  if (root === undefined) return undefined
  if (root.local !== 'databaseChangeLog') {
    const message = `The root element is <${root.local}>, not <databaseChangeLog>.`
    report(problem('not-a-changelog', message, root.span, 'Put the change sets into a <databaseChangeLog> element.'))
    return undefined
  }
  if (!isCore(root)) {
    const message = root.uri === '' ? 'The root element has no namespace.' : `The namespace ${root.uri} is not known.`
    const fix = 'Write <databaseChangeLog xmlns="http://www.liquibase.org/xml/ns/dbchangelog" …>.'
    report(problem('namespace', message, root.span, fix))
    return undefined
  }
  checkStructure(root, report)
  return toNode(root)
}

/** One for all: a changelog has millions of nodes without children. */
const none: readonly ChangelogNode[] = []

function toNode(element: XmlElement): ChangelogNode {
  const attributes = element.attributes
    .filter((attribute) => isMeant(attribute, element))
    .map(({ local, value, span }): ChangelogNode => ({ name: local, value, children: none, span }))
  const inner = [...attributes, ...element.children.map(toNode)]
  const children = inner.length === 0 ? none : inner
  const { local: name, text: value, span, textSpan: valueSpan } = element
  return valueSpan ? { name, value, children, span, valueSpan } : { name, value, children, span }
}

/** Attributes that the frame of a changelog does not know are reported already, or belong to other namespaces. */
function isMeant(attribute: XmlAttribute, element: XmlElement): boolean {
  if (attribute.uri === namespaceOfInstances) return false
  if (!isCore(element) || !Object.hasOwn(attributesOf, element.local)) return true
  const known: readonly string[] = attributesOf[element.local as keyof typeof attributesOf]
  return attribute.uri === '' && known.includes(attribute.local)
}

interface OpenElement {
  readonly local: string
  readonly start: number
  attributes: XmlAttribute[]
  uri: string
  readonly children: XmlElement[]
  readonly pieces: { readonly text: string; readonly start: number; readonly end: number }[]
}

/** Raised inside the parser's callbacks to leave it at the first error; well-formedness has no second one worth reading. */
class Malformed extends Error {}

function parse(text: string, positions: Positions, report: Report): XmlElement | undefined {
  try {
    return build(text, positions, report)
  } catch (error) {
    if (error instanceof Malformed) return undefined
    throw error
  }
}

function build(text: string, positions: Positions, report: Report): XmlElement | undefined {
  const parser = new SaxesParser({ xmlns: true, position: false })
  const open: OpenElement[] = []
  let root: XmlElement | undefined
  let nodes = 0
  /** Where the markup before the present piece of text, or the attribute before the present one, ends. */
  let cursor = 0
  let closed: { readonly local: string; readonly end: number } | undefined
  let attributes: { local: string; prefix: string; span: Span }[] = []
  // Each name once, however often it stands in the file.
  const names = new Map<string, string>()
  const known = (name: string): string => {
    const first = names.get(name)
    if (first === undefined) names.set(name, name)
    return first ?? name
  }

  const stop = (code: string, message: string, span: Span, fix?: string): never => {
    report(problem(code, message, span, fix))
    throw new Malformed()
  }
  parser.on('error', (error) => {
    const place = { source: text, position: parser.position, cursor, innermost: open.at(-1), closed }
    const { message, start, fix } = explainMalformed(error.message, place)
    stop('malformed-xml', message, positions.span(start, start + 1), fix)
  })
  parser.on('doctype', (doctype) => {
    parser.ENTITIES = readEntities(doctype, text.indexOf('<!DOCTYPE') + '<!DOCTYPE'.length, positions, report)
    cursor = parser.position
  })
  parser.on('opentagstart', (tag) => {
    const start = text.lastIndexOf('<', parser.position - 1)
    const local = known(tag.name.slice(tag.name.indexOf(':') + 1))
    if (open.length >= changelogLimits.depth) {
      stop(
        'too-deep',
        `Elements are nested more than ${changelogLimits.depth} deep.`,
        positions.span(start),
        'Nest less.',
      )
    }
    open.push({ local, start, attributes: [], uri: '', children: [], pieces: [] })
    cursor = start + 1 + tag.name.length
    attributes = []
  })
  parser.on('attribute', ({ local, prefix }) => {
    const start = afterBlanks(text, cursor)
    attributes.push({ local, prefix, span: positions.span(start, parser.position) })
    cursor = parser.position
  })
  parser.on('opentag', (tag) => {
    const element = open.at(-1)!
    element.uri = tag.uri
    const values = Object.values(tag.attributes).filter(({ prefix, name }) => prefix !== 'xmlns' && name !== 'xmlns')
    element.attributes = values.map(({ local, prefix, uri, value }) => {
      const place = attributes.find((attribute) => attribute.local === local && attribute.prefix === prefix)
      return { local: known(local), uri, value, span: place?.span ?? positions.span(element.start) }
    })
    nodes += 1 + values.length
    if (nodes > changelogLimits.nodes) {
      stop(
        'too-large',
        `The file has more than ${changelogLimits.nodes} nodes.`,
        positions.span(element.start),
        'Split the file.',
      )
    }
    cursor = parser.position
  })
  const addText = (piece: string, start: number, end: number) => {
    open.at(-1)?.pieces.push({ text: piece, start, end })
  }
  parser.on('text', (piece) => {
    addText(piece, cursor, text.indexOf('<', cursor))
  })
  parser.on('cdata', (piece) => {
    addText(piece, cursor + '<![CDATA['.length, parser.position - ']]>'.length)
    cursor = parser.position
  })
  // Told before or after the last character of the markup.
  const moveOn = () => {
    cursor = text.indexOf('>', parser.position - 1) + 1
  }
  parser.on('comment', moveOn)
  parser.on('processinginstruction', moveOn)
  parser.on('closetag', () => {
    const element = close(open.pop()!, parser.position, positions, text)
    const parent = open.at(-1)
    if (parent) parent.children.push(element)
    else root = element
    closed = { local: element.local, end: parser.position }
    cursor = parser.position
  })
  parser.write(text).close()
  return root
}

/** Blanks as XML knows them. */
function afterBlanks(text: string, from: number): number {
  let index = from
  while (index < text.length && ' \t\r\n'.includes(text[index]!)) index += 1
  return index
}

function close(element: OpenElement, end: number, positions: Positions, source: string): XmlElement {
  const { local, uri, attributes, children, pieces } = element
  const text = trimmed(pieces.map((piece) => piece.text).join(''))
  return {
    local,
    uri,
    attributes,
    children,
    text: text === '' ? undefined : text,
    textSpan: text === '' ? undefined : placeOfText(element, text, positions, source),
    span: positions.span(element.start, end),
  }
}

/** Only when the lines of the text are lines of the file, one to one: a single piece, and no `&#10;` in it. */
function placeOfText(element: OpenElement, text: string, positions: Positions, source: string): Span | undefined {
  const pieces = element.pieces.filter((piece) => trimmed(piece.text) !== '')
  const piece = pieces[0]
  if (piece === undefined || pieces.length > 1) return undefined
  const raw = source.slice(piece.start, piece.end)
  const start = piece.start + raw.length - raw.trimStart().length
  const end = piece.start + raw.trimEnd().length
  const lines = (value: string) => value.split(/\r\n|\r|\n/).length
  return lines(text) === lines(source.slice(start, end)) ? positions.span(start, end) : undefined
}
