// What a delegate hands to a step on standard input, and the shapes of the files by which both speak in the folder of an attempt.
import { z } from 'zod'
import { rowIdSchema } from '../identifier.ts'
import { faultRecordSchema } from '../fault-schema.ts'
import { finishBodySchema } from './protocol.ts'
import { stepSpecSchema } from './step-spec.ts'

export const testedManagerSchema = z.union([z.object({ detail: z.string() }), z.object({ fault: faultRecordSchema })])
export type TestedManager = z.infer<typeof testedManagerSchema>

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
  /** Opened secrets by their reference: texts, */
  secrets: z.record(z.string(), z.string().max(1_048_576)),
  /** and files, as base64 of their bytes. */
  files: z.record(z.string(), z.base64().max(1_048_576)).default({}),
  /** What came of signing in to secret managers that are tested, by the reference of their connector. */
  tested: z.record(z.string(), testedManagerSchema).default({}),
  /** Absolute path of a private folder for log spool, sources and state. Whoever started the step removes it. */
  folder: z.string().min(1).max(4096),
  /** Absolute path of the folder that the steps of the group share; scripts run in it, and it outlives the attempt. */
  workspace: z.string().min(1).max(4096).optional(),
})
export type StepDocument = z.infer<typeof stepDocumentSchema>

export const stepStateSchema = z.object({
  /** `started` is on disk before the manager is told; `reported`: the manager has the outcome, or refuses to hear it. */
  phase: z.enum(['preparing', 'started', 'reported']),
})
export type StepState = z.infer<typeof stepStateSchema>

export const leaseCountSchema = z.object({ renewed: z.int().nonnegative(), failed: z.int().nonnegative() })
export type LeaseCount = z.infer<typeof leaseCountSchema>

/** The body of `finish` as far as it is known before the last log line was written. */
export const leftResultSchema = finishBodySchema.omit({ logs: true })
export type LeftResult = z.infer<typeof leftResultSchema>
