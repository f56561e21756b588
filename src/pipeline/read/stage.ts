// Reads a stage: its execution section, and what surrounds it.
import { isMap, type Node } from 'yaml'
import { type StageDocument, type StageType, stageTypes } from '../document.ts'
import { nearest } from '#contract/spelling'
import { optionalStrategy, readElements } from './element.ts'
import { type Fields, missing, readDuration, readFields, readText, readTexts, words } from './field.ts'
import { claimIdentifier, readIdentifier, readName, readVariables, type Taken } from './identity.ts'
import type { Report } from './report.ts'
import { readFailureStrategies, readWhen } from './strategy.ts'

/** The compatible product limits a run of a pipeline to 35 days. */
export const LONGEST_RUN = 35 * 86_400
const otherTypes = new Set(words('CI Pipeline Dynamic Security IACM IDP FeatureFlag Template DRTest CompositeLoadTest'))
const application = 'Release applications elsewhere: Sluice runs the database steps of a stage.'

export function readStage(report: Report, node: Node, taken: Taken): StageDocument | undefined {
  const identifierText = isMap(node) ? node.get('identifier') : undefined
  const stage = readFields(report, node, {
    what: typeof identifierText === 'string' ? `stage ${identifierText.slice(0, 128)}` : 'a stage',
    known: words(
      'identifier name description tags type spec delegateSelectors failureStrategies variables when timeout strategy',
    ),
    refused: {
      template: 'Templates are not offered yet; write the stage out.',
      runMode: 'Leave it out.',
      skipInstances: 'Leave it out.',
    },
  })
  if (!stage) return undefined
  const identifier = readIdentifier(report, stage)
  claimIdentifier(report, stage, identifier, taken)
  report.places.set(identifier, stage.node)
  const type = readStageType(report, stage)
  const when = readWhen(report, stage, 'pipelineStatus', identifier)
  const timeoutSeconds = readDuration(report, stage, 'timeout', LONGEST_RUN)
  const common = {
    kind: 'stage' as const,
    identifier,
    name: readName(report, stage),
    failureStrategies: readFailureStrategies(report, stage),
    variables: readVariables(report, stage, identifier),
    delegateSelectors: readTexts(report, stage, 'delegateSelectors'),
    ...(when ? { when } : {}),
    ...optionalStrategy(report, stage, identifier),
    ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  }
  // A wrong type does not hide what is wrong inside.
  const sections = readSections(report, stage, identifier, type ?? 'Custom')
  if (!sections || !type) return undefined
  if (sections.hasRollback && common.failureStrategies.length === 0)
    report.info(
      stage.node,
      'default-strategy',
      `${stage.what} has rollbackSteps and no failureStrategies: StageRollback on AllErrors is taken.`,
    )
  return { ...common, type, steps: sections.steps, rollbackSteps: sections.rollbackSteps }
}

function readStageType(report: Report, stage: Fields): StageType | undefined {
  const text = readText(report, stage, 'type', { required: true })
  const type = stageTypes.find((name) => name === text)
  if (text !== undefined && type === undefined) {
    const near = nearest(text, stageTypes)
    const message = otherTypes.has(text)
      ? `Stages of type ${text} are not offered.`
      : `\`${text.slice(0, 128)}\` is no stage type.`
    const fix = near && !otherTypes.has(text) ? `Did you mean \`${near}\`?` : `Offered are ${stageTypes.join(', ')}.`
    report.error(stage.values.get('type') ?? stage.node, 'wrong-value', message, fix)
  }
  return type
}

function readSections(report: Report, stage: Fields, identifier: string, type: StageType) {
  if (!stage.values.has('spec')) missing(report, stage, 'spec')
  const spec = readFields(report, stage.values.get('spec'), {
    what: `the spec of ${stage.what}`,
    known: ['execution'],
    refused: {
      environment: application,
      service: application,
      services: application,
      environments: application,
      infrastructure: application,
      deploymentType: application,
    },
  })
  if (!spec) return undefined
  if (!spec.values.has('execution')) missing(report, spec, 'execution')
  const execution = readFields(report, spec.values.get('execution'), {
    what: `the execution of ${stage.what}`,
    known: ['steps', 'rollbackSteps'],
  })
  if (!execution) return undefined
  const taken: Taken = new Map()
  const place = { report, parent: identifier, stage: type, taken, depth: 0 }
  const steps = readElements(place, execution, 'steps')
  const rollbackSteps = readElements(place, execution, 'rollbackSteps')
  if (!execution.values.has('steps')) missing(report, execution, 'steps')
  else if (steps.length === 0) report.error(execution.node, 'missing-field', `${stage.what} has no step to run.`)
  const groupRollback = steps.flat().some((element) => element.kind === 'group' && element.rollbackSteps.length > 0)
  return { steps, rollbackSteps, hasRollback: groupRollback || rollbackSteps.length > 0 }
}
