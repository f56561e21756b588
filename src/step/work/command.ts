// LiquibaseCommand: one command of the engine. What it says is the log, the output `result`, and whole as the result of the attempt.
import { changeSetFqn } from '#contract/change-set'
import { type CommandName, commandRules, snapshotFormats } from '#contract/delegate/command'
import type { TargetWork } from '#contract/delegate/step-spec'
import { formatDiagnostic } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import { changelogSync } from '#engine/changelog-sync'
import { clearChecksums } from '#engine/clear-checksums'
import type { EngineContext, TargetContext } from '#engine/context'
import { dropAll, planDropAll, plannedDrops } from '#engine/drop-all'
import { type ExecutedStatement, executeSql } from '#engine/execute-sql'
import { history } from '#engine/history'
import { listLocks, releaseLocks } from '#engine/locks'
import { objectTypesOf } from '#engine/snapshot/object-type'
import { selectionOf } from '#engine/snapshot/select'
import { formatSnapshot, snapshot } from '#engine/snapshot/snapshot'
import { calculateChecksum } from '#engine/calculate-checksum'
import { changelogSyncSql, futureRollbackSql, markNextChangeSetRanSql, rollbackSql, updateSql } from '#engine/sql'
import { status } from '#engine/status'
import { tag, tagExists } from '#engine/tag'
import { unexpectedChangeSets } from '#engine/unexpected-changesets'
import { validate } from '#engine/validate'
import type { WorkContext, WorkResult } from './context.ts'
import { diffChangelog, difference, generate, writeIn } from './command-file.ts'
import { betweenStates, checkedPlan, planPayload, postPlan } from './output.ts'
import { momentOf } from './rollback.ts'

export type CommandWork = Extract<TargetWork, { type: 'LiquibaseCommand' }>
/** Characters of the output `result`, and lines in the log; the result of the attempt has all. */
const longestOutput = 65_536
const mostLines = 1000

export type Shown = Pick<WorkContext, 'streams' | 'line' | 'signal' | 'outbox' | 'masking'> & {
  readonly work: CommandWork
  /** That the steps of the group share, or of this step alone. */
  readonly folder: string
}

/** With the changelog: what changes the history is seen in the state of the instance at once. */
export async function runCommand(context: WorkContext<CommandWork>): Promise<WorkResult> {
  const { work, engine } = context
  if (commandRules[work.command].plans === 'update') return await showUpdate(context)
  if (work.command === 'drop-all-sql') return await showDrops(context, engine)
  const perform = (): Promise<string> => act(onChangelog, engine, context)
  return show(context, commandRules[work.command].changes ? await betweenStates(context, perform) : await perform())
}

/** What an update up to there would run, as a plan that an approval shows and an update is bound to. */
async function showUpdate(context: WorkContext<CommandWork>): Promise<WorkResult> {
  const { work, engine, signal } = context
  const extent = work.command === 'update-count-sql' ? { count: countOf(work) } : { toTag: argument(work, 'tag') }
  const script = await updateSql(engine, extent, signal)
  const output = postPlan(context, planPayload(context, script))
  return { output: { ...show(context, script.sql).output, ...output } }
}

/** Without one. */
export async function runBareCommand(shown: Shown, target: TargetContext): Promise<WorkResult> {
  if (shown.work.command === 'drop-all-sql') return await showDrops(shown, target)
  return show(shown, await act(onTarget, target, shown))
}

/** What drop-all would drop, as a plan without which it drops nothing. */
async function showDrops(shown: Shown, target: TargetContext): Promise<WorkResult> {
  const { drops, digest } = await planDropAll(target, schemasOf(shown.work, target), shown.signal)
  const sql = drops.map((drop) => `${drop.sql};\n`).join('')
  const output = postPlan(shown, checkedPlan({ digest, changeSets: [plannedDrops(drops)], sql }))
  const titles = drops.map(({ title }) => title)
  return {
    output: { ...show(shown, listed(titles, 'would be dropped', 'would be dropped', 'object')).output, ...output },
  }
}

