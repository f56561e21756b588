// What the handlers of the delegate protocol need from the rest of the manager.
import type { RandomBytes } from '../access/token.ts'
import type { Hub } from '../live/hub.ts'
import type { Store } from '../store/port.ts'
import type { AttemptObserver, SealSecrets } from '../work/port.ts'
import type { KnownProtocolTokens } from './authenticate.ts'

export interface ProtocolDependencies {
  readonly store: Store
  readonly hub: Hub
  /** Called in this order, within the transaction of the change. */
  readonly observers: readonly AttemptObserver[]
  readonly sealSecrets: SealSecrets
  readonly random: RandomBytes
  /** The same that the authenticator reads: a token that was just handed out need not be looked up. */
  readonly known?: KnownProtocolTokens
}
