import { describe, expect, test } from 'vitest'
import type { ExecutionNode } from '#contract/api/execution'
import { nodeTree, stepOfStage, stepsBelow, stepToShow } from './node-tree.ts'

const node = (id: string, kind: ExecutionNode['kind'], rest: Partial<ExecutionNode> = {}): ExecutionNode => ({
  id,
  parent: id.includes('.') ? id.slice(0, id.lastIndexOf('.')) : null,
  kind,
  type: 'X',
  identifier: id,
  name: id,
  rollback: false,
  status: 'NotStarted',
  startedAt: null,
  endedAt: null,
  output: {},
  attempt: null,
  attempts: 0,
  approval: null,
  hasPlan: false,
  ...rest,
})
const nodes = [
  node('dev', 'stage', { status: 'Success' }),
  node('dev.deploy', 'group'),
  node('dev.deploy.preview', 'step', { status: 'Success', startedAt: 1 }),
  node('dev.deploy.apply', 'step', { status: 'Success', startedAt: 2 }),
  node('prod', 'stage'),
  node('prod.approve', 'step'),
  node('prod.apply', 'step'),
]
const withStatus = (changes: Record<string, ExecutionNode['status']>) =>
  nodes.map((one) => ({ ...one, status: changes[one.id] ?? one.status }))

describe('the tree of nodes', () => {
  test('keeps the order of the document', () => {
    const tree = nodeTree(nodes)
    expect(tree.map((one) => one.node.id)).toEqual(['dev', 'prod'])
    expect(stepsBelow(tree[0]!).map((one) => `${one.depth} ${one.node.id}`)).toEqual([
      '0 dev.deploy',
      '1 dev.deploy.preview',
      '1 dev.deploy.apply',
    ])
  })

  test('keeps a node whose parent is unknown', () => {
    expect(nodeTree([node('lost.step', 'step')]).map((one) => one.node.id)).toEqual(['lost.step'])
  })
})

describe('the step to show', () => {
  test('is the one that waits for a person, then one that runs, then one that broke', () => {
    expect(stepToShow(withStatus({ 'prod.approve': 'ApprovalWaiting', 'prod.apply': 'Running' }))?.id).toBe(
      'prod.approve',
    )
    expect(stepToShow(withStatus({ 'dev.deploy.apply': 'Failed', 'prod.apply': 'Running' }))?.id).toBe('prod.apply')
    expect(stepToShow(withStatus({ 'dev.deploy.apply': 'Failed' }))?.id).toBe('dev.deploy.apply')
  })

  test('is else the last that ran, or the first of all', () => {
    expect(stepToShow(nodes)?.id).toBe('dev.deploy.apply')
    expect(stepToShow(nodes.slice(4))?.id).toBe('prod.approve')
    expect(stepToShow([])).toBeUndefined()
  })

  test('of a stage stays in the stage', () => {
    expect(stepOfStage(withStatus({ 'prod.approve': 'ApprovalWaiting' }), 'dev')?.id).toBe('dev.deploy.apply')
    expect(stepOfStage(nodes, 'prod')?.id).toBe('prod.approve')
  })
})
