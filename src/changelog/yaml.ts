// Reads YAML changelogs the way the original engine does: YAML 1.1 scalars, one document, aliases followed, last key wins.
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type ParsedNode,
  parseAllDocuments,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml'
import type { Span } from '#contract/diagnostic'
import { changelogOf, type Data, type DataEntry, type DataMap, uniqueEntries } from './data.ts'
import { doubt, problem, type Report } from './finding.ts'
import { changelogLimits } from './limit.ts'
import type { ChangelogNode } from './node.ts'
import { type Positions, positionsOf } from './position.ts'
import { resolvePlain, resolveTagged } from './yaml-scalar.ts'

/** The tree below `databaseChangeLog`; undefined when the file cannot be used, which is then reported. */
export function readYaml(file: string, text: string, report: Report): ChangelogNode | undefined {
  const positions = positionsOf(file, text)
  const data = readYamlData(text, positions, report)
  return data && changelogOf(data, report)
}

/** The one document of a YAML text. */
export function readYamlData(text: string, positions: Positions, report: Report): Data | undefined {
  const document = parseOne(text, positions, report)
  if (document === undefined) return undefined
  const { contents } = document
  if (
    contents === null ||
    (isScalar(contents) && contents.type === 'PLAIN' && resolvePlain(contents.source).text === undefined)
  ) {
    const fix = 'Begin the file with "databaseChangeLog:".'
    report(problem('empty-file', 'The file is empty.', positions.span(0), fix))
    return undefined
  }
  return new Converter(document, text, positions, report).convert(contents)
}

function parseOne(text: string, positions: Positions, report: Report): Document.Parsed | undefined {
  const documents = parseGuarded(text, positions, report)
  if (documents === undefined) return undefined
  const [document, second] = documents
  if (document === undefined) {
    report(problem('empty-file', 'The file is empty.', positions.span(0), 'Begin the file with "databaseChangeLog:".'))
    return undefined
  }
  for (const error of document.errors) {
    const [at, end] = error.pos
    const start = error.message.startsWith('Missing closing') ? startOfQuoted(document, at) : at
    report(
      problem(
        'malformed-yaml',
        `Malformed YAML${whereOf(error.code)}: ${error.message}`,
        positions.span(start, end),
        fixFor(error.code),
      ),
    )
  }
  if (second !== undefined) {
    const message = 'A second YAML document begins here; a changelog is one document.'
    report(
      problem('malformed-yaml', message, positions.span(second.range[0]), 'Remove the line "---", or split the file.'),
    )
  }
  return document.errors.length > 0 || second !== undefined ? undefined : document
}

