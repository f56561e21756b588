// All handlers of the live endpoints: events of an execution, logs.
import type { ApiHandlers } from '../http/handler.ts'
import type { Store } from '../store/port.ts'
import { executionStreamHandler } from './execution-stream.ts'
import type { Hub } from './hub.ts'
import { logHandlers } from './log-stream.ts'

export function liveHandlers(dependencies: {
  readonly store: Store
  readonly hub: Hub
}): ApiHandlers<'streamExecution' | 'getLog' | 'streamLog' | 'listResults' | 'getResult'> {
  return { ...logHandlers(dependencies), streamExecution: executionStreamHandler(dependencies) }
}
