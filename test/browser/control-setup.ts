// Pipelines for what people control in the browser: a run that asks for values, and an approval by two people that asks as well.
import { signIn } from '../../src/cli/setup/session.ts'
import { scope } from '../../src/cli/demo/setup.ts'
import { admin } from '../../src/cli/demo/people.ts'

/** `address`: of the product, which one step asks. */
const controlledPipeline = (address: string): string => `pipeline:
  identifier: controlled
  name: Controlled
  orgIdentifier: ${scope.org}
  projectIdentifier: ${scope.project}
  variables:
    - { name: env, type: String, value: "<+input>.allowedValues(dev,prod).default(dev)" }
    - { name: regions, type: String, value: "<+input>.selectManyFrom(eu,us)" }
    - { name: ticket, type: String, value: "<+input>.regex([A-Z]+-[0-9]+)" }
  notificationRules:
    - name: mail
      enabled: true
      pipelineEvents: [{ type: PipelineStart }]
      notificationMethod: { type: Email, spec: { recipients: [somebody@example.com] } }
  stages:
    - stage:
        identifier: first
        name: First
        type: Custom
        spec:
          execution:
            steps:
              - step:
                  identifier: call
                  name: Call
                  type: Http
                  spec:
                    method: GET
                    url: ${address}/v1/session/providers
                    outputVariables: [{ name: answered, value: <+httpResponseCode> }]
              - step:
                  identifier: preview
                  name: Preview
                  type: DBSchemaUpdateSQL
                  spec: { dbSchema: shop, dbInstance: shop_dev }
    - stage:
        identifier: ask
        name: Ask
        type: Custom
        when: { pipelineStatus: Success, condition: <+pipeline.variables.env> == "prod" }
        spec:
          execution:
            steps:
              - step:
                  identifier: gate
                  name: Two people
                  type: HarnessApproval
                  timeout: 1d
                  spec:
                    approvalMessage: Ticket <+pipeline.variables.ticket>
                    approvers: { userGroups: [], minimumCount: 2, disallowPipelineExecutor: true }
                    approverInputs:
                      - { name: window, allowedValues: "day,night", required: true }
                      - { name: reference, regex: "[A-Z]+-[0-9]+" }
    - stage:
        identifier: last
        name: Last
        type: Custom
        spec:
          execution:
            steps:
              - step:
                  identifier: apply
                  name: Apply
                  type: DBSchemaApply
                  spec: { dbSchema: shop, dbInstance: shop_dev }
`

export const hookSecret = 'correct horse battery staple'

const trigger = (identifier: string, name: string, rest: string): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(`trigger:
  identifier: ${identifier}
  name: ${name}
  pipelineIdentifier: controlled
${rest}`)
const hook = trigger(
  'hook',
  'Hook',
  `  encryptedWebhookSecretIdentifier: hook_secret
  inputYaml: |
    pipeline: { variables: [{ name: regions, value: eu }, { name: ticket, value: OPS-1 }] }
  source:
    type: Webhook
    spec: { type: Custom, spec: {} }
`,
)
const nightly = trigger(
  'nightly',
  'Nightly',
  `  source:
    type: Scheduled
    spec: { type: Cron, spec: { type: UNIX, expression: "15 3 * * *", timezone: Europe/Berlin } }
`,
)

/** Creates the pipeline `controlled` with an input set, an overlay of it, a webhook and a schedule. Gives the path of the webhook. */
export async function setUpControls(baseUrl: string): Promise<string> {
  const client = await signIn(baseUrl, admin.email, admin.password)
  const pipeline = { pipeline: 'controlled' }
  await client.createPipeline({
    params: scope,
    body: { identifier: 'controlled', name: 'Controlled', pipeline_yaml: controlledPipeline(baseUrl) },
  })
  await client.createInputSet({
    params: scope,
    query: pipeline,
    body: {
      identifier: 'production',
      name: 'Production',
      input_set_yaml: `inputSet:
  identifier: production
  name: Production
  pipeline: { variables: [{ name: env, value: prod }, { name: regions, value: "eu,us" }] }
`,
    },
  })
  await client.createInputSet({
    params: scope,
    query: pipeline,
    body: {
      identifier: 'everything',
      name: 'Everything',
      input_set_yaml:
        'overlayInputSet: { identifier: everything, name: Everything, inputSetReferences: [production] }\n',
    },
  })
  await client.createSecret({
    params: scope,
    body: {
      secret: {
        type: 'SecretText',
        identifier: 'hook_secret',
        name: 'hook_secret',
        spec: {
          type: 'SecretTextSpec',
          secretManagerIdentifier: 'harnessSecretManager',
          valueType: 'Inline',
          value: hookSecret,
        },
      },
    },
  })
  const query = { orgIdentifier: scope.org, projectIdentifier: scope.project, targetIdentifier: 'controlled' }
  await client.createTrigger({ query, raw: nightly })
  return (await client.createTrigger({ query, raw: hook })).webhookUrl
}
