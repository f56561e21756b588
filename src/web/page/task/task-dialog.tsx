// A task from the click to its end: what it waits for, its log as it grows, what came of it, and what to do when it failed.
import { Button, Modal } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { isTaskOver, type Task } from '#contract/api/task'
import { useApi } from '../../api.ts'
import { taskLook } from '../../model/status.ts'
import { ConsideredList } from '../../part/considered.tsx'
import { FaultNotice, Loading, Notice } from '../../part/notice.tsx'
import { StatusPill } from '../../part/status.tsx'
import { Took } from '../../part/time.tsx'
import { taskLogQuery, taskQuery } from '../../query.ts'
import { useScope } from '../../shell/scope.ts'
import style from './task.module.css'
import { TaskResult } from './task-result.tsx'

export interface AskedTask {
  readonly title: string
  readonly ask: () => Promise<Task>
}

/** Asks as soon as it opens; undefined is closed. */
export function TaskDialog({ asked, close }: { readonly asked: AskedTask | undefined; readonly close: () => void }) {
  return (
    <Modal
      opened={asked !== undefined}
      onClose={close}
      size={720}
      title={asked?.title}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {asked ? <Asking asked={asked} close={close} /> : null}
    </Modal>
  )
}

function Asking({ asked, close }: { readonly asked: AskedTask; readonly close: () => void }) {
  // One task for each time that the dialog opens, however often it is drawn.
  const [key] = useState(() => performance.now())
  const { data, error } = useQuery({
    queryKey: ['ask', key],
    queryFn: asked.ask,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  })
  if (error) return <FaultNotice error={error} />
  return data ? <Following first={data} close={close} /> : <Loading rows={2} />
}

function Following({ first, close }: { readonly first: Task; readonly close: () => void }) {
  const api = useApi()
  const scope = useScope()
  const queries = useQueryClient()
  const { data: task, error } = useQuery({
    ...taskQuery(api, scope, first.id),
    initialData: first,
    staleTime: 0,
  })
  const isOver = isTaskOver(task.status)
  const log = useQuery(taskLogQuery(api, scope, task.id, isOver)).data
  async function abort(): Promise<void> {
    await api.abortTask({ params: { ...scope, task: task.id }, body: {} }).catch(() => undefined)
    await queries.invalidateQueries({ queryKey: ['task', scope, task.id] })
  }
  return (
    <div className={style.task}>
      <p className={style.line} role="status">
        <StatusPill look={taskLook(task.status)} />
        {task.delegate ? <span className="soft">by {task.delegate}</span> : null}
        {task.startedAt === null ? null : <Took from={task.startedAt} to={task.endedAt} />}
      </p>
      {error ? <FaultNotice error={error} /> : null}
      {task.statusReason ? <Notice tone="wait" title={task.statusReason} /> : null}
      {task.status === 'queued' || task.fault?.code === 'no-delegate' ? (
        <ConsideredList rows={task.considered} />
      ) : null}
      {task.fault ? <FaultNotice error={task.fault} /> : null}
      {task.status === 'succeeded' ? <TaskResult task={task} /> : null}
      {log ? (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reachable by keyboard
        <pre className={style.log} tabIndex={0} role="region" aria-label="Log of the task">
          {log}
        </pre>
      ) : null}
      <div className={style.end}>
        {isOver ? null : (
          <Button variant="default" onClick={() => void abort()}>
            Abort
          </Button>
        )}
        <Button variant={isOver ? 'filled' : 'default'} onClick={close}>
          Close
        </Button>
      </div>
    </div>
  )
}
