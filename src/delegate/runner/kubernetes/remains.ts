// What the delegate keeps of a pod in the folder of its attempt, so that settling an attempt is the same as for a process: the
// phase and the outcome that the pod left, and the words of what went wrong before the step could speak for itself.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { attemptFiles, logSegmentName } from '#contract/delegate/attempt-folder'
import { type PodResult, sourceFailureSchema } from '#contract/delegate/pod-folder'
import { Fault, type FaultCode, faultKinds, toFaultRecord } from '#contract/fault'

const recordSchema = z.object({ namespace: z.string(), name: z.string() })
export type PodRecord = z.infer<typeof recordSchema>
const recordFile = 'pod.json'

/** Written before the pod is made: from then on, no pod does not mean no work. */
export const writePodRecord = (folder: string, record: PodRecord): Promise<void> =>
  writeFile(join(folder, recordFile), JSON.stringify(record), { mode: 0o600 })

export async function readPodRecord(folder: string): Promise<PodRecord | undefined> {
  try {
    return recordSchema.parse(JSON.parse(await readFile(join(folder, recordFile), 'utf8')))
  } catch {
    return undefined
  }
}

const put = (folder: string, name: string, text: string): Promise<void> =>
  writeFile(join(folder, name), text, { mode: 0o600 })

/** `undefined`: nobody knows how far it was, which counts as begun. */
export async function writeLeft(folder: string, left: PodResult | undefined): Promise<void> {
  const { phase, result } = left ?? { phase: 'started' as const, result: undefined }
  if (result) await put(folder, attemptFiles.result, JSON.stringify(result))
  await put(folder, attemptFiles.state, JSON.stringify({ phase }))
}

/** A fault that the fetching container told, or the last words of a script in its place; undefined when there are none. */
export function readSourceFailure(text: string | undefined): Fault | undefined {
  if (text?.startsWith('exit code '))
    return new Fault(
      'source-unreachable',
      `The script that writes the changelog failed: ${text.trim().slice(0, 3000)}`,
      {
        hint: 'Its words stand above; try it with the same image and shell.',
      },
    )
  try {
    const { code, message } = sourceFailureSchema.parse(JSON.parse(text ?? ''))
    return code in faultKinds ? new Fault(code as FaultCode, message) : undefined
  } catch {
    return undefined
  }
}

/** The step never ran: its failure has a name, which is better than that its process died. */
export async function writeFailure(folder: string, fence: string, fault: Fault): Promise<void> {
  const outcome = fault.code === 'cancelled' ? ('cancelled' as const) : ('failure' as const)
  await writeLeft(folder, { phase: 'preparing', result: { fence, outcome, output: {}, fault: toFaultRecord(fault) } })
}

/** Lines for people, where the step had no log yet. */
export async function writeLines(folder: string, now: number, lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return
  const at = new Date(now).toISOString()
  await put(folder, logSegmentName(0), lines.map((line) => `${at} ${line.replaceAll('\n', ' ')}\n`).join(''))
}
