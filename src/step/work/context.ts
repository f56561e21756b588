// What each kind of work gets, and what it gives back.
import type { FinishBody } from '#contract/delegate/protocol'
import type { SourceSpec, StepSpec, StepWork } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import type { EngineContext } from '#engine/context'
import type { Masking } from '../log/mask.ts'
import type { Lease } from '../report/lease.ts'
import type { Outbox } from '../report/outbox.ts'

export interface WorkContext<Work extends StepWork = StepWork> {
  readonly spec: StepSpec
  readonly work: Work
  readonly engine: EngineContext
  readonly outbox: Outbox
  readonly lease: Lease
  readonly masking: Masking
  readonly line: (text: string) => void
  readonly signal: AbortSignal
}

export type WorkResult = Pick<FinishBody, 'output' | 'reconcile'>

/** Opened secrets by reference. Raises Fault `secret-unresolved` for one that is not there. */
export function resolveSecret(
  secrets: Readonly<Record<string, string>>,
  reference: string | undefined,
): string | undefined {
  if (reference === undefined) return undefined
  const value = Object.hasOwn(secrets, reference) ? secrets[reference] : undefined
  if (value === undefined) throw new Fault('secret-unresolved', `The secret ${reference} did not reach this step.`)
  return value
}

/** User name and password of a source or a connection. A user name may be a secret as well. */
export function resolveCredentials(
  secrets: Readonly<Record<string, string>>,
  from: Pick<SourceSpec, 'username' | 'usernameRef' | 'passwordRef'>,
): { readonly username: string | undefined; readonly password: string | undefined } {
  return {
    username: from.username ?? resolveSecret(secrets, from.usernameRef),
    password: resolveSecret(secrets, from.passwordRef),
  }
}
