// Writes what the kubelet reads when a container ends, however it ends. Never a moment without a whole first line: the new text
// is written over the old one and only then cut.
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { podPaths } from '#contract/delegate/pod-folder'

/** Bytes that reach the delegate. */
const limit = 4096

export function writePodResult(root: string, value: unknown, shorter?: unknown): void {
  const bytes = (one: unknown): Buffer => Buffer.from(`${JSON.stringify(one)}\n`, 'utf8')
  const whole = bytes(value)
  const text = whole.length <= limit || shorter === undefined ? whole : bytes(shorter)
  const file = openSync(join(root, podPaths.result), 'r+')
  try {
    writeSync(file, text, 0, Math.min(text.length, limit), 0)
    ftruncateSync(file, Math.min(text.length, limit))
  } finally {
    closeSync(file)
  }
}
