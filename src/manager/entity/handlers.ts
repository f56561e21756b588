// All handlers of this room in one object.
import type { Store } from '../store/port.ts'
import { connectorHandlers } from './connector.ts'
import { dbInstanceHandlers } from './db-instance.ts'
import { dbSchemaHandlers } from './db-schema.ts'
import { organizationHandlers } from './organization.ts'
import { platformOrganizationHandlers } from './platform-organization.ts'
import { projectHandlers } from './project.ts'

export function entityHandlers(store: Store) {
  return {
    ...organizationHandlers(store),
    ...projectHandlers(store),
    ...platformOrganizationHandlers(store),
    ...connectorHandlers(store),
    ...dbSchemaHandlers(store),
    ...dbInstanceHandlers(store),
  }
}
