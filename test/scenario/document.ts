// Parts of pipeline documents as data, for scenarios: what they say is JSON, which is YAML.

type Parts = readonly object[]

export const step = (identifier: string, type: string, spec: object, more: object = {}) => ({
  step: { identifier, name: identifier, type, ...more, spec },
})
/** One person, who may have started the run. */
export const approval = (identifier: string, more: object = {}) =>
  step(identifier, 'HarnessApproval', { approvers: { minimumCount: 1, disallowPipelineExecutor: false } }, more)
export const group = (identifier: string, steps: Parts, more: object = {}) => ({
  stepGroup: { identifier, name: identifier, ...more, steps },
})
export const stageWith = (identifier: string, execution: object, more: object = {}) => ({
  stage: { identifier, name: identifier, type: 'Custom', ...more, spec: { execution } },
})
export const stage = (identifier: string, ...steps: Parts) => stageWith(identifier, { steps })
export const pipeline = (identifier: string, stages: Parts, more: object = {}): string =>
  JSON.stringify({ pipeline: { identifier, name: identifier, ...more, stages } })

/** One entry of `failureStrategies`, for all errors unless told. */
export const strategy = (type: string, spec?: object, errors: readonly string[] = ['AllErrors']) => ({
  onFailure: { errors, action: { type, ...(spec ? { spec } : {}) } },
})
export const handles = (type: string, spec?: object, errors?: readonly string[]) => ({
  failureStrategies: [strategy(type, spec, errors)],
})
