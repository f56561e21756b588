// All handlers of this room in one object.
import { accessKeyHandlers, accessTokenHandlers } from './access-token.ts'
import { apiKeyHandlers } from './api-key.ts'
import { oidcHandlers } from './oidc.ts'
import type { Provider } from './provider.ts'
import { serviceAccountHandlers } from './service-account.ts'
import { type SessionOptions, sessionCookieText, sessionHandlers, startSessionOf } from './session.ts'
import { userGroupHandlers } from './user-group.ts'
import { userHandlers } from './user.ts'

export interface IdentityOptions extends SessionOptions {
  /** Absent: sign-in with e-mail and password only. */
  readonly provider?: Provider | undefined
}

export function identityHandlers(options: IdentityOptions) {
  const { store, passwords, account, random, secure } = options
  return {
    ...sessionHandlers(options),
    ...oidcHandlers({
      store,
      random,
      secure,
      provider: options.provider,
      startSession: async (caller, userId, setHeader) =>
        setHeader('set-cookie', sessionCookieText(await startSessionOf(options, caller, userId), secure)),
    }),
    ...userHandlers(store, passwords),
    ...apiKeyHandlers(store, account, random),
    ...userGroupHandlers(store, account),
    ...serviceAccountHandlers(store, account),
    ...accessKeyHandlers({ store, account, random }),
    ...accessTokenHandlers({ store, account, random }),
  }
}
