// From YAML text to a validated pipeline document, with every finding at its line and column.
import { type Diagnostic, hasErrors } from '#contract/diagnostic'
import { isAlias, isNode, isScalar, type Node, parseDocument, visit } from 'yaml'
import type { Batch, PipelineDocument, StageDocument } from '../document.ts'
import { buildGraph, type Graph } from '../graph.ts'
import { checkReferences } from './check.ts'
import { isTooDeep } from './depth.ts'
import { unwrap } from './element.ts'
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
import { Report } from './report.ts'
import { LONGEST_RUN, readStage } from './stage.ts'

export interface PipelineReading {
  /** Present when there is no finding of severity error. */
  readonly pipeline: { readonly document: PipelineDocument; readonly graph: Graph } | undefined
  readonly diagnostics: readonly Diagnostic[]
}

/** The limit of the compatible product is 3 MB; ours is that of the API. */
const MOST_CHARACTERS = 1_048_576
const MOST_NODES = 5000

/** `file` names the document in the spans of findings. Never throws on any text. */
export function readPipeline(source: string, file = 'pipeline.yaml'): PipelineReading {
  const report = new Report(file, source)
  const document = readable(report, source) ? readSource(report, source) : undefined
  const graph = document && !hasErrors(report.diagnostics) ? buildGraph(document) : undefined
  if (graph && document) {
    if (graph.order.length > MOST_NODES)
      report.error(0, 'too-large', `The pipeline has more than ${MOST_NODES} stages, groups and steps.`)
    checkReferences(graph, report)
  }
  const fine = document && graph && !hasErrors(report.diagnostics)
  return { pipeline: fine ? { document, graph } : undefined, diagnostics: report.diagnostics }
}

function readable(report: Report, source: string): boolean {
  const large = source.length > MOST_CHARACTERS
  if (large) report.error(0, 'too-large', 'The document is larger than 1 MiB.', 'Split it into several pipelines.')
  const deep = !large && isTooDeep(source)
  if (deep) report.error(0, 'yaml', 'The document is nested too deeply.')
  return !large && !deep
}

function readSource(report: Report, source: string): PipelineDocument | undefined {
  // The library compares every key with every other; `readFields` finds doubled names in one pass.
  const parsed = parseDocument(source, { lineCounter: report.lines, prettyErrors: false, uniqueKeys: false })
  for (const problem of [...parsed.errors, ...parsed.warnings])
    report.error(problem.pos[0], 'yaml', problem.message, 'Correct the YAML; look at indentation and quotes first.')
  if (parsed.errors.length > 0 || parsed.warnings.length > 0) return undefined
  const root = parsed.contents as Node | null
  if (!root) {
    report.error(0, 'missing-field', 'The document is empty.', 'Begin with `pipeline:`.')
    return undefined
  }
  refuseEverywhere(report, root)
  const top = readFields(report, root, { what: 'the document', known: ['pipeline'] })
  if (!top) return undefined
  if (!top.values.has('pipeline')) missing(report, top, 'pipeline')
  return readTop(report, top.values.get('pipeline'))
}

/** What is refused wherever it stands: anchors (a run must be readable as it is), and runtime inputs. */
function refuseEverywhere(report: Report, root: Node): void {
  visit(root, (_key, node) => {
    if (!isNode(node)) return
    if (isAlias(node) || node.anchor)
      report.error(node, 'yaml', 'Anchors and aliases are not read.', 'Write the value out at each place.')
    else if (isScalar(node) && typeof node.value === 'string' && node.value.includes('<+input>'))
      report.error(
        node,
        'runtime-input',
        'Runtime inputs are not offered yet.',
        'Write a fixed value or use a variable.',
      )
  })
}

function readTop(report: Report, node: Node | undefined): PipelineDocument | undefined {
  const pipeline = readFields(report, node, {
    what: 'the pipeline',
    known: words(
      'identifier name orgIdentifier projectIdentifier description tags stages variables delegateSelectors timeout',
    ),
    unused: ['allowStageExecutions', 'fixedInputsOnRerun'],
    refused: {
      flowControl: 'Barriers are not offered yet. Steps on one DB instance never run at the same time anyway.',
      notificationRules: 'Notifications are not offered yet.',
      properties: 'Leave it out: there is no codebase to build.',
      template: 'Templates are not offered yet; write the pipeline out.',
    },
  })
  if (!pipeline) return undefined
  const org = readIdentifier(report, pipeline, 'orgIdentifier', true)
  const project = readIdentifier(report, pipeline, 'projectIdentifier', true)
  const timeoutSeconds = readDuration(report, pipeline, 'timeout', LONGEST_RUN)
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
    stages: readStages(report, pipeline),
  }
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
