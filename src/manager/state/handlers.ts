// All handlers of this room in one object.
import { changeSetHandlers } from './change-set.ts'
import type { Store } from '../store/port.ts'
import { deployedStateHandlers } from './deployed-state.ts'
import { migrationStateHandlers } from './migration-state.ts'
import { overviewHandlers } from './overview.ts'
import { stepOutputHandlers } from './step-output.ts'

export function stateHandlers(store: Store) {
  return {
    ...migrationStateHandlers(store),
    ...deployedStateHandlers(store),
    ...changeSetHandlers(store),
    ...overviewHandlers(store),
    ...stepOutputHandlers(store),
  }
}
