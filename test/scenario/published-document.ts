// Parts of pipelines in the form in which they are published for the compatible product, with the fields that only containers need.
import { indent } from './real-world.ts'

const infrastructure = `stepGroupInfra:
  type: KubernetesDirect
  spec:
    connectorRef: account.cluster
    namespace: databases
sharedPaths: []`
export const container = `connectorRef: account.harnessImage
imagePullPolicy: IfNotPresent
resources: { limits: { memory: 500Mi, cpu: "1" } }
dbSchema: billing_schema
dbInstance: billing_prod_eu`
export const step = (type: string, identifier: string, spec: string, more = 'timeout: 10m'): string => `- step:
    type: ${type}
    name: ${identifier}
    identifier: ${identifier}
    spec:
${indent(spec, 6)}
${indent(more, 4)}
`
export const group = (identifier: string, steps: string): string => `- stepGroup:
    name: ${identifier}
    identifier: ${identifier}
${indent(infrastructure, 4)}
    steps:
${indent(steps, 6)}`
export const document = (identifier: string, steps: string, more = ''): string => `pipeline:
  name: ${identifier}
  identifier: ${identifier}
  projectIdentifier: shop
  orgIdentifier: default
  tags: {}
${more}  stages:
    - stage:
        name: Database
        identifier: database
        description: ""
        type: Custom
        tags: {}
        spec:
          execution:
            steps:
${indent(steps, 14)}            rollbackSteps: []
`
