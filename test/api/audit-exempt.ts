// Endpoints that the walk over the audit trail does not call: they change nothing, or are called elsewhere.

/** They only read, or ask a question that needs a body. */
export const reading = [
  'dryRunPipeline getChangeSetExistence getChangeSetSql getDeployedState getMigrationState getSnapshotObjectValues listAudits',
  'platformListPipelines platformListExecutions platformListDelegates platformGetInputTemplate platformDownloadLog',
  'listDbInstances listFreezes platformFilterConnectors platformFilterSecrets platformFilterSecretsAgain validatePipeline',
]
/** Not called here, and why. */
export const elsewhere = [
  // Senders are nobody's users: what a delivery was and did is its history, and the run that it starts has an event.
  'receiveWebhook receiveCustomWebhook',
  // Need a delegate that has joined, a notification, a report or a step that failed: test/scenario.
  'deleteDelegate rotateDelegateKeys retryNotification dropNotification resendReports resolveNode',
  // Forms and waits of clients of the compatible API around what is called here under its other name.
  'platformCreateSecretFile platformUpdateSecretFile platformTestConnection retryPlatformExecution',
  'platformCreatePipeline platformUpdatePipeline platformDeletePipeline platformExecutePipeline platformInterruptExecution',
  'platformDecideApproval platformCreateInputSet platformUpdateInputSet platformDeleteInputSet',
  'platformCreateDelegateToken platformRevokeDelegateToken platformDeleteDelegateToken',
  // Change nothing: all documents stand in the store.
  'updateInputSetGitMetadata updatePipelineGitMetadata',
]
