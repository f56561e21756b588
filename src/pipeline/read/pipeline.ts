// From YAML text to a validated pipeline document, with every finding at its line and column.
import { type Diagnostic, hasErrors } from '#contract/diagnostic'
import { type Document, isAlias, isNode, type Node, parseDocument, visit } from 'yaml'
import type { Batch, PipelineDocument, StageDocument } from '../document.ts'
import { buildGraph, type Graph } from '../graph.ts'
import { checkReferences } from './check.ts'
import { isTooDeep } from './depth.ts'
import { unwrap } from './element.ts'
import { readNotificationRules } from '../notification/read.ts'
import {
  type Fields,
  missing,
  readDuration,
  readFields,
  readItems,
  readText,
  readTextMap,
  readTexts,
  words,
} from './field.ts'
import { readIdentifier, readName, readVariables, type Taken } from './identity.ts'
import { type GivenInputs, type PipelineInput, readInputs, supplyInputs, type TypedInputs } from './input.ts'
import { Report } from './report.ts'
import { LONGEST_RUN, readStage } from './stage.ts'

export interface PipelineReading {
  /** Present when there is no finding of severity error. */
  readonly pipeline: { readonly document: PipelineDocument; readonly graph: Graph } | undefined
  readonly diagnostics: readonly Diagnostic[]
  /** What has to be given before it can run. */
  readonly inputs: readonly PipelineInput[]
}

/** The values of a start. `sets`: YAML texts of input sets, the later ones win; `typed` wins over all. */
export interface StartInputs {
  readonly sets: readonly { readonly file: string; readonly source: string }[]
  readonly typed: TypedInputs
  /** An input set is looked at alone: what it does not give may come from elsewhere. */
  readonly partial?: true
}

/** The limit of the compatible product is 3 MB; ours is that of the API. */
const MOST_CHARACTERS = 1_048_576
const MOST_NODES = 5000

/**
 * `file` names the document in the spans of findings. Without `start` inputs may be open, as at save; with it all of them must have
 * values. Never throws on any text.
 */
export function readPipeline(source: string, file = 'pipeline.yaml', start?: StartInputs): PipelineReading {
  const report = new Report(file, source)
  const given = (start?.sets ?? []).map((set) => readInputSet(set.source, set.file))
  const inputs: PipelineInput[] = []
  const document = readable(report, source) ? readSource(report, source, inputs, start && { given, start }) : undefined
  const reports = [report, ...given.map((set) => set.report)]
  const wrong = (): boolean => reports.some(({ diagnostics }) => hasErrors(diagnostics))
  const graph = document && !wrong() ? buildGraph(document) : undefined
  if (graph && document) {
    if (graph.order.length > MOST_NODES)
      report.error(0, 'too-large', `The pipeline has more than ${MOST_NODES} stages, groups and steps.`)
    checkReferences(graph, report)
  }
  const fine = document && graph && !wrong()
  const diagnostics = reports.flatMap((one) => one.diagnostics)
  return { pipeline: fine ? { document, graph } : undefined, diagnostics, inputs }
}

/** An input set, or a part of a pipeline as `pipeline:`. What is wrong with it stands in its report. */
export function readInputSet(source: string, file: string): GivenInputs {
  const report = new Report(file, source)
  const root = readable(report, source) ? parse(report, source)?.contents : undefined
  if (!root) return { report, root: null }
  const top = readFields(report, root, { what: 'the document', known: ['inputSet', 'pipeline'] })
  const set = top?.values.get('inputSet')
  if (!set) return { report, root: top?.values.get('pipeline') ?? null }
  const inner = readFields(report, set, {
    what: 'the input set',
    known: words('name identifier orgIdentifier projectIdentifier description tags pipeline'),
  })
  return { report, root: inner?.values.get('pipeline') ?? null }
}

function readable(report: Report, source: string): boolean {
  const large = source.length > MOST_CHARACTERS
  if (large) report.error(0, 'too-large', 'The document is larger than 1 MiB.', 'Split it into several pipelines.')
  const deep = !large && isTooDeep(source)
  if (deep) report.error(0, 'yaml', 'The document is nested too deeply.')
  return !large && !deep
}

interface Supply {
  readonly given: readonly GivenInputs[]
  readonly start: StartInputs
}

function parse(report: Report, source: string): Document.Parsed | undefined {
  // The library compares every key with every other; `readFields` finds doubled names in one pass.
  const parsed = parseDocument(source, { lineCounter: report.lines, prettyErrors: false, uniqueKeys: false })
  for (const problem of [...parsed.errors, ...parsed.warnings])
    report.error(problem.pos[0], 'yaml', problem.message, 'Correct the YAML; look at indentation and quotes first.')
  if (parsed.errors.length > 0 || parsed.warnings.length > 0) return undefined
  if (parsed.contents) refuseAnchors(report, parsed.contents)
  else report.error(0, 'missing-field', 'The document is empty.', 'Begin with `pipeline:`.')
  return parsed.contents ? parsed : undefined
}

