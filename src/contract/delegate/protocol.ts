// The delegate protocol: HTTPS long poll and plain REST. Offer, accept, start, lease, events, logs, payloads, finish.
// Delegates authenticate with a 10-minute access token, steps with a token for that one attempt. Every write of an attempt
// carries its fence; a stale one answers 409 `stale-fence`. All times are the server's.
import { z } from 'zod'
import { noContentSchema, noParamsSchema } from '../api/scope.ts'
import { changeSetDeploymentStatusSchema, changeSetIdentitySchema } from '../change-set-schema.ts'
import { endpoint } from '../endpoint.ts'
import { faultRecordSchema } from '../fault-schema.ts'
import { epochMillisecondsSchema, rowIdSchema } from '../identifier.ts'
import { streamLimit } from './attempt-folder.ts'
import { capabilitySchema } from './capability.ts'
import { payloadSchema } from './payload.ts'
import { stepSpecSchema } from './step-spec.ts'

/** Seconds; the reasons stand in the delegate reference, section D. */
export const protocolTimes = {
  /**
   * A poll is answered after this time at the latest: below the idle limit of proxies that are set to 30 s, and short enough that
   * `silentSeconds` notices a lost delegate within half a minute.
   */
  pollHoldSeconds: 15,
  /** A delegate that was not heard of for this time is lost. */
  silentSeconds: 25,
  /** An offer that was not accepted in this time is offered again. */
  offerSeconds: 15,
  leaseRenewSeconds: 10,
  leaseSeconds: 45,
  accessTokenSeconds: 600,
  assertionSeconds: 60,
} as const
export const protocolLimits = {
  logChunkBytes: 1_048_576,
  eventsPerRequest: 500,
  payloadBytes: 33_554_432,
  /** Bytes of one stream besides the log. */
  streamBytes: streamLimit,
  /** Streams of one attempt, the log among them. */
  streams: 16,
} as const

const fence = rowIdSchema
const noQuery = z.object({})
const attemptParams = z.object({ attempt: z.string().min(1).max(64) })
const fenceQuery = z.object({ fence })
/** `step` is the log; any other is a large result, such as `sql` or `snapshot`. */
export const streamNameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'Lower-case letters, digits and -.')

/** A secret sealed to the delegate's X25519 key, bound to attempt, fence and reference. */
export const sealedSecretSchema = z.object({
  ref: z.string(),
  /** What the box holds: a text, or the bytes of a file in base64. */
  form: z.enum(['text', 'file']).default('text'),
  box: z.string().describe('base64: ephemeral public key ‖ ciphertext ‖ tag'),
})
export type SealedSecret = z.output<typeof sealedSecretSchema>
/** Where a secret is that the manager never sees: the delegate reads it there. */
export const secretPlaceSchema = z.object({
  ref: z.string(),
  manager: z.object({
    /** As the secret names it. */
    name: z.string(),
    /** Type of its connector, or the name of one of the delegate's own. */
    type: z.string(),
    /** Of its connector; its references are to be found among the secrets of the same answer. */
    spec: z.record(z.string(), z.unknown()),
  }),
  path: z.string().describe('In the manager; what stands behind `#` is a field of what is found there.'),
  test: z.boolean().optional().describe('Nothing is read: only whether the manager takes the sign-in is wanted.'),
})
export type SecretPlace = z.output<typeof secretPlaceSchema>

export const pollReplySchema = z.object({
  offers: z.array(
    z.object({
      attempt: z.string(),
      fence,
      type: z.string(),
      /** Milliseconds since it could have been taken. */
      waited: z.number().default(0),
      /** What the delegate checks before it accepts; one that it cannot give it declines. */
      needs: z.array(capabilitySchema).default([]),
    }),
  ),
  /** Attempts of this delegate that should stop. */
  cancels: z.array(z.object({ attempt: z.string(), graceSeconds: z.int() })),
  drain: z.boolean(),
  nextInMilliseconds: z.int(),
  /** An administrator wants new keys: call `rotateKeys`. */
  rotateKeys: z.boolean().default(false),
})
export type PollReply = z.infer<typeof pollReplySchema>
export const leaseReplySchema = z.object({
  lockedUntil: epochMillisecondsSchema,
  /** Present: cancel the running statement, roll back, report, within the grace. */
  cancel: z.object({ graceSeconds: z.int(), reason: z.string() }).optional(),
})

/** What a step reports while it works. `seq` counts from 1 for each attempt and makes repeats harmless. */
export const stepEventSchema = z.object({
  seq: z.int().positive(),
  at: epochMillisecondsSchema,
  body: z.discriminatedUnion('type', [
    changeSetIdentitySchema.extend({ type: z.literal('change-set.started'), direction: z.enum(['apply', 'rollback']) }),
    changeSetIdentitySchema.extend({
      type: z.literal('change-set.finished'),
      direction: z.enum(['apply', 'rollback']),
      status: changeSetDeploymentStatusSchema,
      /** Milliseconds. */
      duration: z.number(),
      error: z.string().max(16_384).optional(),
      /** SQL that ran, each statement cut at 64 KiB. */
      sql: z.array(z.string()).max(10_000),
      comment: z.string().optional(),
      labels: z.string().optional(),
      tag: z.string().optional(),
      /** The change set as it stands in its file, cut at 64 KiB. */
      definition: z.string().max(65_600).optional(),
    }),
  ]),
})
export type StepEvent = z.infer<typeof stepEventSchema>

