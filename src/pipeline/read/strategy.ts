// Reads what shall happen when something fails (`failureStrategies`) and when something runs at all (`when`).
import type { Node } from 'yaml'
import { parseCondition } from '../condition.ts'
import {
  type FailureAction,
  type FailureClass,
  type FailureStrategy,
  failureClasses,
  type SimpleAction,
  simpleActions,
  type When,
} from '../document.ts'
import {
  type Fields,
  missing,
  readChoice,
  readDuration,
  readFields,
  readItems,
  readText,
  scalarText,
  wrongType,
} from './field.ts'
import type { Report } from './report.ts'
import { suggest } from '../suggest.ts'

/** A week: longer than anybody should leave a half-done release waiting. */
const LONGEST_INTERVENTION = 604_800
/** Documented in the compatible product for applications, not offered here: action → what to write instead. */
const refusedActions: Readonly<Record<string, string>> = {
  Retry: 'Use ManualIntervention: repeating a database change needs a look at why it failed.',
  MarkAsSuccess: 'Use Ignore: the step is then shown as failed and ignored, which is what happened.',
  StepGroupRollback: 'Use StageRollback; step groups with rollbackSteps take part in it.',
  PipelineRollback: 'Use StageRollback in each stage.',
  ProceedWithDefaultValues: 'It belongs to runtime inputs, which are not offered yet.',
  RetryStepGroup: 'Use ManualIntervention.',
}

export function readFailureStrategies(report: Report, fields: Fields): readonly FailureStrategy[] {
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
    if (errors.length > 0 && action) strategies.push({ errors, action })
  }
  return strategies
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
      const near = suggest(text ?? '', failureClasses)
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
  const simple = simpleActions.find((name) => name === type)
  if (simple) return { type: simple }
  if (type === 'ManualIntervention') return readIntervention(report, action)
  refuseAction(report, action.values.get('type') ?? action.node, type)
  return undefined
}

function refuseAction(report: Report, at: Node, type: string): void {
  const offered = [...simpleActions, 'ManualIntervention']
  const instead = Object.hasOwn(refusedActions, type) ? refusedActions[type] : undefined
  if (instead !== undefined) report.error(at, 'not-offered', `The action ${type} is not offered yet.`, instead)
  else {
    const near = suggest(type, offered)
    const fix = near ? `Did you mean \`${near}\`?` : `Offered are ${offered.join(', ')}.`
    report.error(at, 'wrong-value', `\`${type.slice(0, 128)}\` is not an action.`, fix)
  }
}

function readIntervention(report: Report, action: Fields): FailureAction | undefined {
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
    else report.error(at, 'bad-condition', `The condition cannot be understood: ${parsed.problem}.`, form)
    return { on }
  }
  report.texts.push({ text: condition, at, owner, kind: 'condition' })
  return { on, condition }
}
