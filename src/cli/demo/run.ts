// The demo's story: release the shop as the developer, stop at the approval, and with `once` go on as the approver.
import type { Execution } from '#contract/api/execution'
import type { MigrationStateOut } from '#contract/api/migration-state'
import { Fault } from '#contract/fault'
import { isFinal } from '#contract/pipeline/status'
import { type ApiClient, signIn } from '../setup/session.ts'
import { followExecution, type Teller } from './follow.ts'
import { approver, developer } from './people.ts'
import { dbSchema, pipeline, scope } from './setup.ts'

/** Starts a release, unless one is under way or has succeeded, and follows it until it needs a person or ends. */
export async function releaseShop(baseUrl: string, teller: Teller, signal: AbortSignal): Promise<Execution> {
  const client = await signIn(baseUrl, developer.email, developer.password)
  const { rows } = await client.listExecutions({ params: scope, query: { pipeline, limit: 1 } }, signal)
  const latest = rows[0]
  const goesOn = latest && (!isFinal(latest.status) || latest.status === 'Success')
  if (latest && goesOn) {
    teller.line(`Release ${latest.number} is ${isFinal(latest.status) ? 'done' : 'under way'}; going on with it.`)
    return await followExecution(client, scope, latest.id, teller, signal)
  }
  const started = await client.executePipeline({ params: { ...scope, pipeline } }, signal)
  teller.line(`${developer.name} started the release.`)
  return await followExecution(client, scope, started.execution_details.execution_id, teller, signal)
}

/** Approves what waits for approval and follows to the end; `client` is signed in as the second person. */
export async function approveAndFinish(
  client: ApiClient,
  execution: string,
  teller: Teller,
  signal: AbortSignal,
): Promise<Execution> {
  for (;;) {
    const now = await followExecution(client, scope, execution, teller, signal)
    if (isFinal(now.status)) return now
    const waiting = now.nodes.find((node) => node.approval !== null && node.status === 'ApprovalWaiting')
    if (!waiting?.approval)
      throw new Fault('outcome-unknown', 'The release waits for an intervention; open it in the browser and decide.')
    await approve(client, waiting.approval, signal)
    teller.line(`${approver.name} approved ${waiting.name}.`)
  }
}

async function approve(client: ApiClient, approval: string, signal: AbortSignal): Promise<void> {
  const params = { ...scope, approval }
  const { planDigests } = await client.getApproval({ params }, signal)
  await client.decideApproval(
    { params, body: { action: 'APPROVE', comments: 'Reviewed the SQL.', planDigests } },
    signal,
  )
}

/** The whole matrix, page by page. */
export async function migrationState(client: ApiClient, signal: AbortSignal): Promise<MigrationStateOut> {
  const params = { ...scope, dbschema: dbSchema }
  const changeSets: MigrationStateOut['changeSets'][number][] = []
  for (let page = 0; ; page += 1) {
    const { body, total } = await client.getMigrationState({ params, query: { page, limit: 100 }, body: {} }, signal)
    changeSets.push(...body.changeSets)
    if (changeSets.length >= total || body.changeSets.length === 0) return { ...body, changeSets }
  }
}

/** Every change set that an instance wants is deployed there, and every instance has some. */
export function allDeployed(state: MigrationStateOut): boolean {
  const cells = state.changeSets
    .flatMap((changeSet) => changeSet.instances)
    .filter((cell) => cell.filteredBy === undefined)
  const everywhere = state.instances.every(({ identifier }) => cells.some((cell) => cell.instance === identifier))
  return everywhere && state.instances.length > 0 && cells.every((cell) => cell.status === 'Successfully_Deployed')
}
