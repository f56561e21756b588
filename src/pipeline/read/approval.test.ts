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
      `${approvers}, isAutoRejectEnabled: true, callbackId: "<+pipeline.executionId>_prod", autoApproval: { action: APPROVE, scheduledDeadline: { time: 2026-12-31 11:59 PM, timeZone: UTC }, comments: Nobody minds }, approverInputs: [{ name: a, defaultValue: x, selectManyFrom: [x, y] }, { name: b, description: Why }]`,
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
      { name: 'b', required: false, description: 'Why' },
    ],
    rejectsOlder: true,
    automatic: { time: '2026-12-31 11:59 PM', zone: 'UTC', comments: 'Nobody minds' },
    callbackId: '<+pipeline.executionId>_prod',
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
  [`${approvers}, callbackId: "x y"`, '`callbackId` needs 1 to 128 letters'],
  [`${approvers}, autoApproval: { action: APPROVE }`, 'has no `scheduledDeadline`'],
  [
    `${approvers}, autoApproval: { action: REJECT, scheduledDeadline: { time: t, timeZone: UTC } }`,
    'can only be APPROVE',
  ],
  [`${approvers}, autoApproval: { action: APPROVE, scheduledDeadline: { time: t } }`, 'has no `timeZone`'],
  [
    `${approvers}, autoApproval: { action: APPROVE, scheduledDeadline: { time: noon, timeZone: UTC } }`,
    '`noon` is no time',
  ],
  [
    `${approvers}, approverInputs: [{ name: a, required: true }], autoApproval: { action: APPROVE, scheduledDeadline: { time: 2026-12-31 11:59 PM, timeZone: UTC } }`,
    'Nobody gives the approver input `a`',
  ],
])('%s is refused', (spec, message) => {
  expect(
    readPipeline(yaml(spec))
      .diagnostics.map((finding) => finding.message)
      .join(),
  ).toContain(message)
})
