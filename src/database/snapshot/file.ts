// A snapshot that was written to a file earlier, by Sluice or by Liquibase: what an offline URL with `snapshot=` stands for.
import { readFile, stat } from 'node:fs/promises'
import { parse } from 'yaml'
import { Fault } from '#contract/fault'
import { fromLiquibase } from './from-liquibase.ts'
import type { Snapshot } from './model.ts'

/** Of the part of a file that is our own. */
export const formatVersion = 1

/** Larger files are refused: a snapshot of 5,000 tables has some 60 megabytes. */
const fileLimit = 512 * 1024 * 1024

/**
 * A snapshot in JSON or YAML, of Sluice or of Liquibase. What only ours holds (checks, routines, triggers …) is missing in the
 * latter. Fault `usage` for a file that cannot be read, `invalid-input` for one that is not a snapshot.
 */
export async function readSnapshotFile(path: string): Promise<Snapshot> {
  let text: string
  try {
    const { size } = await stat(path)
    if (size > fileLimit) throw new Fault('too-large', `The snapshot ${path} is larger than ${fileLimit} bytes.`)
    text = await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new Fault('usage', `The snapshot ${path} cannot be read.`, {
      hint: 'Check the path behind snapshot=.',
      cause,
    })
  }
  const document = parsed(text, path)
  const own = document['sluice'] as ({ readonly version: number } & Snapshot) | undefined
  if (own !== undefined) {
    const { version, ...snapshot } = own
    if (version === formatVersion) return snapshot
    throw new Fault(
      'invalid-input',
      `The snapshot ${path} has version ${version}, this Sluice reads ${formatVersion}.`,
      {
        hint: 'Take the snapshot again with this version.',
      },
    )
  }
  const snapshot = document['snapshot']
  if (typeof snapshot === 'object' && snapshot !== null) return fromLiquibase(snapshot as Record<string, unknown>)
  throw notASnapshot(path)
}

function parsed(text: string, path: string): Record<string, unknown> {
  try {
    const document: unknown = text.trimStart().startsWith('{') ? JSON.parse(text) : parse(text, { maxAliasCount: 0 })
    if (typeof document === 'object' && document !== null) return document as Record<string, unknown>
  } catch (cause) {
    throw notASnapshot(path, cause)
  }
  throw notASnapshot(path)
}

const notASnapshot = (path: string, cause?: unknown): Fault =>
  new Fault('invalid-input', `The file ${path} is not a snapshot in JSON or YAML.`, {
    hint: 'Make one with snapshot --snapshot-format json.',
    cause,
  })
