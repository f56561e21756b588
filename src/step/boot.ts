// The first milliseconds of `sluice step`: reads its document, opens the log and sends the first line, then loads the rest.
// Imports nothing heavy: a person who started a run waits for that line.
import { mkdirSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { stepDocumentLimit } from '#contract/delegate/attempt-folder'
import type { Fetch } from '#contract/client'
import type { LeftResult, StepState } from '#contract/delegate/step-document'
import { isPlain, readOutward } from '#outward/setting'
import type { Tool } from './pod/beside.ts'
import { createStreams, type Streams } from './log/stream.ts'
import { type LogChannel, openLogChannel } from './log/channel.ts'
import type { Secret } from './log/encoding.ts'
import { createMasking, type Masking } from './log/mask.ts'
import { createLogSender } from './log/send.ts'
import { openSpool, type Spool } from './log/spool.ts'
import { startUpload, type Upload } from './log/upload.ts'

/** What the step may use of its process. */
export interface StepPorts {
  readonly input: AsyncIterable<Uint8Array>
  readonly environment: Readonly<Record<string, string | undefined>>
  /** In [0, 1). */
  readonly random: () => number
  /** Aborted by SIGTERM. */
  readonly terminate: AbortSignal
  readonly processId: number
  /** In a pod, whose other containers did part of the work. */
  readonly prepared?: {
    /** Folder with the fetched files. */
    readonly root: string
    /** What was said while they were fetched. */
    readonly lines: () => Promise<readonly string[]>
    /** Tells how far the step is where it can be read after its end. */
    readonly left: (phase: StepState['phase'], result?: LeftResult) => void
    /** A container with an image of somebody else that does the work. */
    readonly tool?: Tool
  }
}

/** An open log on its way to the manager. */
export interface StepLog {
  readonly channel: LogChannel
  readonly masking: Masking
  readonly spool: Spool
  readonly upload: Upload
  /** Further streams beside the log. */
  readonly streams: Streams
}

/** As much of the document as the log needs; the whole of it is checked afterwards. */
interface Beginning {
  readonly managerUrl: string
  readonly attemptToken: string
  readonly fence: string
  readonly folder: string
  readonly attempt: string
  readonly title: string
  readonly secrets: readonly Secret[]
}

async function readAll(input: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of input) {
    bytes += part.length
    if (bytes > stepDocumentLimit) throw new Error(`The document has more than ${stepDocumentLimit} bytes.`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** Never quotes the document: it is full of secrets. */
function parseDocument(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('The document on standard input is not complete JSON.')
  }
}

function titleOf(work: Record<string, unknown>, field: (from: unknown, name: string) => string): string {
  const type = field(work, 'type')
  if (work['subject'] !== undefined) return `${type} of ${field(work, 'subject')}`
  return work['dbInstance'] === undefined
    ? type
    : `${type} of ${field(work, 'dbSchema')} on ${field(work, 'dbInstance')}`
}

function readBeginning(document: unknown): Beginning {
  function field(from: unknown, name: string): string {
    const value = isRecord(from) ? from[name] : undefined
    if (typeof value === 'string' && value !== '') return value
    throw new Error(`The document on standard input has no ${name}.`)
  }
  const top = isRecord(document) ? document : {}
  const spec = isRecord(top['spec']) ? top['spec'] : {}
  const work = isRecord(spec['work']) ? spec['work'] : {}
  const folder = field(top, 'folder')
  if (!isAbsolute(folder)) throw new Error('The folder in the document is not absolute.')
  const attemptToken = field(top, 'attemptToken')
  const texts = (name: string): string[] =>
    Object.values(isRecord(top[name]) ? top[name] : {}).filter((one) => typeof one === 'string')
  const files = texts('files').map((base64) => Buffer.from(base64, 'base64'))
  return {
    managerUrl: field(top, 'managerUrl'),
    attemptToken,
    fence: field(top, 'fence'),
    folder,
    attempt: field(spec, 'attempt'),
    title: titleOf(work, field),
    secrets: [
      ...texts('secrets'),
      ...files,
      attemptToken,
      ...userInfo(work),
      ...userInfo(work['source']),
      ...userInfo(work['connection']),
      ...userInfo(work['artifacts']),
      ...userInfo(work['registry']),
      ...userInfo(isRecord(work['reference']) ? work['reference']['connection'] : undefined),
    ],
  }
}

/** Passwords that somebody put into an address. */
function userInfo(from: unknown): string[] {
  const url = isRecord(from) && typeof from['url'] === 'string' ? from['url'] : ''
  const written = /^[a-z][a-z0-9+.:-]*:\/\/[^/?#@:]*:([^/?#@]*)@/i.exec(url)?.[1]
  const parameter = /[?&;]password=([^&;#]*)/i.exec(url)?.[1]
  return [written, parameter].filter((text) => text !== undefined).flatMap((text) => [text, decoded(text)])
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Undefined where Node's own requests do. Loaded only where they do not: the first line is waited for. */
function openWay(environment: StepPorts['environment']): Promise<Fetch> | undefined {
  const settings = readOutward(environment)
  const nodeTrusts = environment['NODE_EXTRA_CA_CERTS']
  if (isPlain(settings, nodeTrusts)) return undefined
  return import('#outward/fetch').then(({ openFetch }) => openFetch(settings, nodeTrusts))
}

function openLog(beginning: Beginning, { random, environment }: StepPorts): StepLog {
  mkdirSync(beginning.folder, { recursive: true, mode: 0o700 })
  const masking = createMasking(beginning.secrets)
  const way = openWay(environment)
  const elapsed = (): number => performance.now()
  const spool = openSpool(beginning.folder)
  const upload = startUpload({
    spool,
    sender: createLogSender(beginning, way),
    random,
    elapsed,
  })
  const channel = openLogChannel({ masking, spool, now: () => Date.now(), onAppend: () => upload.wake() })
  const streams = createStreams({
    folder: beginning.folder,
    masking,
    random,
    elapsed,
    senderOf: (name) => createLogSender(beginning, way, name),
    line: (text) => channel.line(text),
  })
  return { channel, masking, spool, upload, streams }
}

/**
 * Does the work of one attempt and reports it. The exit code: 0 when the manager has the outcome, whatever it is; 1 when it
 * could not be told. Raises an error when the document cannot be used; then nothing was begun and nobody was told.
 */
export async function bootStep(ports: StepPorts): Promise<number> {
  const document = parseDocument(await readAll(ports.input))
  const beginning = readBeginning(document)
  const log = openLog(beginning, ports)
  log.channel.line(`Step started: ${beginning.title}, attempt ${beginning.attempt}, process ${ports.processId}`)
  const { runStep } = await import('./run.ts')
  return await runStep(document, log, ports)
}
