// Suite `generateChangelog`: a schema as a changelog in four formats, and the schema that these make again.
import { memorySource } from '#changelog/memory'
import type { Database } from '#database/port'
import { contextOf } from '#engine/open'
import { update } from '#engine/update'
import type { Case, Corpus } from './corpus.ts'
import { allOf, differenceOf } from './difference.ts'
import { type ChangelogFormat, generatedChangelog, snapshotOf, withoutIdentities } from './introspection.ts'
import type { Live } from './live.ts'
import { engineOn, silent } from './live-change.ts'

const formats: readonly ChangelogFormat[] = ['xml', 'yml', 'json', 'sql']

export async function runGenerate(corpus: Corpus, live: Live, one: Case): Promise<string | undefined> {
  const database = await live.clean()
  // What was generated is run with change sets of its own: the history does not fit the case afterwards.
  live.spoil()
  await update(await engineOn(database, corpus, one, one.changelog ?? ''), {}, silent)
  const before = await snapshotOf(database)
  const texts = new Map<ChangelogFormat, string>()
  for (const format of formats) texts.set(format, await generatedChangelog(database, format, one.excludeObjects ?? ''))
  const differences = [compareSql(corpus, live, one, texts.get('sql') ?? '')]
  for (const format of formats) {
    const fresh = await live.clean()
    live.spoil()
    differences.push(await compareAgain(fresh, format, texts.get(format) ?? '', before))
  }
  return allOf(...differences)
}

function compareSql(corpus: Corpus, live: Live, one: Case, text: string): string | undefined {
  const normal = (script: string): string =>
    script
      .replaceAll('\r\n', '\n')
      .replace(/--.*\n?/g, '')
      .trim()
      .toLowerCase()
  const expected = corpus.text(one.expectedSql ?? '')
  const named = live.names.catalog === null ? expected : expected.replaceAll('lbcat', live.names.catalog)
  const difference = differenceOf(normal(named), normal(text))
  return difference === undefined ? undefined : `generated SQL:\n${difference}`
}

/** Runs the generated changelog; what it makes must look the same. */
async function compareAgain(
  database: Database,
  format: ChangelogFormat,
  text: string,
  before: unknown,
): Promise<string | undefined> {
  const file = format === 'sql' ? `generated.${database.dialect.shortName}.sql` : `generated.${format}`
  const context = await contextOf(
    { database, host: 'conformance', run: 'conformance', clock: Date.now, log: () => {} },
    { files: memorySource({ [file]: text }), changelogFile: file },
  )
  await update(context, {}, silent)
  const after = await snapshotOf(database)
  const printed = (snapshot: unknown): string => JSON.stringify(withoutIdentities(snapshot), undefined, 1)
  const difference = differenceOf(printed(before), printed(after))
  return difference === undefined ? undefined : `schema made by the ${format} changelog:\n${difference}`
}
