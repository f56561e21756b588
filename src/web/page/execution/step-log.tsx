// The log of a step's latest attempt, live.
import type { ExecutionNode } from '#contract/api/execution'
import type { Connection } from '../../live/reconnect.ts'
import { useLog } from '../../live/use-log.ts'
import { LogView } from '../../part/log-view.tsx'
import { FaultNotice } from '../../part/notice.tsx'
import type { Scope } from '../../query.ts'
import style from './execution.module.css'

const states: Readonly<Record<Connection, string>> = {
  connecting: 'Connecting',
  open: 'Live',
  lost: 'Connection lost; trying again',
  ended: 'Complete',
}

export function StepLog({
  scope,
  execution,
  node,
  attempt,
}: {
  readonly scope: Scope
  readonly execution: string
  readonly node: ExecutionNode
  readonly attempt: string
}) {
  const { buffer, connection, fault } = useLog(scope, execution, attempt)
  if (fault && connection === 'ended') {
    return (
      <div className={style.pad}>
        <FaultNotice error={fault} />
      </div>
    )
  }
  return <LogView buffer={buffer} name={node.id} state={states[connection]} />
}
