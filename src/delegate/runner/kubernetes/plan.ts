// What the pod of a step consists of: our own images or those that account and step name, and how an image of others is started.
import { isOwnImage } from '#contract/image'
import { changelogScriptOf, type StepSpec, toolImage } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import type { PodInput } from './pod.ts'
import type { KubernetesSettings } from './settings.ts'

export type PodPlan = Pick<PodInput, 'images' | 'tool' | 'script'> & {
  /** The group whose folder the containers of others get. */
  readonly group: NonNullable<StepSpec['workspace']> | undefined
}

/** The name of an image without tag and digest. */
export const repositoryOf = (image: string): string =>
  image.replace(/@sha256:[0-9a-f]{64}$/, '').replace(/:[^:/]*$/, '')

/** Raises Fault `invalid-input` with what the administrator or the account has to change. */
export function planPod(spec: StepSpec, settings: KubernetesSettings): PodPlan {
  const { images = {}, workspace } = spec
  const script = changelogScriptOf(spec)
  const image = toolImage(spec)
  const entrypoint = image === undefined ? undefined : settings.images.entrypoints[repositoryOf(image)]
  if (image !== undefined && entrypoint === undefined)
    throw new Fault('invalid-input', `How the image ${image} is started is not known.`, {
      hint: `Name its entry point in the settings of the delegate, images.entrypoints, under ${repositoryOf(image)}.`,
    })
  if (images.source !== undefined && !isOwnImage(images.source))
    throw new Fault('invalid-input', `The image ${images.source} cannot fetch a changelog here.`, {
      hint: 'Reset gitCloneTag and artifactoryTag of the image configuration, or name a copy of our own image.',
    })
  const isForeign = script !== undefined || image !== undefined
  if (script && workspace && !settings.workspace)
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
        image === undefined && images.step !== undefined && isOwnImage(images.step)
          ? images.step
          : settings.images.step,
      source: images.source ?? settings.images.source,
    },
    tool: image === undefined || entrypoint === undefined ? undefined : { image, entrypoint },
    script,
    group: isForeign && settings.workspace ? workspace : undefined,
  }
}
