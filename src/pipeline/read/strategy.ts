// Reads what shall happen when something fails (`failureStrategies`) and when something runs at all (`when`).
import type { Node } from 'yaml'
import {
  type FailureAction,
  type FailureClass,
  type FailureStrategy,
  failureClasses,
  type Intervention,
  isChangingType,
  type SimpleAction,
  simpleActions,
  type When,
  type Work,
} from '../document.ts'
import {
  type Fields,
  missing,
  readChoice,
  readCount,
  readDuration,
  readFields,
  readItems,
  readText,
  scalarText,
  wrongType,
} from './field.ts'
import type { Report } from './report.ts'
import { parseCondition } from '../expression/template.ts'
import { nearest } from '#contract/spelling'

/** A week: longer than anybody should leave a half-done release waiting. */
const LONGEST_INTERVENTION = 604_800
/** Documented in the compatible product, not offered here: action → what to write instead. */
const refusedActions: Readonly<Record<string, string>> = {
  RetryStepGroup: 'Use Retry at the steps of the group.',
}
const offeredActions = [...simpleActions, 'ManualIntervention', 'Retry', 'ProceedWithDefaultValues']
const MOST_RETRIES = 10

/** `work`: of a step whose own strategies they are; those of a group or stage are asked again when something fails. */
export function readFailureStrategies(report: Report, fields: Fields, work?: Work['type']): readonly FailureStrategy[] {
  const strategies: FailureStrategy[] = []
  const taken = new Set<FailureClass>()
  for (const item of readItems(report, fields, 'failureStrategies')) {
    const entry = readFields(report, item, { what: `a failure strategy of ${fields.what}`, known: ['onFailure'] })
    if (!entry) continue
    if (!entry.values.has('onFailure')) missing(report, entry, 'onFailure')
    const onFailure = readFields(report, entry.values.get('onFailure'), {
      what: `onFailure of ${fields.what}`,
      known: ['errors', 'action'],
    })
    if (!onFailure) continue
    const errors = readErrors(report, onFailure, taken)
    const action = readAction(report, onFailure)
    if (errors.length === 0 || !action) continue
    const at = onFailure.values.get('action') ?? onFailure.node
    const problem = work === undefined ? undefined : unsafeFor(work, errors, action)
    if (problem) report.error(at, 'unsafe-action', problem.message, problem.fix)
    strategies.push({ errors, action })
  }
  return strategies
}

/** Errors after which a change is certain not to have been half done. */
const beforeTheChange: ReadonlySet<FailureClass> = new Set([
  'Authentication',
  'Authorization',
  'Connectivity',
  'DelegateProvisioning',
  'DelegateRestart',
])

/** Why a strategy must not stand at a step of this type. */
function unsafeFor(
  type: Work['type'],
  errors: readonly FailureClass[],
  action: FailureAction,
): { readonly message: string; readonly fix: string } | undefined {
  const actions = [action.type, ...(action.type === 'Retry' ? [action.afterwards.type] : [])]
  if (type === 'HarnessApproval' && (actions.includes('MarkAsSuccess') || actions.includes('Retry')))
    return { message: 'An approval that was not given cannot count as given.', fix: 'Use MarkAsFailure or Abort.' }
  if (!isChangingType(type)) return undefined
  if (actions.includes('MarkAsSuccess'))
    return {
      message: 'A database change that failed cannot count as done: what comes after would build on it.',
      fix: 'Use Ignore, which shows it as failed and ignored, or ManualIntervention.',
    }
  const careless = errors.filter((name) => !beforeTheChange.has(name))
  if (action.type === 'Retry' && careless.length > 0)
    return {
      message: `A database change is not tried again by itself after ${careless.join(', ')}: a change set may be half done.`,
      fix: `Retry is offered for ${[...beforeTheChange].join(', ')}; use ManualIntervention for the others.`,
    }
  return undefined
}

function readErrors(report: Report, onFailure: Fields, taken: Set<FailureClass>): readonly FailureClass[] {
  const errors: FailureClass[] = []
  const items = readItems(report, onFailure, 'errors')
  if (!onFailure.values.has('errors')) missing(report, onFailure, 'errors')
  else if (items.length === 0)
    report.error(onFailure.values.get('errors') ?? onFailure.node, 'missing-field', 'Name at least one error class.')
  for (const item of items) {
    const text = scalarText(item)
    const found = failureClasses.find((name) => name === text)
    if (found === undefined) {
      const near = nearest(text ?? '', failureClasses)
      const fix = near ? `Did you mean \`${near}\`?` : `Known are ${failureClasses.join(', ')}.`
      report.error(item, 'wrong-value', `\`${(text ?? '').slice(0, 128)}\` is not an error class.`, fix)
      continue
    }
    if (taken.has(found))
      report.error(item, 'duplicate-error-class', `${found} already has a failure strategy of ${onFailure.what}.`)
    taken.add(found)
    errors.push(found)
  }
  if (errors.includes('AllErrors') && errors.length > 1)
    report.error(onFailure.node, 'wrong-value', 'AllErrors stands alone: it holds the other classes already.')
  return errors
}

function readAction(report: Report, onFailure: Fields): FailureAction | undefined {
  if (!onFailure.values.has('action')) missing(report, onFailure, 'action')
  const action = readFields(report, onFailure.values.get('action'), {
    what: `the action of ${onFailure.what}`,
    known: ['type', 'spec'],
  })
  const type = action && readText(report, action, 'type', { required: true })
  if (!action || type === undefined) return undefined
  if (type === 'Retry') return readRetry(report, action)
  if (type === 'ProceedWithDefaultValues') return { type: 'MarkAsFailure', withDefaults: true }
  return readOutcome(report, action, type, 'an action')
}