function schemasOf({ arguments: given }: CommandWork, { database }: TargetContext): readonly string[] | undefined {
  const names = (given['schemas'] ?? '').split(',').map((name) => name.trim())
  const some = names.filter((name) => name !== '')
  return some.length === 0 || database.dialect.shortName === 'sqlite' ? undefined : some
}

function show({ streams, line }: Shown, text: string): WorkResult {
  streams.open('result').write(`${text}\n`)
  const lines = text.split('\n')
  for (const one of lines.slice(0, mostLines)) line(one)
  if (lines.length > mostLines) line(`${lines.length - mostLines} more lines are in the result of the attempt`)
  const cut = text.length > longestOutput ? { resultTruncated: true } : {}
  return { output: { result: text.slice(0, longestOutput), ...cut } }
}

type Act<Context> = (context: Context, work: CommandWork, signal: AbortSignal, folder: string) => Promise<string>

const onTarget: Readonly<Partial<Record<CommandName, Act<TargetContext>>>> = {
  history: async (target, _work, signal) =>
    listed((await history(target, signal)).map(changeSetFqn), 'was recorded', 'were recorded'),
  'list-locks': async (target, _work, signal) => locked(await listLocks(target, signal), 'held'),
  'release-locks': async (target, _work, signal) => locked(await releaseLocks(target, signal), 'released'),
  tag: async (target, work, signal) => {
    const name = argument(work, 'tag')
    await tag(target, name, signal)
    return `Tagged as ${name}`
  },
  'tag-exists': async (target, work, signal) => {
    const name = argument(work, 'tag')
    return `The tag ${name} ${(await tagExists(target, name, signal)) ? 'exists' : 'does not exist'}`
  },
  'clear-checksums': async (target, _work, signal) => `Cleared ${await clearChecksums(target, signal)} checksums`,
  'execute-sql': async (target, work, signal) => {
    const done = await executeSql(target, argument(work, 'sql'), work.arguments['delimiter'], signal)
    return done.map(rowsOf).join('\n')
  },
  'drop-all': async (target, work, signal) => {
    // The manager gives it, always; without it there is nothing that says what may go.
    if (work.approvedDigest === undefined) throw new Fault('invalid-input', 'drop-all was given no plan.')
    const { objects } = await dropAll(target, schemasOf(work, target), work.approvedDigest, signal)
    return listed(objects, 'was dropped', 'were dropped', 'object')
  },
  'generate-changelog': (target, work, signal, folder) => generate(target, work.arguments, folder, signal),
  'diff-changelog': (target, work, signal, folder) => diffChangelog(target, work.arguments, folder, signal),
  diff: (target, work, signal, folder) => difference(target, work.arguments, folder, signal),
  snapshot: async (target, work, signal, folder) => {
    const format = snapshotFormats.find((known) => known === (work.arguments['snapshot-format'] ?? 'txt'))
    if (!format) throw new Fault('invalid-input', `snapshot-format is one of ${snapshotFormats.join(', ')}.`)
    const types = objectTypesOf(undefined, 'snapshot-control')
    const selection = selectionOf({ types, includeObjects: undefined, excludeObjects: undefined })
    const text = formatSnapshot(await snapshot(target, { selection }, signal), selection, format, target.clock())
    const file = work.arguments['output-file']
    if (file === undefined) return text
    await writeIn(folder, file, text)
    return `Snapshot written to ${file}`
  },
}

