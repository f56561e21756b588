// All handlers of this room in one object.
import type { Store } from '../store/port.ts'
import { connectorHandlers } from './connector.ts'
import { platformConnectorHandlers } from './platform-connector.ts'
import { dbInstanceHandlers } from './db-instance.ts'
import { dbSchemaHandlers } from './db-schema.ts'
import { environmentHandlers } from './environment.ts'
import { organizationHandlers } from './organization.ts'
import { platformOrganizationHandlers } from './platform-organization.ts'
import { projectHandlers } from './project.ts'

/** `account`: id of the installation, which the platform services show everywhere. */
export function entityHandlers(store: Store, account: string) {
  return {
    ...organizationHandlers(store),
    ...projectHandlers(store),
    ...platformOrganizationHandlers(store),
    ...connectorHandlers(store),
    ...platformConnectorHandlers(store),
    ...dbSchemaHandlers(store),
    ...dbInstanceHandlers(store),
    ...environmentHandlers(store, account),
  }
}
