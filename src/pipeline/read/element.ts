// Reads lists of steps: step, step group, and parallel batches of them.
import { isMap, type Node } from 'yaml'
import { readInfrastructure } from '#contract/delegate/infrastructure'
import type { Batch, ElementDocument, GroupDocument, StageType, StepDocument, Work } from '../document.ts'
import { nearest } from '#contract/spelling'
import {
  type Fields,
  missing,
  readDuration,
  readFields,
  readItems,
  readText,
  readTexts,
  words,
  wrongType,
} from './field.ts'
import { claimIdentifier, readIdentifier, readName, readVariables, type Taken } from './identity.ts'
import { readStrategy } from './loop.ts'
import type { Report } from './report.ts'
import { readFailureStrategies, readWhen } from './strategy.ts'
import { isAllowedIn, isKnownType, readWork, workTypes } from './work.ts'

/** What the reader of an element must know about its place. */
export interface Place {
  readonly report: Report
  /** Path of the parent, `dev` or `dev.deploy`. */
  readonly parent: string
  readonly stage: StageType
  readonly taken: Taken
  /** Groups do not nest without bound. */
  readonly depth: number
}
const DEEPEST = 5
const WEEK = 604_800
/** An approval may wait for a year and a week, as the compatible product has it. */
const LONGEST_APPROVAL = 53 * WEEK
const DEFAULT_STEP = 600
const DEFAULT_APPROVAL = 86_400

/** The wrapper of an entry of `steps` or `stages`: exactly one of the names, and its value. */
export function unwrap(
  report: Report,
  item: Node,
  names: readonly string[],
  refused: Readonly<Record<string, string>>,
): { readonly name: string; readonly value: Node } | undefined {
  if (!isMap(item)) {
    wrongType(report, item, 'an entry of the list', `a mapping with one of ${names.join(', ')}`)
    return undefined
  }
  const fields = readFields(report, item, { what: 'an entry of the list', known: names, refused })
  const [first, ...others] = fields ? [...fields.values] : []
  if (others.length > 0) report.error(item, 'wrong-type', `An entry has exactly one of ${names.join(', ')}.`)
  if (!first && fields && item.items.length === 0) report.error(item, 'missing-field', 'An entry of the list is empty.')
  return first ? { name: first[0], value: first[1] } : undefined
}

const refusedWrappers = {
  insert: 'Write the steps out.',
  template: 'Templates are not offered yet; write the steps out.',
}

export function readElements(place: Place, fields: Fields, name: string): readonly Batch<ElementDocument>[] {
  const { report } = place
  const batches: Batch<ElementDocument>[] = []
  for (const item of readItems(report, fields, name)) {
    const entry = unwrap(report, item, ['step', 'stepGroup', 'parallel'], refusedWrappers)
    if (!entry) continue
    if (entry.name !== 'parallel') {
      const element = readElement(place, entry.name, entry.value)
      if (element) batches.push([element])
      continue
    }
    const holder: Fields = { node: fields.node, what: 'parallel', values: new Map([['parallel', entry.value]]) }
    const batch: ElementDocument[] = []
    for (const inner of readItems(report, holder, 'parallel')) {
      const part = unwrap(report, inner, ['step', 'stepGroup'], {
        ...refusedWrappers,
        parallel: 'Do not nest parallel.',
      })
      const element = part && readElement(place, part.name, part.value)
      if (element) batch.push(element)
    }
    if (batch.length > 0) batches.push(batch)
  }
  return batches
}

function readElement(place: Place, name: string, value: Node): ElementDocument | undefined {
  return name === 'step' ? readStep(place, value) : readGroup(place, value)
}

/** `step apply`, or `a step` while it has no identifier. */
function label(node: Node, noun: string): string {
  const identifier = isMap(node) ? node.get('identifier') : undefined
  return typeof identifier === 'string' ? `${noun} ${identifier.slice(0, 128)}` : `a ${noun}`
}

