// The long poll: offers and cancels for one delegate.
import type { ProtocolHandlers } from '../http/handler.ts'
import { Dispatcher } from './dispatcher.ts'
import type { ProtocolDependencies } from './dependency.ts'
import { leave } from './presence.ts'

export function pollHandler({ store, hub }: ProtocolDependencies): ProtocolHandlers['poll'] {
  const dispatcher = new Dispatcher(store, hub)
  return async ({ body, caller, signal }) => {
    const presence = { delegateId: caller.delegate?.id ?? '', body }
    if (!body.leaving) return dispatcher.poll(presence, signal)
    await leave(store, presence)
    return { offers: [], cancels: [], drain: false, nextInMilliseconds: 0, rotateKeys: false }
  }
}
