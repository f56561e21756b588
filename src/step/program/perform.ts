// Work that opens no database: which of it a spec asks for.
import type { ProgramWork } from '#contract/delegate/program-work'
import type { StepDocument } from '#contract/delegate/step-document'
import type { LogChannel } from '../log/channel.ts'
import type { Masking } from '../log/mask.ts'
import type { Tool } from '../pod/beside.ts'
import type { Outbox } from '../report/outbox.ts'
import type { WorkResult } from '../work/context.ts'

export interface ProgramContext<Work extends ProgramWork = ProgramWork> {
  readonly work: Work
  readonly document: Pick<StepDocument, 'folder' | 'secrets' | 'files' | 'workspace'>
  readonly line: (text: string) => void
  readonly channel: LogChannel
  readonly masking: Masking
  readonly outbox: Pick<Outbox, 'payload'>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** In a pod: the container in which scripts run. */
  readonly tool?: Tool
  /** Tells the manager that it begins: its last chance to say no. Called before anything is done that cannot be undone. */
  readonly begin: () => Promise<void>
  readonly signal: AbortSignal
}

export async function performProgram(context: ProgramContext): Promise<WorkResult> {
  const { work } = context
  if (work.type === 'Http') {
    const { sendRequest } = await import('./http.ts')
    return await sendRequest({ ...context, work })
  }
  if (work.type === 'GitClone') {
    const { cloneRepository } = await import('./clone.ts')
    return await cloneRepository({ ...context, work })
  }
  const { runScript } = await import('./script.ts')
  return await runScript({ ...context, work })
}
