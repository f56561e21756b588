// What the spec of an attempt says of its pod: what the pipeline asks for, and the images that the account or the step names.
import { isProgramWork, isScriptWork } from '#contract/delegate/program-work'
import type { PipelineTarget, PipelineWork, StepSpec } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { type AccountImages, imageForStep, imageReferenceSchema } from '#contract/image'
import type { StepNode } from '#pipeline/graph'
import { isDatabaseWork } from '#pipeline/document'
import { readAccountImages } from '../image/image.ts'
import type { StoreTransaction } from '../store/port.ts'
import type { Run } from './run.ts'
import { resolvedText, valuesOfRun } from './target.ts'

/** Raises `invalid-input` for an image that is none. */
export async function describePod(
  tx: StoreTransaction,
  run: Run,
  place: StepNode,
  work: PipelineWork,
): Promise<Pick<StepSpec, 'pod' | 'images' | 'workspace'>> {
  const { pod, workspace } = place
  const asked = {
    ...(pod ? { pod } : {}),
    ...(workspace ? { workspace: { group: workspace.group, paths: [...workspace.paths] } } : {}),
  }
  if (isProgramWork(work)) {
    if (isScriptWork(work) && work.image !== undefined) checkImage(place.id, work.image)
    return asked
  }
  const account = await readAccountImages(tx)
  const source = sourceImage(account, work)
  const step = imageForStep(account, {
    url: work.connection.url,
    migrationType: 'Liquibase',
    usePercona: await wantsPercona(tx, run, work.dbSchema),
    stepImage: ownImage(run, place),
  })
  const images = { ...(step === undefined ? {} : { step }), ...(source === undefined ? {} : { source }) }
  return {
    ...asked,
    ...(step !== undefined || source !== undefined ? { images } : {}),
  }
}

function sourceImage(account: AccountImages, { source }: PipelineTarget): string | undefined {
  if (source.type === 'script') return undefined
  return source.type === 'git' ? account.gitCloneTag : account.artifactoryTag
}

function ownImage(run: Run, { id, work }: StepNode): string | undefined {
  const text = isDatabaseWork(work) ? work.image : undefined
  if (text === undefined) return undefined
  return checkImage(id, resolvedText(valuesOfRun(run, id), `image of ${id}`, text))
}

function checkImage(node: string, text: string): string {
  const image = imageReferenceSchema.safeParse(text)
  if (image.success) return image.data
  throw new Fault('invalid-input', `The image of ${node} is none: ${image.error.issues[0]?.message ?? text}`)
}

async function wantsPercona(tx: StoreTransaction, run: Run, dbSchema: string): Promise<boolean> {
  const row = await tx
    .selectFrom('db_schema')
    .where('project_id', '=', run.projectId)
    .where('identifier', '=', dbSchema)
    .select('use_percona')
    .executeTakeFirst()
  return row?.use_percona ?? false
}
