// Suite `advanced`: two databases on one server, compared, made alike by generated changelogs, and emptied.
import { splitSql } from '#change/split'
import { memorySource } from '#changelog/memory'
import { dialectFor } from '#database/dialect'
import { openDatabase } from '#database/open'
import type { Database } from '#database/port'
import { definerFor } from '#database/snapshot/define'
import type { Snapshot } from '#database/snapshot/model'
import { readSnapshot } from '#database/snapshot/read'
import { diffChanges } from '#engine/diff/change'
import { diffOf } from '#engine/diff/diff'
import { diffText } from '#engine/diff/text'
import { dropAll } from '#engine/drop-all'
import { formatChangelog } from '#engine/generate/format'
import { changeSetsOf } from '#engine/generate/generate'
import { contextOf, targetOf } from '#engine/open'
import { withoutHistory } from '#engine/snapshot/history-table'
import { type Selection, selectionOf } from '#engine/snapshot/select'
import { updateSql } from '#engine/sql'
import { update } from '#engine/update'
import { clean } from './clean.ts'
import type { Case, Corpus } from './corpus.ts'
import { allOf, differenceOf } from './difference.ts'
import { type ChangelogFormat, generatedChangelog, names, plain, snapshotOf } from './introspection.ts'
import type { Live } from './live.ts'
import { silent } from './live-change.ts'
import { snapshotDifference } from './snapshot-match.ts'

const formats: readonly ChangelogFormat[] = ['sql', 'xml', 'yml', 'json']

interface Pair {
  readonly first: Database
  readonly second: Database
  readonly firstName: string
  readonly secondName: string
  readonly selection: Selection
}

export async function runAdvanced(corpus: Corpus, live: Live, one: Case): Promise<string | undefined> {
  const first = await live.clean()
  live.spoil()
  const firstName = live.names.catalog ?? ''
  const secondName = `${firstName}_second`
  await first.session.execute(`create database ${secondName}`)
  const url = new URL(process.env['SLUICE_TEST_MARIADB_URL'] ?? '')
  url.pathname = `/${secondName}`
  const second = await openDatabase({ url: url.href, username: undefined, password: undefined })
  try {
    const selection = selectionOf({ excludeObjects: one.excludeObjects })
    return await runPair(corpus, one, { first, second, firstName, secondName, selection })
  } finally {
    await second.close()
    await first.session.execute(`drop database ${secondName}`)
  }
}

async function runPair(corpus: Corpus, one: Case, pair: Pair): Promise<string | undefined> {
  const { first, second, firstName, secondName, selection } = pair
  const textOf = (path: string | null | undefined): string =>
    corpus
      .text(path ?? '')
      .replaceAll('lbcat', firstName)
      .replaceAll('secondarydb', secondName)
  const found: (string | undefined)[] = []
  await execute(first, textOf(one.initSql))
  found.push(titled('snapshot', snapshotDifference(JSON.parse(textOf(one.expectedSnapshot)), await snapshotOf(first))))

  const generated = async (format: ChangelogFormat): Promise<string> =>
    await generatedChangelog(first, format, one.excludeObjects ?? '')
  found.push(...(await scripts('generate-changelog', textOf(one.expectedGenerateChangelogSql), generated, pair)))
  found.push(titled('diff', differenceOf(knownLines(textOf(one.expectedDiff)), await diffLines(pair))))
  await update(await contextFor(second, 'json', await generated('json')), {}, silent)
  const empty = knownLines(textOf(one.expectedEmptyDiff))
  found.push(titled('diff after the generated changelog', differenceOf(empty, await diffLines(pair))))
  await dropAll(targetFor(second), undefined)

  await execute(second, textOf(one.secondaryInitSql))
  const { changes, notes } = diffChanges(
    diffOf(await look(first), await look(second), selection),
    dialectFor('mariadb'),
    plain,
  )
  const changed = async (format: ChangelogFormat): Promise<string> =>
    await formatChangelog(changeSetsOf(changes, 'mariadb', plain), {
      format: format === 'yml' ? 'yaml' : format,
      dialect: dialectFor('mariadb'),
      quoting: definerFor('mariadb').quoting,
    })
  found.push(notes.length === 0 ? undefined : `diff-changelog: ${notes.join('; ')}`)
  found.push(...(await scripts('diff-changelog', textOf(one.expectedDiffChangelogSql), changed, pair)))
  await update(await contextFor(second, 'xml', await changed('xml')), {}, silent)
  found.push(titled('diff after the diff changelog', differenceOf(empty, await diffLines(pair))))
  for (const database of [first, second]) {
    await dropAll(targetFor(database), undefined)
    const left = await readSnapshot(database, undefined)
    const count = left.schemas.flatMap(({ tables, views, sequences }) => [...tables, ...views, ...sequences]).length
    found.push(count === 0 ? undefined : `drop-all left ${count} objects`)
  }
  return allOf(...found)
}

const titled = (title: string, difference: string | undefined): string | undefined =>
  difference === undefined ? undefined : `${title}:\n${difference}`

async function execute({ session }: Database, text: string): Promise<void> {
  const options = { splitStatements: true, stripComments: true, endDelimiter: undefined }
  for (const { sql } of splitSql(text, options)) await session.execute(sql)
}

const look = async (database: Database): Promise<Snapshot> =>
  withoutHistory(await readSnapshot(database, undefined), names)

/** The SQL changelog, and update-sql of the others, must be the expected statements. */
async function scripts(
  title: string,
  expected: string,
  make: (format: ChangelogFormat) => Promise<string>,
  { second, secondName }: Pair,
): Promise<readonly (string | undefined)[]> {
  const normal = (script: string): string =>
    clean(script.replaceAll(/--.*$/gm, '')).toLowerCase().replaceAll(`${secondName.toLowerCase()}.`, '')
  const found: (string | undefined)[] = []
  for (const format of formats) {
    const text = await make(format)
    const sql = format === 'sql' ? text : (await updateSql(await contextFor(second, format, text))).sql
    found.push(titled(`${title} in ${format}`, differenceOf(normal(expected), normal(sql))))
  }
  return found
}

const targetFor = (database: Database) =>
  targetOf({ database, host: 'conformance', run: 'conformance', clock: Date.now, log: () => {} })

async function contextFor(database: Database, format: ChangelogFormat, text: string) {
  const file = `generated.${format}`
  return await contextOf(
    { database, host: 'conformance', run: 'conformance', clock: Date.now, log: () => {} },
    { files: memorySource({ [file]: text }), changelogFile: file },
  )
}

async function diffLines({ first, second, selection }: Pair): Promise<string> {
  return knownLines(diffText(diffOf(await look(first), await look(second), selection), selection.types))
}

/** Kinds that one of the engines does not know. */
const unknown =
  /^(?:Missing|Unexpected|Changed)(?:CheckConstraint|DatabasePackage(?:Body)?|Function|StoredProcedure|Trigger|Synonym)\(s\):/

/** Without blanks, one line for each section, `NONE` also where the original only left its own tables out. */
function knownLines(text: string): string {
  const sections = text
    .split('\n')
    .filter((line) => !/^(?:Reference|Comparison) Database/.test(line))
    .join('\n')
    .replaceAll(/[^\S\n]/g, '')
    .split(/\n(?=(?:ComparedSchemas|Product|Missing|Unexpected|Changed)\w*(?:\(s\))?:)/)
  return sections
    .map((section) =>
      section
        .replaceAll('\n', ' ')
        .trim()
        .replace(/\(s\):$/, '(s):NONE')
        .replace(/: /, ':'),
    )
    .filter((section) => !unknown.test(section))
    .join('\n')
}
