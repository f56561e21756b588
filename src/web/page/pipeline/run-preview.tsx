// What a start with the present inputs would run, as the server expands it: stages, their steps, and what each touches.
import type { Api } from '#contract/api/index'
import type { ReplyOf } from '#contract/endpoint'
import { nodeTree, stepsBelow } from '../../model/node-tree.ts'
import style from './pipeline.module.css'

type ExpandedNode = ReplyOf<Api['dryRunPipeline']>['nodes'][number]

export function RunPreview({ nodes }: { readonly nodes: readonly ExpandedNode[] }) {
  const stages = nodeTree(nodes)
  return (
    <ol className={style.preview}>
      {stages.map((stage) => (
        <li key={stage.node.id}>
          <p className={style.previewStage}>
            {stage.node.name}
            <Notes node={stage.node} beside={stages.map(({ node }) => node)} />
          </p>
          <ol>
            {stepsBelow(stage).map(({ node, depth }) => (
              <li key={node.id} style={{ paddingLeft: 14 + depth * 14 }}>
                {node.name}
                <Notes node={node} beside={nodes.filter((one) => one.parent === node.parent)} />
              </li>
            ))}
          </ol>
        </li>
      ))}
    </ol>
  )
}

function Notes({ node, beside }: { readonly node: ExpandedNode; readonly beside: readonly ExpandedNode[] }) {
  const together = beside.filter((one) => one.batch === node.batch && one.rollback === node.rollback).length
  const notes = [
    node.kind === 'step' ? node.type : undefined,
    node.dbInstance === undefined ? undefined : `${node.dbSchema} → ${node.dbInstance}`,
    together > 1 ? 'at the same time as its neighbours' : undefined,
    node.rollback ? 'only on failure' : undefined,
    node.condition === undefined ? undefined : `if ${node.condition}`,
  ].filter((note) => note !== undefined)
  return notes.length === 0 ? null : <span className={style.previewNote}>{notes.join(' · ')}</span>
}
