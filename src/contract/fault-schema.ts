// Faults as they travel; apart from the class, so that a command that sends none does not load zod.
import { z } from 'zod'
import { diagnosticSchema } from './diagnostic-schema.ts'
import { type ErrorBody, type FaultCode, faultKinds, type FaultRecord } from './fault.ts'

export const faultCodeSchema = z.enum(Object.keys(faultKinds) as [FaultCode, ...FaultCode[]])

/** A fault as it travels in events, results and the store. */
export const faultRecordSchema = z.object({
  code: faultCodeSchema,
  message: z.string().max(16_384),
  hint: z.string().max(4096).optional(),
  databaseCode: z.string().max(64).optional(),
  diagnostics: z.array(diagnosticSchema).max(1000).optional(),
}) satisfies z.ZodType<FaultRecord>

/**
 * The one error body of every HTTP answer: `message` for the DBOps clients, `status`, `code` and `responseMessages` for
 * the platform clients, `hint` and `diagnostics` for people. `correlationId` finds the log line.
 */
export const errorBodySchema = z.object({
  status: z.literal('ERROR'),
  code: z.string(),
  message: z.string(),
  hint: z.string().optional(),
  correlationId: z.string(),
  diagnostics: z.array(diagnosticSchema).optional(),
  responseMessages: z.array(z.object({ code: z.string(), level: z.literal('ERROR'), message: z.string() })),
}) satisfies z.ZodType<ErrorBody>