/** An action that needs no other after it, or a person. */
function readOutcome(report: Report, action: Fields, type: string, what: string) {
  const simple = simpleActions.find((name) => name === type)
  if (simple) return { type: simple } as const
  if (type === 'ManualIntervention') return readIntervention(report, action)
  refuseAction(report, action.values.get('type') ?? action.node, type, what)
  return undefined
}

function refuseAction(report: Report, at: Node, type: string, what: string): void {
  const instead = Object.hasOwn(refusedActions, type) ? refusedActions[type] : undefined
  if (instead !== undefined) return report.error(at, 'not-offered', `The action ${type} is not offered yet.`, instead)
  const near = nearest(type, offeredActions)
  const fix = near && near !== type ? `Did you mean \`${near}\`?` : `Offered are ${offeredActions.join(', ')}.`
  report.error(at, 'wrong-value', `\`${type.slice(0, 128)}\` is not ${what}.`, fix)
}

function readRetry(report: Report, action: Fields): FailureAction | undefined {
  if (!action.values.has('spec')) missing(report, action, 'spec')
  const spec = readFields(report, action.values.get('spec'), {
    what: 'the spec of Retry',
    known: ['retryCount', 'retryIntervals', 'onRetryFailure'],
    refused: { condition: 'Leave it out: write the error classes that a retry helps against.' },
  })
  if (!spec) return undefined
  for (const name of ['retryCount', 'retryIntervals', 'onRetryFailure'])
    if (!spec.values.has(name)) missing(report, spec, name)
  const count = readCount(report, spec, 'retryCount', MOST_RETRIES)
  const intervals = readItems(report, spec, 'retryIntervals').map((item) => {
    const holder: Fields = { node: spec.node, what: 'retryIntervals', values: new Map([['interval', item]]) }
    return readDuration(report, holder, 'interval', 86_400)
  })
  const after = readFields(report, spec.values.get('onRetryFailure'), { what: 'onRetryFailure', known: ['action'] })
  const inner = after && readFields(report, after.values.get('action'), { what: 'its action', known: ['type', 'spec'] })
  if (after && !inner) missing(report, after, 'action')
  const type = inner && readText(report, inner, 'type', { required: true })
  const afterwards = inner && type !== undefined ? readOutcome(report, inner, type, 'an action after Retry') : undefined
  const seconds = intervals.filter((interval) => interval !== undefined)
  return count === undefined || !afterwards || seconds.length === 0
    ? undefined
    : { type: 'Retry', count, intervals: seconds, afterwards }
}

function readIntervention(report: Report, action: Fields): Intervention | undefined {
  if (!action.values.has('spec')) missing(report, action, 'spec')
  const spec = readFields(report, action.values.get('spec'), {
    what: 'the spec of ManualIntervention',
    known: ['timeout', 'onTimeout'],
  })
  if (!spec) return undefined
  if (!spec.values.has('timeout')) missing(report, spec, 'timeout')
  if (!spec.values.has('onTimeout')) missing(report, spec, 'onTimeout')
  const timeoutSeconds = readDuration(report, spec, 'timeout', LONGEST_INTERVENTION)
  const onTimeout = readFields(report, spec.values.get('onTimeout'), { what: 'onTimeout', known: ['action'] })
  const inner =
    onTimeout && readFields(report, onTimeout.values.get('action'), { what: 'its action', known: ['type', 'spec'] })
  if (onTimeout && !inner) missing(report, onTimeout, 'action')
  const type = inner && readText(report, inner, 'type', { required: true })
  const simple: SimpleAction | undefined = simpleActions.find((name) => name === type)
  if (inner && type !== undefined && !simple)
    report.error(
      inner.values.get('type') ?? inner.node,
      'not-offered',
      `\`${type.slice(0, 128)}\` cannot follow when nobody intervened in time.`,
      `Use one of ${simpleActions.join(', ')}.`,
    )
  return timeoutSeconds === undefined || !simple
    ? undefined
    : { type: 'ManualIntervention', timeoutSeconds, onTimeout: simple }
}

/** `scope` names the status that the reader's level may ask for: a stage looks at the pipeline, all else at its stage. */
export function readWhen(
  report: Report,
  fields: Fields,
  scope: 'pipelineStatus' | 'stageStatus',
  owner: string,
): When | undefined {
  const node = fields.values.get('when')
  const when = readFields(report, node, { what: `\`when\` of ${fields.what}`, known: [scope, 'condition'] })
  if (!when) return undefined
  if (!when.values.has(scope)) missing(report, when, scope)
  const on = readChoice(report, when, scope, ['Success', 'Failure', 'All']) ?? 'Success'
  const condition = readText(report, when, 'condition')?.trim()
  const at = when.values.get('condition')
  if (!condition || !at || condition === 'true') return { on }
  const parsed = parseCondition(condition)
  if ('problem' in parsed) {
    const form = 'Compare expressions: `<+pipeline.variables.env> == "prod"`, joined by && and ||.'
    if (condition.startsWith('<+input>')) wrongType(report, at, 'a condition', 'fixed')
    else {
      const place = report.offsetOf(at, parsed.part, parsed.at)
      report.error(place, 'bad-condition', `The condition cannot be understood: ${parsed.problem}.`, form)
    }
    return { on }
  }
  report.texts.push({ text: condition, at, owner, kind: 'condition' })
  return { on, condition }
}
