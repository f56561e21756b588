// Holds an execution up and lets it go on: what runs goes to its end, nothing new begins.
import { Button } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import type { Execution } from '#contract/api/execution'
import { useApi } from '../../api.ts'
import { FaultNotice } from '../../part/notice.tsx'
import type { Scope } from '../../query.ts'
import { useMay } from '../../session.ts'
import style from './execution.module.css'

export function PauseButton({
  scope,
  execution,
  refresh,
}: {
  readonly scope: Scope
  readonly execution: Execution
  readonly refresh: () => Promise<unknown>
}) {
  const api = useApi()
  const mayRun = useMay('pipeline.execute', scope)
  const isPaused = execution.status === 'Paused' || execution.status === 'Pausing'
  const params = { ...scope, execution: execution.id }
  const turn = useMutation({
    mutationFn: () => (isPaused ? api.resumeExecution({ params }) : api.pauseExecution({ params, body: {} })),
    onSuccess: refresh,
  })
  return (
    <>
      <Button
        variant="default"
        disabled={!mayRun}
        loading={turn.isPending}
        title={
          !mayRun
            ? 'You may not pause executions'
            : isPaused
              ? 'Goes on where it was'
              : 'What runs goes to its end, nothing new begins; a rollback is not held up'
        }
        onClick={() => turn.mutate()}
      >
        {isPaused ? 'Resume' : 'Pause'}
      </Button>
      {turn.error ? (
        <div className={style.actionFault}>
          <FaultNotice error={turn.error} />
        </div>
      ) : null}
    </>
  )
}
