// Recorded results that must stay as they are: SQL texts that people have approved, checksums that histories hold.
import { readFileSync, writeFileSync } from 'node:fs'
import { canonicalForm, changeSetChecksum } from '#change/checksum'
import { describeChanges } from '#change/describe'
import { parseChange } from '#change/registry'
import { dialectFor } from '#database/dialect'
import type { Dialect } from '#database/port'
import type { Change } from '#change/change'
import { contextOf, nodeOf, type Written } from '../database/change-set.ts'

export interface Recorded {
  readonly v9: string
  readonly v8: string
  readonly description: string
  readonly postgresql: Script
  readonly sqlite: Script
}

/** SQL of a change and of its automatic inverse; or, in a list of its own, why there is none. */
export interface Script {
  readonly forward: readonly string[]
  readonly back: readonly string[]
}

export async function resultOf(written: Written, files: Readonly<Record<string, string>>): Promise<Recorded> {
  const changes = changesOf(written, 'postgresql')
  const subject = { changes, visitors: [], context: contextOf('postgresql', files) }
  return {
    v9: await changeSetChecksum(subject),
    v8: await changeSetChecksum(subject, { ...canonicalForm, version: 8 }),
    description: describeChanges(changes),
    postgresql: await scriptOf(written, dialectFor('postgresql'), files),
    sqlite: await scriptOf(written, dialectFor('sqlite'), files),
  }
}

function changesOf(written: Written, dbms: string): readonly Change[] {
  return Object.entries(written).flatMap(([name, value]) => parseChange(nodeOf(name, value), dbms).change ?? [])
}

async function scriptOf(written: Written, dialect: Dialect, files: Readonly<Record<string, string>>): Promise<Script> {
  const changes = changesOf(written, dialect.shortName)
  const back: string[] = []
  for (const change of changes) {
    const inverse = change.type.inverse(change.attributes, dialect.shortName, change.span)
    if (typeof inverse === 'string') back.push(`-- ${inverse}`)
    else {
      const undoing = inverse.flatMap((node) => parseChange(node, dialect.shortName).change ?? [])
      back.push(...(await lowerAll(undoing, dialect, files)))
    }
  }
  return { forward: await lowerAll(changes, dialect, files), back }
}

async function lowerAll(
  changes: readonly Change[],
  dialect: Dialect,
  files: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const texts: string[] = []
  for (const change of changes) {
    try {
      const statements = await change.type.statements(
        change.attributes,
        contextOf(dialect.shortName, files),
        change.span,
      )
      for (const statement of statements) texts.push(...dialect.write(statement, 'LEGACY').map(({ sql }) => sql))
    } catch (error) {
      texts.push(`-- ${(error as Error).message}`)
    }
  }
  return texts
}

const place = (name: string): URL => new URL(`${name}.json`, import.meta.url)

export function readGolden<Value>(name: string): Readonly<Record<string, Value>> {
  return JSON.parse(readFileSync(place(name), 'utf8')) as Readonly<Record<string, Value>>
}

/** With SLUICE_RECORD_GOLDEN=1 the tests write what they get; the difference is then for a person to judge. */
export const isRecording = process.env['SLUICE_RECORD_GOLDEN'] === '1'

export function writeGolden(name: string, value: unknown): void {
  writeFileSync(place(name), `${JSON.stringify(value, null, 2)}\n`)
}
