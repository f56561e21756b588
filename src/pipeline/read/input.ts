// Puts the values of runtime inputs into a document before it is read, so that everything after sees a document without inputs.
import { isScalar, type Document, type Node, type Scalar, visit } from 'yaml'
import { scalarText } from './field.ts'
import { asksForInput, type InputDeclaration, parseInput, problemOfValue } from './input-declaration.ts'
import { type Path, valueAt, visitScalars } from './input-place.ts'
import { lateExpression } from '../late-input.ts'
import type { Report } from './report.ts'

/** An input that a pipeline asks for. */
export interface PipelineInput extends InputDeclaration {
  /** Field names from the pipeline on, joined by dots: `variables.env.value`, `stages.prod.spec.execution.steps.apply.spec.tag`. */
  readonly path: string
  readonly line: number
}

/** A source of values: an input set, or what was given at the start. */
export interface GivenInputs {
  readonly report: Report
  /** The part of a pipeline that it holds. */
  readonly root: Node | null
}

/** Values by path, as a person types them. */
export type TypedInputs = Readonly<Record<string, string>>

const shownPath = (path: Path): string => path.join('.')

/** The inputs that the document asks for; what is wrong with them is reported. */
export function readInputs(report: Report, pipeline: Node | null): readonly PipelineInput[] {
  const inputs: PipelineInput[] = []
  visitScalars(pipeline, [], (path, value) => {
    const text = scalarText(value)
    if (text === undefined || !asksForInput(text)) return
    const declaration = parseInput(text)
    if ('problem' in declaration)
      report.error(value, 'runtime-input', `The input is wrong: ${declaration.problem}.`, declaration.fix)
    else if (declaration.late && (lateName(path) === undefined || /^dbSchema$|^dbInstance$/.test(path.at(-1) ?? '')))
      report.error(
        value,
        'runtime-input',
        'executionInput() is asked for when a step or a stage begins; it stands in the spec of a step, where it names no schema or instance, or is the value of a variable of a stage.',
        'Leave .executionInput() out here: the value is asked for when the run starts.',
      )
    else inputs.push({ path: shownPath(path), line: report.lineOf(value), ...declaration })
  })
  return inputs
}

/** The path within the step or stage that asks for it, where one can. */
function lateName(path: Path): string | undefined {
  const [root, , field, , value] = path
  const isVariable = path.length === 5 && root === 'stages' && field === 'variables' && value === 'value'
  return isVariable ? shownPath(path.slice(2, 4)) : nameInStep(path)
}

/** The path within the step, when it is in the spec of one. */
function nameInStep(path: Path): string | undefined {
  const at = path.findLastIndex(
    (name, index) => name === 'spec' && /^(?:steps|rollbackSteps)$/.test(path[index - 2] ?? ''),
  )
  return at === -1 ? undefined : shownPath(path.slice(at))
}

interface Supplied {
  readonly sets: readonly GivenInputs[]
  readonly typed: TypedInputs
  readonly partial?: true
}

/** Replaces every input; later sources win over earlier ones, and what a person typed over all of them. */
export function supplyInputs(
  report: Report,
  document: Document,
  pipeline: Node | null,
  { sets: sources, typed, partial }: Supplied,
): void {
  const taken = new Set<string>()
  visitScalars(pipeline, [], (path, value, replace) => {
    const text = scalarText(value)
    if (text === undefined || !asksForInput(text)) return
    const declaration = parseInput(text)
    const name = shownPath(path)
    taken.add(name)
    if ('problem' in declaration) return
    const found = findValue(document, path, sources, typed)
    const given = found ?? (declaration.late ? undefined : plain(document, declaration.default))
    if (!given && declaration.late) {
      const { late: _, ...rules } = declaration
      const key = `i${report.lateInputs.length}`
      report.lateInputs.push({ key, name: lateName(path) ?? name, ...rules })
      return replace(placedAt(document, document.createNode(lateExpression(key)) as Node, value))
    }
    if (!given) {
      if (!partial)
        report.error(value, 'runtime-input', `The input ${name} was not given and has no default.`, 'Give its value.')
      return
    }
    const problem = problemOfNode(declaration, given)
    if (problem) report.error(value, 'runtime-input', `The input ${name} ${problem}.`)
    else replace(placedAt(document, given, value))
  })
  for (const source of sources) refuseOthers(source, pipeline, taken)
  for (const name of Object.keys(typed))
    if (!taken.has(name))
      report.error(0, 'runtime-input', `The pipeline has no input ${name.slice(0, 256)}.`, known(taken))
}

const known = (taken: ReadonlySet<string>): string =>
  taken.size === 0 ? 'It has none.' : `It has ${[...taken].slice(0, 20).join(', ')}.`

function findValue(
  document: Document,
  path: Path,
  sources: readonly GivenInputs[],
  typed: TypedInputs,
): Node | undefined {
  const name = shownPath(path)
  if (Object.hasOwn(typed, name)) return plain(document, typed[name])
  for (const { root } of sources.toReversed()) {
    const found = valueAt(root, path)
    const text = found && scalarText(found)
    if (found && text !== '' && !(text !== undefined && asksForInput(text))) return found
  }
  return undefined
}

/** A text as YAML reads it unquoted: `5` is a number, `true` a truth. */
function plain(document: Document, text: string | undefined): Node | undefined {
  if (text === undefined) return undefined
  const scalar = document.createNode(/^(?:true|false)$/.test(text) ? text === 'true' : text) as Scalar
  if (/^-?\d{1,15}$/.test(text)) scalar.value = Number(text)
  scalar.source = text
  return scalar
}

function problemOfNode(declaration: InputDeclaration, given: Node): string | undefined {
  const text = scalarText(given)
  if (text !== undefined) return problemOfValue(declaration, text)
  if (declaration.allowed ?? declaration.pattern) return 'must be a text'
  return undefined
}

/** A copy that stands where the input stood: findings about it point there. */
function placedAt(document: Document, given: Node, at: Node): Node {
  const copy = document.createNode(given.toJSON()) as Node
  if (isScalar(copy) && isScalar(given) && given.source !== undefined) copy.source = given.source
  const { range } = at
  if (range)
    visit(copy, (_key, node) => {
      if (typeof node === 'object' && node !== null && 'range' in node) (node as Node).range = range
    })
  copy.range = range ?? null
  return copy
}

/** Fields that say which part of the pipeline it is, and are no values. */
const structure = /(?:^|\.)(?:identifier|name|type|orgIdentifier|projectIdentifier|description)$/

/** A value for something that is no input would be lost without a word. */
function refuseOthers({ report, root }: GivenInputs, pipeline: Node | null, taken: ReadonlySet<string>): void {
  visitScalars(root, [], (path, value) => {
    const name = shownPath(path)
    const covered = path.some((_, index) => taken.has(shownPath(path.slice(0, index + 1))))
    if (covered || structure.test(name) || scalarText(value) === '') return
    const there = valueAt(pipeline, path)
    if (there && scalarText(there) === scalarText(value)) return
    report.error(value, 'runtime-input', `${name} is not an input of the pipeline.`, known(taken))
  })
}
