import { expect, test } from 'vitest'
import { nodeOf } from '../graph.ts'
import { readPipeline } from './pipeline.ts'

const yaml = (spec: string) =>
  `pipeline: { identifier: p, name: P, stages: [{ stage: { identifier: a, name: A, type: Approval, spec: { execution: { steps: [{ step: { identifier: ok, name: Ok, type: HarnessApproval, spec: { ${spec} } } }] } } } }] }`
const approvers =
  'approvers: { minimumCount: 2, disallowPipelineExecutor: false, userGroups: [dba, org.leads, account._account_all_users] }'

test('everything that an approval may say', () => {
  const { pipeline, diagnostics } = readPipeline(
    yaml(
      `${approvers}, isAutoRejectEnabled: true, approverInputs: [{ name: a, defaultValue: x, selectManyFrom: [x, y] }, { name: b, required: true, description: Why }]`,
    ),
  )
  expect(diagnostics).toEqual([])
  const node = pipeline && nodeOf(pipeline.graph, 'a.ok')
  expect(node?.kind === 'step' && node.work).toEqual({
    type: 'HarnessApproval',
    message: '',
    minimumCount: 2,
    disallowPipelineExecutor: false,
    userGroups: ['dba', 'org.leads', 'account._account_all_users'],
    inputs: [
      { name: 'a', required: false, allowed: ['x', 'y'], many: true, default: 'x' },
      { name: 'b', required: true, description: 'Why' },
    ],
    rejectsOlder: true,
  })
})

test.each([
  ['approvers: { minimumCount: 1, disallowPipelineExecutor: false, userGroups: ["a b"] }', 'is not a user group'],
  [
    `${approvers}, approverInputs: [{ name: a, defaultValue: z, allowedValues: "x,y" }]`,
    'The default of a cannot be `z`',
  ],
  [`${approvers}, approverInputs: [{ name: a }, { name: a }]`, 'Two approver inputs are called `a`'],
  [`${approvers}, approverInputs: [{ name: "a b" }]`, 'is not a name'],
  [`${approvers}, callbackId: x`, 'is not offered yet'],
])('%s is refused', (spec, message) => {
  expect(
    readPipeline(yaml(spec))
      .diagnostics.map((finding) => finding.message)
      .join(),
  ).toContain(message)
})
