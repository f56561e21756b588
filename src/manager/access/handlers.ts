// All handlers of this room in one object.
import type { Store } from '../store/port.ts'
import { roleAssignmentHandlers } from './role-assignment.ts'
import { roleHandlers } from './role.ts'

export function accessHandlers(store: Store, account: string, createId: () => string) {
  return { ...roleHandlers(store, account), ...roleAssignmentHandlers(store, account, createId) }
}
