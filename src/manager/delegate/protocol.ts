// All handlers of the delegate protocol.
import type { ProtocolHandlers } from '../http/handler.ts'
import { attemptHandlers } from './attempt.ts'
import type { ProtocolDependencies } from './dependency.ts'
import { declineHandler } from './decline.ts'
import { endedHandler } from './ended.ts'
import { joinHandlers } from './join.ts'
import { pollHandler } from './poll.ts'
import { reportHandlers } from './report.ts'
import { rotateHandler } from './rotate.ts'

export function protocolHandlers(dependencies: ProtocolDependencies): ProtocolHandlers {
  return {
    ...joinHandlers(dependencies),
    poll: pollHandler(dependencies),
    rotateKeys: rotateHandler(dependencies),
    endedExecutions: endedHandler(dependencies),
    decline: declineHandler(dependencies),
    ...attemptHandlers(dependencies),
    ...reportHandlers(dependencies),
  }
}
