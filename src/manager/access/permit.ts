// May this caller use this endpoint? The rule stands beside the endpoint in the contract; here it is only applied.
import type { Endpoint } from '#contract/endpoint'
import { Fault } from '#contract/fault'
import type { Caller } from '../http/handler.ts'

const signInFirst = 'This needs a sign-in or an API key, and the request carries none.'

/** Raises `unauthenticated` when there is nobody, `forbidden` when there is somebody who may not. */
export function permit(target: Endpoint, params: Readonly<Record<string, string>>, caller: Caller | undefined): void {
  const { access } = target
  if (access === 'public') return
  if (!caller) throw new Fault('unauthenticated', signInFirst)
  if (access === 'signed-in') {
    if (!caller.user) throw new Fault('forbidden', 'Only a signed-in user may do this.')
    return
  }
  if (access === 'delegate') {
    if (!caller.delegate) throw new Fault('forbidden', 'Only a delegate may do this, with its access token.')
    return
  }
  if (access === 'attempt') {
    if (caller.attempt?.id !== params['attempt'])
      throw new Fault('forbidden', 'Only the step of this attempt may do this, with the token of the attempt.')
    return
  }
  if (!caller.permissions.has(access)) throw new Fault('forbidden', `The permission ${access} is missing.`)
}
