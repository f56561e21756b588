// The first pipeline of a new project: preview, approval, apply, and back to where it was when that fails.
import type { Setup } from './entity.ts'

export function firstPipeline(input: {
  readonly org: string
  readonly project: string
  readonly schema: string
  readonly instance: string
}): Setup['pipeline'] {
  const { org, project, schema, instance } = input
  const identifier = `release_${instance}`
  const name = `Release ${instance}`
  const target = `{ dbSchema: ${schema}, dbInstance: ${instance} }`
  const yaml = `pipeline:
  identifier: ${identifier}
  name: ${name}
  orgIdentifier: ${org}
  projectIdentifier: ${project}
  stages:
    - stage:
        identifier: release
        name: Release
        type: Custom
        spec:
          execution:
            steps:
              - step:
                  identifier: preview
                  name: Preview
                  type: DBSchemaUpdateSQL
                  timeout: 10m
                  spec: ${target}
              - step:
                  identifier: approve
                  name: Approve
                  type: HarnessApproval
                  timeout: 1d
                  spec:
                    approvalMessage: Please review the SQL for ${instance}.
                    includePipelineExecutionHistory: true
                    approvers:
                      userGroups: []
                      minimumCount: 1
                      disallowPipelineExecutor: false
              - step:
                  identifier: apply
                  name: Apply
                  type: DBSchemaApply
                  timeout: 1h
                  spec: ${target}
            rollbackSteps:
              - step:
                  identifier: undo
                  name: Undo
                  type: DBSchemaRollback
                  timeout: 1h
                  spec: { dbSchema: ${schema}, dbInstance: ${instance}, tag: <+execution.steps.apply.output.preStartTag> }
        failureStrategies:
          - onFailure:
              errors: [AllErrors]
              action: { type: StageRollback }
`
  return { identifier, name, yaml }
}
