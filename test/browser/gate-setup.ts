// Two small pipelines for what the demo does not do: an approval that is rejected, and a step that fails and asks a person.
import { ensureEntities } from '../../src/cli/setup/entity.ts'
import { signIn } from '../../src/cli/setup/session.ts'
import { scope } from '../../src/cli/demo/setup.ts'
import { admin } from '../../src/cli/demo/people.ts'

const head = (identifier: string, name: string): string => `pipeline:
  identifier: ${identifier}
  name: ${name}
  orgIdentifier: ${scope.org}
  projectIdentifier: ${scope.project}
  stages:
`

const stage = (identifier: string, name: string, steps: string, more = ''): string => `    - stage:
        identifier: ${identifier}
        name: ${name}
        type: Custom
        spec:
          execution:
            steps:
${steps}${more}`

const apply = `              - stepGroup:
                  identifier: deploy
                  name: Deploy
                  steps:
                    - step:
                        identifier: apply
                        name: Apply to nowhere
                        type: DBSchemaApply
                        timeout: 10m
                        spec:
                          dbSchema: unreachable
                          dbInstance: nowhere
`

const approval = `              - step:
                  identifier: gate
                  name: Ask
                  type: HarnessApproval
                  timeout: 1d
                  spec:
                    approvalMessage: May it go on?
                    approvers:
                      userGroups: []
                      minimumCount: 1
                      disallowPipelineExecutor: true
`

const manual = `        failureStrategies:
          - onFailure:
              errors: [AllErrors]
              action:
                type: ManualIntervention
                spec:
                  timeout: 1h
                  onTimeout:
                    action:
                      type: Abort
`

/** Creates pipelines `gate` and `nowhere`, and an instance behind an address where nobody listens. */
export async function setUpGates(baseUrl: string): Promise<void> {
  const client = await signIn(baseUrl, admin.email, admin.password)
  await ensureEntities(client, {
    scope,
    projectName: 'Shop',
    secrets: {},
    repository: { identifier: 'shop_repository', url: 'unused', username: undefined, passwordRef: undefined },
    schema: { identifier: 'unreachable', name: 'Unreachable', location: 'changelog.yaml', branch: 'main' },
    instances: [
      {
        identifier: 'nowhere',
        name: 'Nowhere',
        // The discard service: nothing listens there.
        url: 'jdbc:postgresql://127.0.0.1:9/nowhere',
        username: 'shop',
        passwordRef: 'shop_db_password',
        context: '',
        tags: {},
      },
    ],
    pipeline: {
      identifier: 'nowhere',
      name: 'Nowhere',
      yaml: head('nowhere', 'Nowhere') + stage('only', 'Only', apply, manual),
    },
  })
  await client.createPipeline({
    params: scope,
    body: {
      identifier: 'gate',
      name: 'Gate',
      pipeline_yaml: head('gate', 'Gate') + stage('ask', 'Ask first', approval) + stage('after', 'After', apply),
    },
  })
}
