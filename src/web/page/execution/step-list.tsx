// The steps of an execution in document order, under their stages and groups.
import { Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import type { ExecutionNode } from '#contract/api/execution'
import { nodeTree, stepsBelow } from '../../model/node-tree.ts'
import { executionLook } from '../../model/status.ts'
import { StatusSign } from '../../part/status.tsx'
import { Took } from '../../part/time.tsx'
import style from './execution.module.css'

/** Pixels that each level of groups moves a step to the right. */
const indent = 12

export function StepList({
  nodes,
  chosen,
}: {
  readonly nodes: readonly ExecutionNode[]
  readonly chosen: ExecutionNode
}) {
  const list = useRef<HTMLElement>(null)
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' })
  }, [chosen.id])
  return (
    <nav aria-label="Steps" className={style.steps} ref={list}>
      {nodeTree(nodes).map((tree) => (
        <section key={tree.node.id} aria-label={tree.node.name}>
          <h2 className={style.stepsStage}>{tree.node.name}</h2>
          <ol>
            {stepsBelow(tree).map(({ node, depth }) => (
              <li key={node.id}>
                {node.kind === 'step' ? (
                  <StepLink node={node} depth={depth} isChosen={node.id === chosen.id} />
                ) : (
                  <p className={style.group} style={{ paddingLeft: 14 + depth * indent }}>
                    {node.name}
                    {node.rollback ? ' (on failure)' : ''}
                  </p>
                )}
              </li>
            ))}
          </ol>
        </section>
      ))}
    </nav>
  )
}

function StepLink({
  node,
  depth,
  isChosen,
}: {
  readonly node: ExecutionNode
  readonly depth: number
  readonly isChosen: boolean
}) {
  return (
    <Link
      from="/orgs/$org/projects/$project/executions/$execution"
      to="."
      search={{ step: node.id }}
      replace
      className={style.step}
      style={{ paddingLeft: 12 + depth * indent }}
      activeProps={{}}
      aria-current={isChosen ? 'step' : undefined}
    >
      <StatusSign look={executionLook(node.status)} />
      <span className={style.stepText}>
        <span className={`${style.stepName} cut`}>{node.name}</span>
        <span className={`${style.stepNote} cut`}>
          {node.dbInstance ?? node.type}
          {node.rollback ? ' · on failure' : ''}
        </span>
      </span>
      <span className={style.stepTime}>
        <Took from={node.startedAt} to={node.endedAt} />
      </span>
    </Link>
  )
}
