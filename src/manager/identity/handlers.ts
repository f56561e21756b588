// All handlers of this room in one object.
import { accessKeyHandlers, accessTokenHandlers } from './access-token.ts'
import { apiKeyHandlers } from './api-key.ts'
import { serviceAccountHandlers } from './service-account.ts'
import { type SessionOptions, sessionHandlers } from './session.ts'
import { userGroupHandlers } from './user-group.ts'
import { userHandlers } from './user.ts'

export function identityHandlers(options: SessionOptions) {
  const { store, passwords, account, random } = options
  return {
    ...sessionHandlers(options),
    ...userHandlers(store, passwords),
    ...apiKeyHandlers(store, account, random),
    ...userGroupHandlers(store, account),
    ...serviceAccountHandlers(store, account),
    ...accessKeyHandlers({ store, account, random }),
    ...accessTokenHandlers({ store, account, random }),
  }
}
