// `sluice pod step`: the same step as in a process, told by a file, with its changelog there already.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { podPaths, sourceFiles } from '#contract/delegate/pod-folder'
import { bootStep, type StepPorts } from '../boot.ts'
import { type PodPorts, readPodDocument } from './document.ts'
import { writePodResult } from './result.ts'

/** See `bootStep`. */
export async function runPodStep(ports: Omit<StepPorts, 'input' | 'prepared'>, pod: PodPorts): Promise<number> {
  const { root } = pod
  const document = Buffer.from(await readPodDocument('step', pod), 'utf8')
  async function* input(): AsyncIterable<Uint8Array> {
    yield document
  }
  const source = join(root, podPaths.source)
  return await bootStep({
    ...ports,
    input: input(),
    prepared: {
      root: join(source, sourceFiles.fetched, sourceFiles.root),
      lines: async () => {
        const text = await readFile(join(source, sourceFiles.log), 'utf8').catch(() => '')
        return text.split('\n').filter((line) => line !== '')
      },
      left: (phase, result) => writePodResult(root, { phase, ...(result ? { result } : {}) }, shortened(phase, result)),
    },
  })
}

/** Without what may be long: the manager has been told, or is going to be, by the step itself. */
function shortened(phase: string, result: Parameters<NonNullable<StepPorts['prepared']>['left']>[1]): unknown {
  if (!result) return { phase }
  const { fence, outcome, fault } = result
  const short = fault ? { fault: { ...fault, message: fault.message.slice(0, 500), diagnostics: undefined } } : {}
  return { phase, result: { fence, outcome, output: {}, ...short } }
}
