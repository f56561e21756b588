// What a delegate hands to a step on standard input, and the files by which both speak in the folder of an attempt.
import { z } from 'zod'
import { rowIdSchema } from '../identifier.ts'
import { finishBodySchema } from './protocol.ts'
import { stepSpecSchema } from './step-spec.ts'

/**
 * The one JSON document that `sluice step` reads. It holds opened secrets and the token of the attempt, which is why it
 * travels through a pipe and never through arguments, environment or a file.
 */
export const stepDocumentSchema = z.object({
  /** Without a slash at the end. */
  managerUrl: z.string().max(2048),
  attemptToken: z.string().min(1).max(8192),
  fence: rowIdSchema,
  spec: stepSpecSchema,
  /** Opened secrets by their reference. */
  secrets: z.record(z.string(), z.string().max(1_048_576)),
  /** Absolute path of a private folder for log spool, sources and state. Whoever started the step removes it. */
  folder: z.string().min(1).max(4096),
})
export type StepDocument = z.infer<typeof stepDocumentSchema>

/** Bytes. */
export const stepDocumentLimit = 8_388_608

/** Names inside the folder of an attempt. The step writes them; a delegate reads them when the step died. */
export const attemptFiles = {
  /** `StepState` as JSON, replaced atomically. */
  state: 'state.json',
  /** `LeftResult` as JSON: the outcome, written before it is reported. */
  result: 'result.json',
  /** Masked log bytes, one file for each segment: `log-` and the start offset in 15 digits. */
  logPrefix: 'log-',
  /** Checked-out sources; may hold anything and is worth nothing afterwards. */
  source: 'source',
} as const

export const stepStateSchema = z.object({
  /** `started` is on disk before the manager is told; `reported`: the manager has the outcome, or refuses to hear it. */
  phase: z.enum(['preparing', 'started', 'reported']),
})
export type StepState = z.infer<typeof stepStateSchema>

/** The body of `finish` as far as it is known before the last log line was written. */
export const leftResultSchema = finishBodySchema.omit({ logs: true })
export type LeftResult = z.infer<typeof leftResultSchema>

export const logSegmentName = (startOffset: number): string =>
  attemptFiles.logPrefix + String(startOffset).padStart(15, '0')

/** Start offset of a segment file; undefined for any other file. */
export function logSegmentStart(name: string): number | undefined {
  return /^log-\d{15}$/.test(name) ? Number(name.slice(attemptFiles.logPrefix.length)) : undefined
}