function readStep(place: Place, node: Node): StepDocument | undefined {
  const { report } = place
  const step = readFields(report, node, {
    what: label(node, 'step'),
    known: words('identifier name description type timeout when failureStrategies strategy spec'),
    refused: {
      enforce: 'Policies are not offered yet.',
      template: 'Templates are not offered yet; write the step out.',
    },
  })
  if (!step) return undefined
  const identifier = readIdentifier(report, step)
  claimIdentifier(report, step, identifier, place.taken)
  const owner = `${place.parent}.${identifier}`
  report.places.set(owner, step.node)
  const type = readType(place, step)
  const common = {
    identifier,
    name: readName(report, step),
    failureStrategies: readFailureStrategies(report, step, type),
    ...optionalWhen(report, step, owner),
    ...optionalStrategy(report, step, owner),
  }
  const approval = type === 'HarnessApproval'
  const timeout = readDuration(report, step, 'timeout', approval || type === 'Wait' ? LONGEST_APPROVAL : WEEK)
  const spec = type && readWork(report, step, type, owner)
  if (!spec) return undefined
  const fallback = usualSeconds(spec.work)
  const patient = approval || type === 'Queue' || type === 'Barrier'
  return { kind: 'step', ...common, timeoutSeconds: timeout ?? (patient ? DEFAULT_APPROVAL : fallback), ...spec }
}

function usualSeconds(work: Work): number {
  if (work.type === 'Wait') return work.durationSeconds + DEFAULT_STEP
  return work.type === 'DBTestAndPreview' ? 2 * DEFAULT_STEP : DEFAULT_STEP
}

function optionalWhen(report: Report, fields: Fields, owner: string) {
  const when = readWhen(report, fields, 'stageStatus', owner)
  return when ? { when } : {}
}

export function optionalStrategy(report: Report, fields: Fields, owner: string) {
  const strategy = readStrategy(report, fields, owner)
  return strategy ? { strategy } : {}
}

function readType(place: Place, step: Fields): (typeof workTypes)[number] | undefined {
  const { report } = place
  const text = readText(report, step, 'type', { required: true })
  const at = step.values.get('type') ?? step.node
  const type = workTypes.find((name) => name === text)
  if (text === undefined) return undefined
  if (type === undefined) {
    const near = nearest(text, workTypes)
    const fix = near && !isKnownType(text) ? `Did you mean \`${near}\`?` : `Offered are ${workTypes.join(', ')}.`
    const known = isKnownType(text)
    const message = known ? `Steps of type ${text} are not offered yet.` : `\`${text.slice(0, 128)}\` is no step type.`
    report.error(at, known ? 'not-offered' : 'wrong-value', message, fix)
    return undefined
  }
  if (!isAllowedIn(type, place.stage))
    report.error(
      at,
      'wrong-place',
      `${type} is not allowed in a stage of type Approval.`,
      'Use a stage of type Custom.',
    )
  return type
}

function readGroup(place: Place, node: Node): GroupDocument | undefined {
  const { report } = place
  const group = readFields(report, node, {
    what: label(node, 'step group'),
    known: words(
      'identifier name description steps rollbackSteps delegateSelectors failureStrategies when variables strategy stepGroupInfra sharedPaths',
    ),
    unused: ['platform'],
    refused: {
      template: 'Templates are not offered yet; write the steps out.',
    },
  })
  if (!group) return undefined
  const identifier = readIdentifier(report, group)
  claimIdentifier(report, group, identifier, place.taken)
  const owner = `${place.parent}.${identifier}`
  report.places.set(owner, group.node)
  if (place.depth >= DEEPEST) {
    report.error(node, 'too-deep', `Step groups nest more than ${DEEPEST} deep.`)
    return undefined
  }
  if (!group.values.has('steps')) missing(report, group, 'steps')
  const inside: Place = { ...place, parent: owner, taken: new Map(), depth: place.depth + 1 }
  return {
    kind: 'group',
    identifier,
    name: readName(report, group),
    failureStrategies: readFailureStrategies(report, group),
    ...optionalWhen(report, group, owner),
    ...optionalStrategy(report, group, owner),
    variables: readVariables(report, group, owner),
    delegateSelectors: readTexts(report, group, 'delegateSelectors'),
    ...readPod(report, group),
    sharedPaths: readTexts(report, group, 'sharedPaths'),
    steps: readElements(inside, group, 'steps'),
    rollbackSteps: readElements(inside, group, 'rollbackSteps'),
  }
}

function readPod(report: Report, group: Fields): Pick<GroupDocument, 'pod'> {
  const at = group.values.get('stepGroupInfra')
  const { settings, diagnostics } = readInfrastructure(at?.toJSON())
  for (const { message, fix } of diagnostics) if (at) report.error(at, 'infrastructure-not-offered', message, fix)
  return settings ? { pod: settings } : {}
}
