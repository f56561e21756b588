// What the pod of a step consists of: our own images or those that account and step name, and how an image of others is started.
import { isOwnImage } from '#contract/image'
import { isScriptWork } from '#contract/delegate/program-work'
import { changelogScriptOf, sharesFolder, type StepSpec, toolImage } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import type { EntrypointOf } from './entrypoint.ts'
import type { PodInput } from './pod.ts'
import type { KubernetesSettings } from './settings.ts'

export type PodPlan = Pick<PodInput, 'images' | 'tool' | 'script' | 'clones'> & {
  /** The group whose folder is mounted. */
  readonly group: NonNullable<StepSpec['workspace']> | undefined
}

/** The second container. A script is started by what the step tells it; a stock image as its own entry point says. */
async function toolOf(spec: StepSpec, own: string, entrypointOf: EntrypointOf): Promise<PodPlan['tool']> {
  const { work } = spec
  if (isScriptWork(work)) return { image: work.image ?? own, entrypoint: [] }
  const image = toolImage(spec)
  return image === undefined ? undefined : { image, entrypoint: await entrypointOf(image) }
}

/** Raises Fault `invalid-input` with what the administrator or the account has to change. */
export async function planPod(
  spec: StepSpec,
  settings: KubernetesSettings,
  entrypointOf: EntrypointOf,
): Promise<PodPlan> {
  const { images = {}, workspace } = spec
  const script = changelogScriptOf(spec)
  const stock = toolImage(spec)
  if (images.source !== undefined && !isOwnImage(images.source))
    throw new Fault('invalid-input', `The image ${images.source} cannot fetch a changelog here.`, {
      hint: 'Reset gitCloneTag and artifactoryTag of the image configuration, or name a copy of our own image.',
    })
  const clones = sharesFolder(spec.work) && !isScriptWork(spec.work)
  if ((script || sharesFolder(spec.work)) && workspace && !settings.workspace)
    throw new Fault(
      'invalid-input',
      `The steps of ${workspace.group} share a folder, which this delegate does not offer.`,
      {
        hint: 'Its administrator has to set `workspace` in the settings of Kubernetes.',
      },
    )
  const named = stock === undefined && images.step !== undefined && isOwnImage(images.step) ? images.step : undefined
  return {
    images: {
      // The image that fetches has git.
      step: clones ? settings.images.source : (named ?? settings.images.step),
      source: images.source ?? settings.images.source,
    },
    tool: await toolOf(spec, settings.images.step, entrypointOf),
    script,
    clones,
    group: settings.workspace ? workspace : undefined,
  }
}
