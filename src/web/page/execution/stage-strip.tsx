// The stages from left to right: where the execution is, at one glance.
import { Link } from '@tanstack/react-router'
import type { ExecutionNode } from '#contract/api/execution'
import { nodeTree, stepOfStage } from '../../model/node-tree.ts'
import { executionLook } from '../../model/status.ts'
import { StatusSign } from '../../part/status.tsx'
import { Took } from '../../part/time.tsx'
import style from './execution.module.css'

function isBelow(nodes: readonly ExecutionNode[], node: ExecutionNode, ancestor: string): boolean {
  let present: ExecutionNode | undefined = node
  while (present) {
    if (present.id === ancestor) return true
    const parent: string | null = present.parent
    present = nodes.find((one) => one.id === parent)
  }
  return false
}

export function StageStrip({
  nodes,
  chosen,
}: {
  readonly nodes: readonly ExecutionNode[]
  readonly chosen: ExecutionNode
}) {
  const stages = nodeTree(nodes).map((tree) => tree.node)
  return (
    <nav aria-label="Stages">
      <ol className={style.strip}>
        {stages.map((stage) => {
          const look = executionLook(stage.status)
          const step = stepOfStage(nodes, stage.id)
          return (
            <li key={stage.id}>
              <Link
                from="/orgs/$org/projects/$project/executions/$execution"
                to="."
                search={step ? { step: step.id } : {}}
                replace
                className={style.stage}
                activeProps={{}}
                aria-current={isBelow(nodes, chosen, stage.id) ? 'true' : undefined}
              >
                <StatusSign look={look} labelled />
                <span className={style.stageText}>
                  <span className={`${style.stageName} cut`}>{stage.name}</span>
                  <span className={`${style.stageNote} cut`}>
                    {look.label}
                    {stage.startedAt === null ? null : (
                      <>
                        {' · '}
                        <Took from={stage.startedAt} to={stage.endedAt} />
                      </>
                    )}
                  </span>
                </span>
              </Link>
            </li>
          )
        })}
      </ol>
    </nav>
  )
}
