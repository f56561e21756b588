// The log of one attempt as it grows, read from the first byte to the end over any number of connections.
import { useEffect, useState } from 'react'
import type { ReceivedEvent } from '#contract/event-stream'
import type { Fault } from '#contract/fault'
import { useApi } from '../api.ts'
import { LogBuffer } from '../model/log-buffer.ts'
import type { Scope } from '../query.ts'
import { type Connection, follow, sleep } from './reconnect.ts'
import { withoutFaults } from './stream-fault.ts'
import { useVisible } from './use-visible.ts'

export interface LiveLog {
  readonly buffer: LogBuffer
  readonly connection: Connection
  readonly fault: Fault | undefined
}

interface Reading {
  readonly key: string
  readonly buffer: LogBuffer
  offset: number
  complete: boolean
}

const begin = (key: string): Reading => ({ key, buffer: new LogBuffer(), offset: 0, complete: false })

export function useLog(scope: Scope, execution: string, attempt: string): LiveLog {
  const api = useApi()
  const { org, project } = scope
  const key = `${org} ${project} ${execution} ${attempt}`
  const [reading, setReading] = useState<Reading>(() => begin(key))
  const [state, setState] = useState<{ readonly connection: Connection; readonly fault?: Fault | undefined }>({
    connection: 'connecting',
  })
  const isVisible = useVisible()
  if (reading.key !== key) setReading(begin(key))

  useEffect(() => {
    if (!isVisible || reading.complete || reading.key !== key) return undefined
    const stop = new AbortController()
    void follow<ReceivedEvent<{ text: string; nextOffset: number }>>(
      {
        open: (signal) =>
          withoutFaults(
            api.streamLog({ params: { org, project, execution, attempt }, query: { offset: reading.offset } }, signal),
          ),
        receive: ({ event, data }) => {
          if (event === 'eof') {
            reading.complete = true
            return
          }
          // A step that was replaced before it started writes its log anew.
          if (data.nextOffset <= reading.offset) reading.buffer.clear()
          reading.buffer.append(data.text)
          reading.offset = data.nextOffset
        },
        isComplete: () => reading.complete,
        connection: (connection, fault) =>
          setState((before) =>
            before.connection === connection && before.fault === fault ? before : { connection, fault },
          ),
        wait: sleep,
      },
      stop.signal,
    )
    return () => stop.abort()
  }, [api, org, project, execution, attempt, key, reading, isVisible])

  return { buffer: reading.buffer, connection: state.connection, fault: state.fault }
}
