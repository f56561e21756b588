// An execution as it stands now: read once, read again when an event says so, with the change sets that its steps work on.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { Execution } from '#contract/api/execution'
import type { LiveEvent } from '#contract/event/live'
import type { ReceivedEvent } from '#contract/event-stream'
import { isFinal } from '#contract/pipeline/status'
import { useApi } from '../api.ts'
import { addWork, needsReading, noWork, type WorkByNode } from '../model/execution-state.ts'
import { executionQuery, type Scope } from '../query.ts'
import { type Connection, follow, sleep } from './reconnect.ts'
import { withoutFaults } from './stream-fault.ts'
import { useVisible } from './use-visible.ts'

/** Milliseconds in which events are gathered before the screen changes. */
const gather = 80
/** Milliseconds of silence after which the stream of an execution that is over is let go: the server never ends it. */
const silence = 3000

export interface LiveExecution {
  readonly execution: Execution | undefined
  readonly error: unknown
  readonly work: WorkByNode
  readonly connection: Connection
  readonly refresh: () => Promise<unknown>
}

export function useExecution(scope: Scope, id: string): LiveExecution {
  const api = useApi()
  const queries = useQueryClient()
  const { org, project } = scope
  const { data, error, refetch } = useQuery({
    ...executionQuery(api, scope, id),
    // The stream tells of changes; this is the truth when the stream cannot be had.
    refetchInterval: (query) => (query.state.data && isFinal(query.state.data.status) ? false : 10_000),
  })
  const [work, setWork] = useState<WorkByNode>(noWork)
  const [connection, setConnection] = useState<Connection>('connecting')
  const lastId = useRef<string>(undefined)
  const isVisible = useVisible()

  useEffect(() => {
    lastId.current = undefined
    setWork(noWork)
  }, [org, project, id])

  useEffect(() => {
    if (!isVisible) return undefined
    const stop = new AbortController()
    const key = executionQuery(api, { org, project }, id).queryKey
    let waiting: LiveEvent[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    let heardAt = Date.now()
    const isOver = (): boolean => {
      const execution = queries.getQueryData<Execution>(key)
      return execution !== undefined && isFinal(execution.status)
    }
    const watch = setInterval(() => {
      if (!isOver() || Date.now() - heardAt < silence) return
      clearInterval(watch)
      stop.abort()
      setConnection('ended')
    }, 1000)
    const flush = (): void => {
      timer = undefined
      const events = waiting
      waiting = []
      setWork((known) => addWork(known, events))
      if (events.some(needsReading)) {
        void queries.invalidateQueries({ queryKey: key })
        for (const kind of ['approvals', 'approval', 'plan']) void queries.invalidateQueries({ queryKey: [kind] })
      }
    }
    void follow<ReceivedEvent<LiveEvent>>(
      {
        open: (signal) =>
          withoutFaults(
            api.streamExecution(
              {
                params: { org, project, execution: id },
                ...(lastId.current === undefined ? {} : { headers: { 'last-event-id': lastId.current } }),
              },
              signal,
            ),
          ),
        receive: (event) => {
          if (event.id !== undefined) lastId.current = event.id
          heardAt = Date.now()
          waiting.push(event.data)
          timer ??= setTimeout(flush, gather)
        },
        isComplete: isOver,
        connection: (state) => setConnection(state),
        wait: sleep,
      },
      stop.signal,
    )
    return () => {
      stop.abort()
      clearInterval(watch)
      clearTimeout(timer)
      if (waiting.length > 0) flush()
    }
  }, [api, queries, org, project, id, isVisible])

  return { execution: data, error, work, connection, refresh: refetch }
}