function readSource(
  report: Report,
  source: string,
  inputs: PipelineInput[],
  supply: Supply | undefined,
): PipelineDocument | undefined {
  const parsed = parse(report, source)
  if (!parsed?.contents) return undefined
  const top = readFields(report, parsed.contents, { what: 'the document', known: ['pipeline'] })
  if (!top) return undefined
  if (!top.values.has('pipeline')) missing(report, top, 'pipeline')
  const pipeline = top.values.get('pipeline') ?? null
  inputs.push(...readInputs(report, pipeline))
  if (supply) supplyInputs(report, parsed, pipeline, { ...supply.start, sets: supply.given })
  return readTop(report, pipeline ?? undefined)
}

/** A run must be readable as it is written. */
function refuseAnchors(report: Report, root: Node): void {
  visit(root, (_key, node) => {
    if (isNode(node) && (isAlias(node) || node.anchor))
      report.error(node, 'yaml', 'Anchors and aliases are not read.', 'Write the value out at each place.')
  })
}

function readTop(report: Report, node: Node | undefined): PipelineDocument | undefined {
  const pipeline = readFields(report, node, {
    what: 'the pipeline',
    known: words(
      'identifier name orgIdentifier projectIdentifier description tags stages variables delegateSelectors timeout flowControl notificationRules',
    ),
    unused: ['allowStageExecutions', 'fixedInputsOnRerun'],
    refused: {
      properties: 'Leave it out: there is no codebase to build.',
      template: 'Templates are not offered yet; write the pipeline out.',
    },
  })
  if (!pipeline) return undefined
  const org = readIdentifier(report, pipeline, 'orgIdentifier', true)
  const project = readIdentifier(report, pipeline, 'projectIdentifier', true)
  const timeoutSeconds = readDuration(report, pipeline, 'timeout', LONGEST_RUN)
  // Before the stages, whose steps name them.
  const barriers = readBarriers(report, pipeline)
  const notificationRules = readNotificationRules(report, pipeline)
  return {
    identifier: readIdentifier(report, pipeline),
    name: readName(report, pipeline),
    ...(org ? { orgIdentifier: org } : {}),
    ...(project ? { projectIdentifier: project } : {}),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
    description: readText(report, pipeline, 'description', { most: 1024 }) ?? '',
    tags: readTextMap(report, pipeline, 'tags'),
    variables: readVariables(report, pipeline, ''),
    delegateSelectors: readTexts(report, pipeline, 'delegateSelectors'),
    barriers,
    ...(notificationRules.length > 0 ? { notificationRules } : {}),
    ...(report.lateInputs.length > 0 ? { lateInputs: report.lateInputs } : {}),
    stages: readStages(report, pipeline),
  }
}

function readBarriers(report: Report, pipeline: Fields): readonly string[] {
  const control = readFields(report, pipeline.values.get('flowControl'), { what: '`flowControl`', known: ['barriers'] })
  if (!control) return []
  for (const item of readItems(report, control, 'barriers')) {
    const barrier = readFields(report, item, { what: 'a barrier', known: ['identifier', 'name'] })
    if (barrier) report.barriers.add(readIdentifier(report, barrier))
  }
  return [...report.barriers]
}

function readStages(report: Report, pipeline: Fields): readonly Batch<StageDocument>[] {
  const batches: Batch<StageDocument>[] = []
  const taken: Taken = new Map()
  const refused = { insert: 'Write the stages out.' }
  if (!pipeline.values.has('stages')) missing(report, pipeline, 'stages')
  for (const item of readItems(report, pipeline, 'stages')) {
    const entry = unwrap(report, item, ['stage', 'parallel'], refused)
    if (!entry) continue
    const batch: StageDocument[] = []
    const add = (value: Node): void => {
      const stage = readStage(report, value, taken)
      if (stage) batch.push(stage)
    }
    if (entry.name === 'stage') add(entry.value)
    else {
      const holder: Fields = { ...pipeline, what: 'parallel', values: new Map([['parallel', entry.value]]) }
      for (const inner of readItems(report, holder, 'parallel')) {
        const part = unwrap(report, inner, ['stage'], { ...refused, parallel: 'Do not nest parallel.' })
        if (part) add(part.value)
      }
    }
    if (batch.length > 0) batches.push(batch)
  }
  const list = pipeline.values.get('stages')
  if (list && batches.length === 0) report.error(list, 'missing-field', 'The pipeline has no stage to run.')
  return batches
}
