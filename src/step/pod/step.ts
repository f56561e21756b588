// `sluice pod step`: the same step as in a process, told by a file, with its changelog there already.
import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { podPaths, sourceFiles } from '#contract/delegate/pod-folder'
import { bootStep, type StepPorts } from '../boot.ts'
import { openTool, type Tool, toolIsThere } from './beside.ts'
import { type PodPorts, readPodDocument } from './document.ts'
import { readForeign } from './read.ts'
import { writePodResult } from './result.ts'

/** Bytes of what was said while the changelog was fetched: the last ones. */
const sourceLogLimit = 1_048_576

/** See `bootStep`. */
export async function runPodStep(ports: Omit<StepPorts, 'input' | 'prepared'>, pod: PodPorts): Promise<number> {
  const { root } = pod
  const text = await readPodDocument('step', pod)
  const document = Buffer.from(text, 'utf8')
  const tool = await findTool(text, pod)
  async function* input(): AsyncIterable<Uint8Array> {
    yield document
  }
  const source = join(root, podPaths.source)
  const fetched = join(source, sourceFiles.fetched)
  const files = join(fetched, sourceFiles.root)
  for (const folder of [fetched, files]) await refuseLink(folder)
  const booted = bootStep({
    ...ports,
    input: input(),
    prepared: {
      root: files,
      lines: async () => {
        const said = await readForeign(join(source, sourceFiles.log), sourceLogLimit, 'last')
        return said.split('\n').filter((line) => line !== '')
      },
      left: (phase, result) => writePodResult(root, { phase, ...(result ? { result } : {}) }, shortened(phase, result)),
      ...(tool ? { tool } : {}),
    },
  })
  return await booted.finally(() => tool?.end())
}

/** A script may have put a link in place of its folder, which would lead into this container. Work without a changelog has none. */
async function refuseLink(folder: string): Promise<void> {
  const status = await lstat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!status?.isSymbolicLink()) return
  throw new Error(`${folder} is a link: what wrote the changelog must leave the folder in place.`)
}

/** Waits for it: nothing was begun and nobody told, so when it does not come, the delegate says why. */
async function findTool(document: string, pod: PodPorts): Promise<Tool | undefined> {
  const { spec } = JSON.parse(document) as { spec?: { images?: { step?: unknown }; work?: { script?: unknown } } }
  if (spec?.images?.step === undefined && spec?.work?.script === undefined) return undefined
  // Loaded only here: people wait for the first line of a step.
  const { needsTool, stepSpecSchema } = await import('#contract/delegate/step-spec')
  if (!needsTool(stepSpecSchema.parse(spec))) return undefined
  await toolIsThere(pod)
  return openTool(pod)
}

/** Without what may be long: the manager has been told, or is going to be, by the step itself. */
function shortened(phase: string, result: Parameters<NonNullable<StepPorts['prepared']>['left']>[1]): unknown {
  if (!result) return { phase }
  const { fence, outcome, fault } = result
  const short = fault ? { fault: { ...fault, message: fault.message.slice(0, 500), diagnostics: undefined } } : {}
  return { phase, result: { fence, outcome, output: {}, ...short } }
}
