// Suite `vectors checksums`: checksums of both versions and descriptions, for each engine that they were recorded from.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { canonicalForm, changeSetChecksum } from '#change/checksum'
import type { ChecksumForm } from '#change/change'
import { folderSource } from '#changelog/folder'
import type { EngineContext } from '#engine/context'
import { descriptionOf, parseChangeSet, checksumSubject, type ParsedChangeSet } from '#engine/change-set/parse'
import type { Check, DatabaseName } from './check.ts'
import { allOf, compare } from './difference.ts'
import { offlineContext, offlineDatabase } from './offline.ts'

interface Recording {
  readonly engine: string
  readonly database: DatabaseName
  readonly form: Omit<ChecksumForm, 'version'>
}

const recent = { ...canonicalForm, rawDateValue: true, insertSequenceSchema: true, offsetDates: true } as const
const recordings: readonly Recording[] = [
  ...(['postgresql', 'mysql', 'oracle'] as const).map((database) => ({ engine: '4.33.0', database, form: recent })),
  {
    engine: '4.28.0',
    database: 'postgresql',
    form: { ...recent, rawDateValue: false, insertSequenceSchema: false, offsetDates: false, procedure: 'text' },
  },
  {
    engine: '4.4.0-v8',
    database: 'postgresql',
    form: { ...recent, rawDateValue: false, insertSequenceSchema: false, offsetDates: false, procedure: 'named-body' },
  },
]

export function checksumVectors(vectors: string): readonly Check[] {
  const folder = join(vectors, 'checksums')
  return recordings.flatMap((recording) => {
    const file = join(folder, `expected-${recording.engine}-${recording.database}.tsv`)
    const lines = readFileSync(file, 'utf8').split('\n')
    return lines.filter((line) => line !== '').map((line) => checkOf(folder, recording, line.split('\t')))
  })
}

function checkOf(folder: string, recording: Recording, cells: readonly string[]): Check {
  const [key = '', v8 = '', v9, description] = cells
  const { engine, database, form } = recording
  return {
    suite: 'vectors checksums',
    column: database,
    name: `${engine}/${key}`,
    run: async () => {
      const { context, parsed } = await changeSetOf(folder, database, key)
      const subject = { ...checksumSubject(context, parsed), visitors: parsed.changeSet.sqlVisitors }
      return allOf(
        compare('v8', v8, await changeSetChecksum(subject, { ...form, version: 8 })),
        v9 === undefined ? undefined : compare('v9', v9, await changeSetChecksum(subject, { ...form, version: 9 })),
        description === undefined ? undefined : compare('description', description, descriptionOf(parsed)),
      )
    },
  }
}

async function changeSetOf(
  folder: string,
  database: DatabaseName,
  key: string,
): Promise<{ readonly context: EngineContext; readonly parsed: ParsedChangeSet }> {
  const [file = ''] = key.split('::')
  const context = await offlineContext(offlineDatabase(database), folderSource([folder]), file)
  const all = [...context.changelog.changeSets, ...context.changelog.skipped]
  const changeSet = all.find((one) => `${one.path}::${one.id}::${one.author}` === key)
  if (changeSet === undefined) throw new Error(`the changelog has no change set ${key}`)
  return { context, parsed: parseChangeSet(context, changeSet) }
}
