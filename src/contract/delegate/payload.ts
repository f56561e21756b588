// Large reports of a step, which the manager keeps whole.
import { z } from 'zod'
import { changeSetOnInstanceSchema, planPayloadSchema } from '../change-set-schema.ts'
import { variableNamePattern } from './program-work.ts'

/** An object of a database as a snapshot holds it. */
export const snapshotObjectSchema = z.object({
  /** `Table`, `View`, `Index`, … */
  type: z.string().min(1).max(64),
  name: z.string().min(1).max(512),
  value: z.record(z.string(), z.unknown()),
})
export type SnapshotObject = z.infer<typeof snapshotObjectSchema>

export const payloadSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('plan'), plan: planPayloadSchema }),
  /**
   * The tag that marks the state before an apply, told before its first change. It must be known even when the apply fails or is
   * lost, because a rollback goes back to it and an attempt that goes on keeps it.
   */
  z.object({ kind: z.literal('anchor'), preStartTag: z.string().min(1).max(255) }),
  /** Outputs that are secrets, by name: kept sealed, and given to later steps of the run only. */
  z.object({
    kind: z.literal('secret-output'),
    values: z.record(z.string().regex(variableNamePattern), z.string().max(65_536)),
  }),
  /** The whole changelog on this instance, in order: fills the change set × instance matrix. */
  z.object({
    kind: z.literal('change-sets'),
    changeSets: z.array(changeSetOnInstanceSchema),
    lastTag: z.string().optional(),
  }),
  /** Some of the objects of a snapshot; the parts come in order, and `last` makes the snapshot complete. */
  z.object({ kind: z.literal('snapshot'), objects: z.array(snapshotObjectSchema).max(2000), last: z.boolean() }),
])
export type Payload = z.infer<typeof payloadSchema>