export const outcomeSchema = z.enum(['success', 'failure', 'cancelled', 'unknown'])
/** What a Reconcile step found. */
export const reconcileVerdictSchema = z.object({
  /** complete: all that the lost attempt should do is done · resumable: what is missing has not begun · unclear: something began and cannot be judged. */
  verdict: z.enum(['complete', 'resumable', 'unclear']),
  explanation: z.string().max(16_384),
})
export const finishBodySchema = z.object({
  fence,
  outcome: outcomeSchema,
  /** Values for `<+….output.NAME>`: preStartTag, changeSets, sqlCommands. */
  output: z.record(z.string(), z.unknown()),
  fault: faultRecordSchema.optional(),
  reconcile: reconcileVerdictSchema.optional(),
  /** Size and sha-256 (hex) of each stream; the server answers which of them it has less of, and checks the digests afterwards. */
  logs: z.record(streamNameSchema, z.object({ bytes: z.int().nonnegative(), sha256: z.string() })),
})
export type FinishBody = z.infer<typeof finishBodySchema>

const tag = 'Delegate protocol'
const attempt = '/d/v1/attempts/{attempt}'
export const protocol = {
  register: endpoint({
    name: 'register',
    method: 'POST',
    path: '/d/v1/register',
    tag,
    summary: 'Join with a delegate token and public keys',
    access: 'public',
    params: noParamsSchema,
    query: noQuery,
    body: z.object({
      token: z.string().max(512),
      name: z.string().min(1).max(128),
      tags: z.array(z.string().max(128)).max(64),
      version: z.string().max(64),
      signingKey: z.string().max(256).describe('Ed25519 public key, base64url of the raw 32 bytes'),
      sealingKey: z.string().max(256).describe('X25519 public key, base64url of the raw 32 bytes'),
      proof: z
        .string()
        .max(256)
        .describe('Ed25519 signature over `sluice-register-v1|token|signingKey|sealingKey`, base64url'),
    }),
    status: 201,
    reply: z.object({ delegate: z.string(), account: z.string() }),
  }),
  accessToken: endpoint({
    name: 'accessToken',
    method: 'POST',
    path: '/d/v1/token',
    tag,
    summary: 'Exchange a signed assertion for an access token',
    access: 'public',
    params: noParamsSchema,
    query: noQuery,
    body: z.object({
      assertion: z
        .string()
        .max(4096)
        .describe('EdDSA JWT: iss = sub = delegate id, aud = `sluice-manager`, jti, exp ≤ 60 s'),
    }),
    status: 200,
    reply: z.object({ accessToken: z.string(), expiresAt: epochMillisecondsSchema }),
  }),
  poll: endpoint({
    name: 'poll',
    method: 'POST',
    path: '/d/v1/poll',
    tag,
    summary: 'Long poll for offers and cancels',
    access: 'delegate',
    params: noParamsSchema,
    query: noQuery,
    body: z.object({
      instance: z.string().max(64).describe('Random id of this process.'),
      freeSlots: z.int().min(0).max(1000),
      running: z.array(z.string().max(64)).max(1000),
      capacity: z.int().min(0).max(1000),
      holdSeconds: z.int().min(0).max(25).default(15),
      /** The process before this one on the same directory, which is known to be gone: this one may take its place at once. */
      replaces: z.string().max(64).optional(),
      /** Why it takes nothing now although it has slots, in one sentence. */
      pressure: z.string().max(512).optional(),
      pods: z.boolean().optional().describe('Its steps are pods; what those of a group share lies in the cluster.'),
      /** It ends: counted as gone, nothing is offered. */
      leaving: z.boolean().optional(),
    }),
    status: 200,
    reply: pollReplySchema,
  }),
  rotateKeys: endpoint({
    name: 'rotateKeys',
    method: 'POST',
    path: '/d/v1/rotate-keys',
    tag,
    summary: 'Replace the keys of this delegate; the old signing key is good for another day. Repeating it is harmless',
    access: 'delegate',
    params: noParamsSchema,
    query: noQuery,
    body: z.object({
      signingKey: z.string().max(256),
      sealingKey: z.string().max(256),
      proof: z
        .string()
        .max(256)
        .describe('Signature of the new key over `sluice-rotate-v1|delegate|signingKey|sealingKey`, base64url'),
      endorsement: z.string().max(256).describe('Signature of the key before over the same text'),
    }),
    status: 204,
    reply: noContentSchema,
  }),
  endedExecutions: endpoint({
    name: 'endedExecutions',
    method: 'POST',
    path: '/d/v1/executions/ended',
    tag,
    summary: 'Which of these executions are over, so that what their steps shared can go',
    access: 'delegate',
    params: noParamsSchema,
    query: noQuery,
    body: z.object({ executions: z.array(z.string().min(1).max(64)).max(500) }),
    status: 200,
    reply: z.object({ ended: z.array(z.string()).describe('Those of projects that this delegate works for.') }),
  }),
  decline: endpoint({
    name: 'decline',
    method: 'POST',
    path: `${attempt}/decline`,
    tag,
    summary: 'Say why this delegate cannot take an offered attempt; it is offered to others at once',
    access: 'delegate',
    params: attemptParams,
    query: noQuery,
    body: z.object({
      fence,
      reason: z.string().min(1).max(2048),
      /** Seconds until it may be offered to this delegate again. */
      seconds: z.int().min(1).max(86_400),
    }),
    status: 204,
    reply: noContentSchema,
  }),
  accept: endpoint({
    name: 'accept',
    method: 'POST',
    path: `${attempt}/accept`,
    tag,
    summary:
      'Take an offered attempt; bumps the fence. The same process may ask again until it has started; 409 when another has it',
    access: 'delegate',
    params: attemptParams,
    query: noQuery,
    body: z.object({ fence, instance: z.string().max(64) }),
    status: 200,
    reply: z.object({
      spec: stepSpecSchema,
      fence,
      attemptToken: z.string(),
      secrets: z.array(sealedSecretSchema),
      /** Absent from a manager that knows only the built-in store. */
      places: z.array(secretPlaceSchema).default([]),
      lockedUntil: epochMillisecondsSchema,
    }),
  }),
  /** The last chance to be told no: after this the attempt is never re-queued by a lost lease. */
  start: endpoint({
    name: 'start',
    method: 'POST',
    path: `${attempt}/start`,
    tag,
    summary: 'The step is about to open the target',
    access: 'attempt',
    params: attemptParams,
    query: noQuery,
    body: z.object({ fence }),
    status: 200,
    reply: leaseReplySchema,
  }),
  lease: endpoint({
    name: 'lease',
    method: 'POST',
    path: `${attempt}/lease`,
    tag,
    summary: 'Renew the lease',
    access: 'attempt',
    params: attemptParams,
    query: noQuery,
    body: z.object({ fence }),
    status: 200,
    reply: leaseReplySchema,
  }),
  events: endpoint({
    name: 'events',
    method: 'POST',
    path: `${attempt}/events`,
    tag,
    summary: 'Report events, idempotent by seq',
    access: 'attempt',
    params: attemptParams,
    query: noQuery,
    body: z.object({ fence, events: z.array(stepEventSchema).max(500) }),
    maxBytes: 33_554_432,
    status: 200,
    reply: z.object({ acceptedThrough: z.int() }),
  }),
  payload: endpoint({
    name: 'payload',
    method: 'POST',
    path: `${attempt}/payload`,
    tag,
    summary: 'Post a large result',
    access: 'attempt',
    params: attemptParams,
    query: noQuery,
    body: z.object({ fence, payload: payloadSchema }),
    maxBytes: 33_554_432,
    status: 204,
    reply: noContentSchema,
  }),
  appendLog: endpoint({
    name: 'appendLog',
    method: 'PUT',
    path: `${attempt}/logs/{stream}`,
    tag,
    summary:
      'Append bytes of the log (`step`) or of a large result at an offset (gzip when Content-Encoding says so); 416 tells that another offset is committed',
    access: 'attempt',
    params: attemptParams.extend({ stream: streamNameSchema }),
    query: fenceQuery.extend({ offset: z.coerce.number().int().min(0) }),
    rawBody: { contentType: 'application/octet-stream', maxBytes: 1_048_576 },
    status: 200,
    reply: z.object({ committed: z.int() }),
  }),
  committedLog: endpoint({
    name: 'committedLog',
    method: 'GET',
    path: `${attempt}/logs/{stream}/committed`,
    tag,
    summary: 'Committed offset of a stream',
    access: 'attempt',
    params: attemptParams.extend({ stream: streamNameSchema }),
    query: fenceQuery,
    status: 200,
    reply: z.object({ committed: z.int() }),
  }),
  readReference: endpoint({
    name: 'readReference',
    method: 'GET',
    path: `${attempt}/reference`,
    tag,
    summary: 'The snapshot that a comparison was told to compare with, from a byte offset',
    access: 'attempt',
    params: attemptParams,
    query: fenceQuery.extend({ offset: z.coerce.number().int().min(0).default(0) }),
    status: 200,
    reply: z.object({ text: z.string(), nextOffset: z.int(), closed: z.boolean() }),
  }),
  finish: endpoint({
    name: 'finish',
    method: 'POST',
    path: `${attempt}/finish`,
    tag,
    summary:
      'Report the outcome, once; repeating the same is harmless. Also sent by the delegate with outcome unknown when the process died',
    access: 'attempt',
    params: attemptParams,
    query: noQuery,
    body: finishBodySchema,
    maxBytes: 4_194_304,
    status: 200,
    reply: z.object({
      accepted: z.boolean(),
      missingLogs: z
        .record(z.string(), z.int())
        .describe('Streams of which the server has less, with its committed offset.'),
    }),
  }),
}
