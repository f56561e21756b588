// Suite `checksums`: every change set of every case, in both versions, with its description.
import { join } from 'node:path'
import { canonicalForm, changeSetChecksum } from '#change/checksum'
import { folderSource } from '#changelog/folder'
import type { ChangeSet } from '#changelog/model'
import { checksumSubject, descriptionOf, parseChangeSet } from '#engine/change-set/parse'
import type { EngineContext } from '#engine/context'
import type { Check, DatabaseName } from './check.ts'
import type { Corpus, RecordedChecksum } from './corpus.ts'
import { allOf, compare } from './difference.ts'
import { offlineContext, offlineDatabase } from './offline.ts'

export function caseChecksums(corpus: Corpus): readonly Check[] {
  return corpus.cases.flatMap((one) => {
    const { checksums, searchPath, changelog, db } = one
    if (checksums === undefined || searchPath === null || changelog === null || db === 'any') return []
    return {
      suite: 'checksums',
      column: db,
      name: `${one.suite}/${one.name}`,
      run: async () => {
        const context = await contextFor(corpus, db, searchPath, changelog)
        const found = new Map(
          [...context.changelog.changeSets, ...context.changelog.skipped].map((changeSet) => [
            `${changeSet.path}::${changeSet.id}::${changeSet.author}`,
            changeSet,
          ]),
        )
        return allOf(
          ...(await Promise.all(
            checksums.map((recorded) => differenceFrom(context, recorded, found.get(recorded.changeSet))),
          )),
        )
      },
    }
  })
}

async function contextFor(
  corpus: Corpus,
  db: DatabaseName,
  searchPath: string,
  changelog: string,
): Promise<EngineContext> {
  return await offlineContext(offlineDatabase(db), folderSource([join(corpus.folder, searchPath)]), changelog)
}

async function differenceFrom(
  context: EngineContext,
  recorded: RecordedChecksum,
  changeSet: ChangeSet | undefined,
): Promise<string | undefined> {
  if (changeSet === undefined) return `${recorded.changeSet}: is not in the changelog`
  const parsed = parseChangeSet(context, changeSet)
  const filtered = checksumSubject(context, parsed)
  const all = { ...filtered, visitors: changeSet.sqlVisitors }
  const form = { ...canonicalForm, rawDateValue: true } as const
  const title = (what: string): string => `${recorded.changeSet} ${what}`
  return allOf(
    recorded.v8 === undefined
      ? undefined
      : compare(title('v8'), recorded.v8, await changeSetChecksum(all, { ...form, version: 8 })),
    compare(title('v9'), recorded.v9, await changeSetChecksum(all, form)),
    compare(
      title('v9 without rawDateValue'),
      recorded.v9WithoutRawDate ?? recorded.v9,
      await changeSetChecksum(all, { ...form, rawDateValue: false }),
    ),
    recorded.v9Stored === undefined
      ? undefined
      : compare(title('v9 as stored'), recorded.v9Stored, await changeSetChecksum(filtered, form)),
    compare(title('description'), recorded.description, descriptionOf(parsed)),
  )
}
