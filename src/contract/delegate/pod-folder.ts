// Where things lie in the pod of a step, and what its containers write for the delegate to read. Said once, for both sides.
import { z } from 'zod'
import { sourceSpecSchema } from './step-spec.ts'
import { leftResultSchema, stepDocumentSchema, stepStateSchema } from './step-document.ts'

export const podPaths = {
  /** Folder of a secret: what a container is told. */
  document: '/sluice/document',
  /** What was fetched. */
  source: '/sluice/source',
  /** Private folder of the step: log spool and state. */
  work: '/sluice/work',
  /** Private key of a container, in memory. */
  key: '/sluice/key',
  /** The same, where they are made. */
  sourceKey: '/sluice/source-key',
  stepKey: '/sluice/step-key',
  /** By which the step speaks with the container beside it, in memory. */
  beside: '/sluice/beside',
  /** Files that the container beside it writes. */
  tool: '/sluice/tool',
  /** What the steps of a group share, and the name by which pipelines of the original product know it. */
  workspace: '/workspace',
  workspaceAlias: '/harness',
  /** Authorities that are trusted in addition. */
  authority: '/sluice/authority',
  /** What the step shows the manager: the files of a Secret of type kubernetes.io/tls. */
  certificate: '/sluice/certificate',
  /** Read by the kubelet when the container ends, however it ends: at most 4,096 bytes reach the delegate. */
  result: '/dev/termination-log',
} as const

/** Names in a document folder: plain, or sealed to the key of the container. */
export const podFiles = { document: 'document.json', sealed: 'document.box', key: 'key' } as const

/** Names in the source folder. */
export const sourceFiles = { fetched: 'fetched', root: 'tree', log: 'fetched.log' } as const

/** Names in the folder beside: `N` counts runs from 1. Written whole, or under another name first. */
export const besideFiles = {
  /** The container is there. */
  ready: 'ready',
  /** Nothing more comes; it ends. */
  end: 'end',
  /** What a run is: shell that sets variables. */
  run: (run: number): string => `run-${run}`,
  /** Present: stop it. */
  stop: (run: number): string => `stop-${run}`,
  /** Pipe of its output. */
  output: (run: number): string => `output-${run}`,
  /** It has opened the pipe. */
  begun: (run: number): string => `begun-${run}`,
  /** Its exit status as a number. */
  exit: (run: number): string => `exit-${run}`,
} as const

/** What the source container is told: how to fetch, if there is anything, and the opened secrets that are for that. */
export const sourceDocumentSchema = stepDocumentSchema
  .pick({ secrets: true, files: true })
  .extend({ source: sourceSpecSchema.optional() })
export type SourceDocument = z.output<typeof sourceDocumentSchema>

/** Public halves of the keys that a pod made, X25519 in base64url. */
export const preparedSchema = z.object({ source: z.string().max(64), step: z.string().max(64) })

/** What the step container leaves. `result` is cut to fit; the manager has the whole. */
export const podResultSchema = z.object({
  phase: stepStateSchema.shape.phase,
  result: leftResultSchema.optional(),
})
export type PodResult = z.infer<typeof podResultSchema>

/** What the source container leaves when it fails. */
export const sourceFailureSchema = z.object({ code: z.string().max(64), message: z.string().max(3000) })
