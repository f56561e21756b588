// What the pod of a step consists of: our own images or those that account and step name, and how an image of others is started.
import { isOwnImage } from '#contract/image'
import { isScriptWork } from '#contract/delegate/program-work'
import { changelogScriptOf, sharesFolder, type StepSpec, toolImage } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import type { PodInput } from './pod.ts'
import type { KubernetesSettings } from './settings.ts'

export type PodPlan = Pick<PodInput, 'images' | 'tool' | 'script' | 'clones'> & {
  /** The group whose folder is mounted. */
  readonly group: NonNullable<StepSpec['workspace']> | undefined
}

/** The name of an image without tag and digest. */
export const repositoryOf = (image: string): string =>
  image.replace(/@sha256:[0-9a-f]{64}$/, '').replace(/:[^:/]*$/, '')

/** The second container. A script is started by what the step tells it; a stock image as its own entry point says. */
function toolOf(spec: StepSpec, { images }: KubernetesSettings): PodPlan['tool'] {
  const { work } = spec
  if (isScriptWork(work)) return { image: work.image ?? images.step, entrypoint: [] }
  const image = toolImage(spec)
  if (image === undefined) return undefined
  const entrypoint = images.entrypoints[repositoryOf(image)]
  if (entrypoint !== undefined) return { image, entrypoint }
  throw new Fault('invalid-input', `How the image ${image} is started is not known.`, {
    hint: `Name its entry point in the settings of the delegate, images.entrypoints, under ${repositoryOf(image)}.`,
  })
}

/** Raises Fault `invalid-input` with what the administrator or the account has to change. */
export function planPod(spec: StepSpec, settings: KubernetesSettings): PodPlan {
  const { images = {}, workspace } = spec
  const script = changelogScriptOf(spec)
  const tool = toolOf(spec, settings)
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
  return {
    images: {
      step:
        stock === undefined && images.step !== undefined && isOwnImage(images.step)
          ? images.step
          : settings.images.step,
      source: images.source ?? settings.images.source,
    },
    tool,
    script,
    clones,
    group: settings.workspace ? workspace : undefined,
  }
}
