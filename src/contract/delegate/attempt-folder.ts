// Names in the folder of an attempt. The step writes them; a delegate reads them when the step died. Imports nothing, because
// a step needs it for its first log line.

export const attemptFiles = {
  /** `StepState` as JSON, replaced atomically. Absent: nothing was begun. */
  state: 'state.json',
  /** `LeftResult` as JSON: the outcome, written when every other report has arrived and before it is told itself. */
  result: 'result.json',
  /** `LeaseCount` as JSON: how often the lease was renewed, for the metrics of the delegate. */
  lease: 'lease.json',
  /** Masked log bytes, one file for each segment: `log-` and the start offset in 15 digits. */
  logPrefix: 'log-',
  /** Bytes of a large result, as those of the log; then its name. */
  streamPrefix: 'stream-',
  /** Checked-out sources; may hold anything and is worth nothing afterwards. */
  source: 'source',
} as const

/** Of a step that runs a script. */
export const scriptFile = {
  /** Private; holds the script and what it gave, and is gone when it has ended. */
  folder: 'script',
  /** Where it runs. */
  workspace: 'workspace',
  /** `ScriptProcess` as JSON: the leader of its process group. */
  process: 'script.json',
} as const

/** Bytes of one stream besides the log. */
export const streamLimit = 209_715_200
/** Bytes of the document on standard input. */
export const stepDocumentLimit = 8_388_608

export const segmentName = (prefix: string, startOffset: number): string =>
  prefix + String(startOffset).padStart(15, '0')
export const logSegmentName = (startOffset: number): string => segmentName(attemptFiles.logPrefix, startOffset)

/** Start offset of a segment file; undefined for any other file. */
export function logSegmentStart(name: string): number | undefined {
  return /^log-\d{15}$/.test(name) ? Number(name.slice(attemptFiles.logPrefix.length)) : undefined
}
