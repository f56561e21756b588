// What a step leaves in its folder for the delegate, should it die: how far it was, and what it was about to report.
import { open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { attemptFiles, scriptFile } from '#contract/delegate/attempt-folder'
import { identifyProcess } from '#contract/delegate/process-identity'
import type { LeftResult, StepState } from '#contract/delegate/step-document'

/** Replaces a file so that a reader sees the old or the new one; with `sync` also after a power cut. */
async function replaceFile(path: string, text: string, sync: boolean): Promise<void> {
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    await file.writeFile(text)
    if (sync) await file.sync()
  } finally {
    await file.close()
  }
  await rename(`${path}.new`, path)
}

/** Only `started` must survive a power cut: without it a delegate would say that nothing was changed. */
export const writePhase = (folder: string, phase: StepState['phase']): Promise<void> =>
  replaceFile(join(folder, attemptFiles.state), JSON.stringify({ phase } satisfies StepState), phase === 'started')

/** Counts for the metrics of the delegate; a reader that comes in between sees no file, which is no harm. */
export function countRenewals(folder: string): (ok: boolean) => void {
  const count = { renewed: 0, failed: 0 }
  let writing = Promise.resolve()
  return (ok) => {
    count[ok ? 'renewed' : 'failed'] += 1
    const text = JSON.stringify(count)
    writing = writing.then(() => replaceFile(join(folder, attemptFiles.lease), text, false)).catch(() => {})
  }
}

/** Whoever kills this process can then kill the script as well. */
export async function writeScriptProcess(folder: string, processId: number): Promise<void> {
  const identity = (await identifyProcess(processId)) ?? ''
  await replaceFile(join(folder, scriptFile.process), JSON.stringify({ processId, identity }), false)
}

export const writeResult = (folder: string, result: LeftResult): Promise<void> =>
  replaceFile(join(folder, attemptFiles.result), JSON.stringify(result), false)
