// All handlers of this room in one object.
import { apiKeyHandlers } from './api-key.ts'
import { type SessionOptions, sessionHandlers } from './session.ts'
import { userHandlers } from './user.ts'

export function identityHandlers(options: SessionOptions) {
  const { store, passwords, account, random } = options
  return {
    ...sessionHandlers(options),
    ...userHandlers(store, passwords),
    ...apiKeyHandlers(store, account, random),
  }
}
