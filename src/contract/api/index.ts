// The whole public API in one map. Server, OpenAPI, typed client and the permission table are made from it.
import { accessTokenEndpoints } from './access-token.ts'
import { approvalEndpoints } from './approval.ts'
import { auditEndpoints } from './audit.ts'
import { changeSetEndpoints } from './change-set.ts'
import { connectorEndpoints } from './connector.ts'
import { dbInstanceEndpoints } from './db-instance.ts'
import { dbSchemaEndpoints } from './db-schema.ts'
import { delegateEndpoints } from './delegate.ts'
import { executionEndpoints } from './execution.ts'
import { freezeEndpoints } from './freeze.ts'
import { imageEndpoints } from './image.ts'
import { identityEndpoints } from './identity.ts'
import { inputSetEndpoints } from './input-set.ts'
import { migrationStateEndpoints } from './migration-state.ts'
import { notificationEndpoints } from './notification.ts'
import { organizationEndpoints } from './organization.ts'
import { pipelineEndpoints } from './pipeline.ts'
import { platformExecutionEndpoints } from './platform-execution.ts'
import { platformInputSetEndpoints } from './platform-input-set.ts'
import { platformLogEndpoints } from './platform-log.ts'
import { platformPipelineEndpoints } from './platform-pipeline.ts'
import { platformDelegateEndpoints } from './platform-delegate.ts'
import { platformDelegateTokenEndpoints } from './platform-delegate-token.ts'
import { platformOrganizationEndpoints } from './platform-organization.ts'
import { scopedEntityEndpoints } from './scoped-entity.ts'
import { platformConnectorEndpoints } from './platform-connector.ts'
import { secretEndpoints } from './secret.ts'
import { settingEndpoints } from './setting.ts'
import { systemEndpoints } from './system.ts'
import { triggerEndpoints } from './trigger.ts'
import { taskEndpoints } from './task.ts'

export const api = {
  ...systemEndpoints,
  ...identityEndpoints,
  ...accessTokenEndpoints,
  ...scopedEntityEndpoints,
  ...auditEndpoints,
  ...settingEndpoints,
  ...organizationEndpoints,
  ...platformOrganizationEndpoints,
  ...connectorEndpoints,
  ...secretEndpoints,
  ...platformConnectorEndpoints,
  ...imageEndpoints,
  ...dbSchemaEndpoints,
  ...dbInstanceEndpoints,
  ...migrationStateEndpoints,
  ...changeSetEndpoints,
  ...pipelineEndpoints,
  ...inputSetEndpoints,
  ...triggerEndpoints,
  ...freezeEndpoints,
  ...notificationEndpoints,
  ...executionEndpoints,
  ...approvalEndpoints,
  ...delegateEndpoints,
  ...platformDelegateTokenEndpoints,
  ...platformDelegateEndpoints,
  ...taskEndpoints,
  ...platformPipelineEndpoints,
  ...platformInputSetEndpoints,
  ...platformExecutionEndpoints,
  ...platformLogEndpoints,
}
export type Api = typeof api