const onChangelog: Readonly<Partial<Record<CommandName, Act<EngineContext>>>> = {
  ...onTarget,
  validate: async (engine, _work, signal) => {
    const warnings = await validate(engine, signal)
    return ['No validation errors found.', ...warnings.map(formatDiagnostic)].join('\n')
  },
  status: async (engine, _work, signal) =>
    listed((await status(engine, signal)).pending.map(nameOf), 'has not run', 'have not run'),
  'unexpected-changesets': async (engine, _work, signal) =>
    listed(
      (await unexpectedChangeSets(engine, signal)).map(changeSetFqn),
      'is not in the changelog',
      'are not in the changelog',
    ),
  'future-rollback-sql': async (engine, _work, signal) => (await futureRollbackSql(engine, {}, signal)).sql,
  'future-rollback-count-sql': async (engine, work, signal) =>
    (await futureRollbackSql(engine, { count: countOf(work) }, signal)).sql,
  'future-rollback-from-tag-sql': async (engine, work, signal) =>
    (await futureRollbackSql(engine, { toTag: argument(work, 'tag') }, signal)).sql,
  'rollback-to-date-sql': async (engine, work, signal) =>
    (await rollbackSql(engine, { date: momentOf(argument(work, 'date')) }, {}, signal)).sql,
  'changelog-sync-sql': async (engine, _work, signal) => (await changelogSyncSql(engine, {}, signal)).sql,
  'changelog-sync-to-tag-sql': async (engine, work, signal) =>
    (await changelogSyncSql(engine, { toTag: argument(work, 'tag') }, signal)).sql,
  'mark-next-changeset-ran-sql': async (engine, _work, signal) => (await markNextChangeSetRanSql(engine, signal)).sql,
  'calculate-checksum': (engine, work) => calculateChecksum(engine, identityOf(work)),
  'changelog-sync': async (engine, _work, signal) => synced(await changelogSync(engine, {}, signal)),
  'changelog-sync-to-tag': async (engine, work, signal) =>
    synced(await changelogSync(engine, { toTag: argument(work, 'tag') }, signal)),
  'mark-next-changeset-ran': async (engine, _work, signal) => synced(await changelogSync(engine, { count: 1 }, signal)),
}

async function act<Context>(
  table: Readonly<Partial<Record<CommandName, Act<Context>>>>,
  context: Context,
  { work, signal, folder }: Pick<Shown, 'work' | 'signal' | 'folder'>,
): Promise<string> {
  const found = table[work.command]
  if (found) return await found(context, work, signal, folder)
  throw new Fault('invalid-input', `${work.command} needs the changelog.`, { hint: 'Leave excludeChangeLogFile out.' })
}

function argument(work: CommandWork, name: string): string {
  const value = work.arguments[name] ?? ''
  if (value !== '') return value
  throw new Fault('invalid-input', `${work.command} has no \`${name}\`.`)
}

function countOf(work: CommandWork): number {
  const count = Number(argument(work, 'count'))
  if (Number.isInteger(count) && count > 0) return count
  throw new Fault('invalid-input', '`count` is a whole number above 0.')
}

function identityOf(work: CommandWork) {
  const whole = work.arguments['changeset-identifier']
  if (whole === undefined)
    return {
      fileName: argument(work, 'changeset-path'),
      id: argument(work, 'changeset-id'),
      author: argument(work, 'changeset-author'),
    }
  const [fileName, id, author] = whole.split('::')
  if (fileName && id && author) return { fileName, id, author }
  throw new Fault('invalid-input', '`changeset-identifier` is written as file::id::author.')
}

const nameOf = (changeSet: { readonly path: string; readonly id: string; readonly author: string }): string =>
  changeSetFqn({ ...changeSet, fileName: changeSet.path })

const listed = (names: readonly string[], one: string, many: string, what = 'change set'): string =>
  [`${names.length} ${names.length === 1 ? `${what} ${one}` : `${what}s ${many}`}`, ...names].join('\n')

const synced = ({ steps }: Awaited<ReturnType<typeof changelogSync>>): string =>
  listed(
    steps.map(({ changeSet }) => nameOf(changeSet)),
    'was recorded as run',
    'were recorded as run',
  )

const locked = (locks: Awaited<ReturnType<typeof listLocks>>, what: string): string =>
  locks.length === 0 ? 'The lock is free' : locks.map(({ holder }) => `Lock of ${holder} ${what}`).join('\n')

/** A head and rows with tabs between. */
function rowsOf({ sql, result, rowsAffected }: ExecutedStatement): string {
  if (!result) return `${sql}\n${rowsAffected} rows affected`
  const rows = result.rows.map((row) => row.map((cell) => cell ?? 'NULL').join('\t'))
  return [sql, result.columns.join('\t'), ...rows].join('\n')
}
