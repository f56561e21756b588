// Reads JSON changelogs: places from a JSON parser, scalars as YAML 1.1 sees them, because the original engine reads JSON as YAML.
import { getNodeValue, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser'
import { changelogOf, type Data, uniqueEntries } from './data.ts'
import { doubt, gatherFindings, problem, type Report } from './finding.ts'
import { changelogLimits } from './limit.ts'
import type { ChangelogNode } from './node.ts'
import { type Positions, positionsOf } from './position.ts'
import { readYamlData } from './yaml.ts'
import { resolvePlain } from './yaml-scalar.ts'

/** The tree below `databaseChangeLog`; undefined when the file cannot be used, which is then reported. */
export function readJson(file: string, text: string, report: Report): ChangelogNode | undefined {
  const positions = positionsOf(file, text)
  if (text.trim() === '') {
    const fix = 'Begin the file with {"databaseChangeLog": [.'
    report(problem('empty-file', 'The file is empty.', positions.span(0), fix))
    return undefined
  }
  const data = readData(text, positions, report)
  return data && changelogOf(data, report)
}

function readData(text: string, positions: Positions, report: Report): Data | undefined {
  const errors: ParseError[] = []
  try {
    const root = parseTree(text, errors, { allowTrailingComma: true, disallowComments: true })
    if (root && errors.length === 0) return convert(root, 0, { text, positions, report })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    report(
      problem(
        'too-deep',
        `Objects are nested more than ${changelogLimits.depth} deep.`,
        positions.span(0),
        'Nest less.',
      ),
    )
    return undefined
  }
  return readAsYaml(text, positions, errors, report)
}

/** What is no JSON may still be YAML, which Liquibase takes from a .json file without a word. */
function readAsYaml(
  text: string,
  positions: Positions,
  errors: readonly ParseError[],
  report: Report,
): Data | undefined {
  const place = ({ offset, length }: ParseError) => positions.span(offset, offset + Math.max(1, length))
  const gathered = gatherFindings()
  const data = readYamlData(text, positions, gathered.report)
  const [first] = errors
  if (data !== undefined && first !== undefined) {
    for (const finding of gathered.findings()) report(finding)
    const message = `The file is not JSON (${describe(first)}); it is read as YAML.`
    report(doubt('not-json', message, place(first), 'Correct the JSON, or name the file .yaml.'))
    return data
  }
  for (const error of errors) {
    report(
      problem('malformed-json', `Malformed JSON: ${describe(error)}.`, place(error), 'Correct the JSON at this place.'),
    )
  }
  return undefined
}

/** `CommaExpected` becomes `comma expected`. */
function describe(error: ParseError): string {
  return printParseErrorCode(error.error)
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
}

interface Source {
  readonly text: string
  readonly positions: Positions
  readonly report: Report
}

function convert(node: Node, depth: number, source: Source): Data | undefined {
  const { positions, report } = source
  const span = positions.span(node.offset, node.offset + node.length)
  if (depth > changelogLimits.depth) {
    report(problem('too-deep', `Objects are nested more than ${changelogLimits.depth} deep.`, span, 'Nest less.'))
    return undefined
  }
  const children = node.children ?? []
  if (node.type === 'object') {
    const entries = children.flatMap((property) => {
      const [key, value] = property.children ?? []
      const data = value && convert(value, depth + 1, source)
      if (!key || !data) return []
      return [
        { key: String(getNodeValue(key)), keySpan: positions.span(key.offset, key.offset + key.length), value: data },
      ]
    })
    return { kind: 'map', entries: uniqueEntries(entries, report), span }
  }
  if (node.type === 'array') {
    const items = children.map((child) => convert(child, depth + 1, source)).filter((item) => item !== undefined)
    return { kind: 'list', items, span }
  }
  if (node.type !== 'string') {
    return { kind: 'scalar', ...resolvePlain(source.text.slice(node.offset, node.offset + node.length)), span }
  }
  const text = String(node.value)
  const oneLine = text !== '' && !text.includes('\n')
  const valueSpan = oneLine ? positions.span(node.offset + 1, node.offset + node.length - 1) : undefined
  return { kind: 'scalar', text, span, valueSpan }
}