/** A text that is never closed is noticed at the end of the file; the mistake is where it begins, or soon after. */
function startOfQuoted(document: Document.Parsed, end: number): number {
  let start = end
  visit(document, {
    Scalar: (_, { type, range }) => {
      if ((type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE') && range && range[2] >= end) start = range[0]
    },
  })
  return start
}

function parseGuarded(text: string, positions: Positions, report: Report): readonly Document.Parsed[] | undefined {
  const options = {
    version: '1.1',
    schema: 'failsafe',
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  } as const
  let place = 0
  try {
    const documents = parseAllDocuments(text, options)
    if ('empty' in documents) return []
    const overflow = documents.flatMap(({ errors }) => errors).find(({ message }) => message.includes('call stack'))
    if (overflow === undefined) return documents
    place = overflow.pos[0]
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
  }
  // The parser recurses with the nesting of the text; both are ways in which it ends on a text that is nothing but brackets.
  const message = `Maps and lists are nested more than ${changelogLimits.depth} deep.`
  report(problem('too-deep', message, positions.span(place), 'Nest less.'))
  return undefined
}

/** Some look for these words in the output of the original engine. */
function whereOf(code: string): string {
  return code === 'BAD_INDENT' || code === 'BLOCK_AS_IMPLICIT_KEY' ? ' while parsing a block mapping' : ''
}

function fixFor(code: string): string {
  switch (code) {
    case 'TAB_AS_INDENT':
      return 'Indent with blanks.'
    case 'BAD_INDENT':
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MISSING_CHAR':
      return 'Check the indentation, and quote texts that hold ": ", "#" or brackets.'
    default:
      return 'Correct the YAML at this place.'
  }
}

/** Octal, hexadecimal, binary, to the base of 60, or with underscores. */
const oddNumber = /^[-+]?(?:0[0-9xb]|\d+[_:])[\w:]*(?:\.\d*)?$/
/** Keys whose values are names: what they become in YAML is what the history has. */
const identities: readonly string[] = ['id', 'author', 'tag']

/** Turns one document into plain data; each node once, so that aliases share what they stand for. */
class Converter {
  readonly #source: string
  readonly #positions: Positions
  readonly #report: Report
  readonly #targets = new Map<Alias, ParsedNode | undefined>()
  readonly #done = new Map<ParsedNode, Data | undefined>()
  readonly #under = new Set<ParsedNode>()

  constructor(document: Document.Parsed, source: string, positions: Positions, report: Report) {
    this.#source = source
    this.#positions = positions
    this.#report = report
    // An alias stands for the last anchor of that name before it, so anchors are gathered in the order of the text.
    const anchors = new Map<string, ParsedNode>()
    visit(document, {
      Alias: (_, alias) => {
        this.#targets.set(alias, anchors.get(alias.source))
      },
      Value: (_, node) => {
        if (node.anchor !== undefined) anchors.set(node.anchor, node as ParsedNode)
      },
    })
  }

  /** Undefined when the node cannot be used, which is then reported. */
  convert(node: ParsedNode): Data | undefined {
    const target = isAlias(node) ? this.#targets.get(node) : node
    if (target === undefined) {
      this.#fail('malformed-yaml', 'There is no anchor of this name before.', node, 'Define it with "&name" first.')
      return undefined
    }
    if (this.#done.has(target)) return this.#done.get(target)
    if (this.#under.has(target)) {
      this.#fail('malformed-yaml', 'This alias stands inside its own anchor.', node, 'Remove the alias.')
      return undefined
    }
    if (this.#under.size >= changelogLimits.depth) {
      this.#fail('too-deep', `Maps and lists are nested more than ${changelogLimits.depth} deep.`, node, 'Nest less.')
      return undefined
    }
    this.#under.add(target)
    const data = this.#fresh(target)
    this.#under.delete(target)
    this.#done.set(target, data)
    return data
  }

  #fresh(node: ParsedNode): Data | undefined {
    const span = this.#span(node)
    if (isMap(node)) return this.#map(node)
    if (isSeq(node)) {
      const items = node.items.map((item) => this.convert(item))
      return { kind: 'list', items: items.filter((item) => item !== undefined), span }
    }
    return isScalar(node) ? this.#scalar(node) : undefined
  }

  #map(node: YAMLMap.Parsed): DataMap {
    const merged: DataEntry[] = []
    const own: DataEntry[] = []
    for (const { key, value } of node.items) {
      if (isScalar(key) && key.type === 'PLAIN' && key.source === '<<') {
        merged.push(...this.#merge(value ?? key))
        continue
      }
      const name = this.convert(key)
      if (name?.kind !== 'scalar') {
        if (name) this.#fail('malformed-yaml', 'A key must be a plain text.', key, 'Use a text as key.')
        continue
      }
      const keySpan = this.#span(key)
      const data = value ? this.convert(value) : ({ kind: 'scalar', text: undefined, span: keySpan } as const)
      if (isScalar(value) && data?.kind === 'scalar' && identities.includes(name.text ?? ''))
        this.#doubtPlain(value, data.text, /^./)
      if (data) own.push({ key: name.text ?? 'null', keySpan, value: data })
    }
    const unique = uniqueEntries(own, this.#report)
    const names = new Set(unique.map((entry) => entry.key))
    return { kind: 'map', entries: [...merged.filter(({ key }) => !names.has(key)), ...unique], span: this.#span(node) }
  }

  /** `<<: *a` and `<<: [*a, *b]`; of several maps the first wins. */
  #merge(value: ParsedNode): readonly DataEntry[] {
    const data = this.convert(value)
    const maps = data?.kind === 'list' ? data.items : data ? [data] : []
    const entries = new Map<string, DataEntry>()
    for (const map of maps) {
      if (map.kind !== 'map') {
        this.#fail('malformed-yaml', '"<<" merges maps only.', value, 'Let "<<" stand before an alias of a map.')
        continue
      }
      for (const entry of map.entries) if (!entries.has(entry.key)) entries.set(entry.key, entry)
    }
    return [...entries.values()]
  }

  #scalar(node: Scalar.Parsed): Data | undefined {
    const span = this.#span(node)
    const isPlain = node.type === 'PLAIN'
    const resolved = node.tag
      ? resolveTagged(node.tag, node.source)
      : isPlain
        ? resolvePlain(node.source)
        : { text: node.source }
    if (resolved === undefined) {
      const message = `The tag ${node.tag} is not known or does not fit ${JSON.stringify(node.source.slice(0, 60))}.`
      this.#fail('malformed-yaml', message, node, 'Remove the tag, or quote the text.')
      return undefined
    }
    this.#doubtPlain(node, resolved.text)
    return { kind: 'scalar', ...resolved, span, ...this.#placeOfValue(node, resolved.text) }
  }

  /** A number or boolean that was probably meant as the text that stands there. */
  #doubtPlain(node: Scalar.Parsed, text: string | undefined, surprising = oddNumber): void {
    if (node.type !== 'PLAIN' || node.tag !== undefined || text === undefined || text === node.source) return
    if (surprising.test(node.source)) {
      const message = `YAML reads ${node.source} as ${text}.`
      this.#report(doubt('surprising-scalar', message, this.#span(node), `Write "${node.source}" in quotes.`))
    }
  }

  /** Where the value begins, when its lines are lines of the file. */
  #placeOfValue(node: Scalar.Parsed, text: string | undefined): { valueSpan?: Span; valueIndent?: number } {
    if (text === undefined || text === '') return {}
    const [start, end] = node.range
    if (node.type === 'BLOCK_LITERAL') return this.#placeOfBlock(text, start, end)
    const raw = this.#source.slice(start, end)
    if (raw.includes('\n') || text.includes('\n') || node.type === 'BLOCK_FOLDED') return {}
    const quote = node.type === 'PLAIN' ? 0 : 1
    return { valueSpan: this.#positions.span(start + quote, end - quote) }
  }

  #placeOfBlock(text: string, start: number, end: number): { valueSpan?: Span; valueIndent?: number } {
    const first = this.#source.indexOf('\n', start) + 1
    const lines = text.split('\n')
    const index = lines.findIndex((line) => line.trim() !== '')
    if (first === 0 || index < 0) return {}
    const rawLine = this.#source.slice(first, end).split('\n')[index]?.replace(/\r$/, '')
    if (rawLine === undefined || !rawLine.endsWith(lines[index]!)) return {}
    const indent = rawLine.length - lines[index]!.length
    const firstLine = this.#source.slice(first, end).split('\n', 1)[0]!
    return { valueSpan: this.#positions.span(first + Math.min(indent, firstLine.length), end), valueIndent: indent }
  }

  #span(node: ParsedNode): Span {
    return this.#positions.span(node.range[0], node.range[1])
  }

  #fail(code: string, message: string, node: ParsedNode, fix: string): void {
    this.#report(problem(code, message, this.#span(node), fix))
  }
}
