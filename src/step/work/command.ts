// LiquibaseCommand: one command of the engine. What it says is the log, the output `result`, and whole as the result of the attempt.
import { changeSetFqn } from '#contract/change-set'
import { type CommandName, commandRules, snapshotFormats } from '#contract/delegate/command'
import type { TargetWork } from '#contract/delegate/step-spec'
import { formatDiagnostic } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import { changelogSync } from '#engine/changelog-sync'
import { clearChecksums } from '#engine/clear-checksums'
import type { EngineContext, TargetContext } from '#engine/context'
import { type ExecutedStatement, executeSql } from '#engine/execute-sql'
import { history } from '#engine/history'
import { listLocks, releaseLocks } from '#engine/locks'
import { objectTypesOf } from '#engine/snapshot/object-type'
import { selectionOf } from '#engine/snapshot/select'
import { formatSnapshot, snapshot } from '#engine/snapshot/snapshot'
import { futureRollbackSql } from '#engine/sql'
import { status } from '#engine/status'
import { tag, tagExists } from '#engine/tag'
import { unexpectedChangeSets } from '#engine/unexpected-changesets'
import { validate } from '#engine/validate'
import type { WorkContext, WorkResult } from './context.ts'
import { betweenStates } from './output.ts'

export type CommandWork = Extract<TargetWork, { type: 'LiquibaseCommand' }>
/** Characters of the output `result`, and lines in the log; the result of the attempt has all. */
const longestOutput = 65_536
const mostLines = 1000

export type Shown = Pick<WorkContext, 'streams' | 'line' | 'signal'> & { readonly work: CommandWork }

/** With the changelog: what changes the history is seen in the state of the instance at once. */
export async function runCommand(context: WorkContext<CommandWork>): Promise<WorkResult> {
  const { work, engine, signal } = context
  const perform = (): Promise<string> => act(onChangelog, engine, work, signal)
  return show(context, commandRules[work.command].changes ? await betweenStates(context, perform) : await perform())
}

/** Without one. */
export async function runBareCommand(shown: Shown, target: TargetContext): Promise<WorkResult> {
  return show(shown, await act(onTarget, target, shown.work, shown.signal))
}

function show({ streams, line }: Shown, text: string): WorkResult {
  streams.open('result').write(`${text}\n`)
  const lines = text.split('\n')
  for (const one of lines.slice(0, mostLines)) line(one)
  if (lines.length > mostLines) line(`${lines.length - mostLines} more lines are in the result of the attempt`)
  const cut = text.length > longestOutput ? { resultTruncated: true } : {}
  return { output: { result: text.slice(0, longestOutput), ...cut } }
}

type Act<Context> = (context: Context, work: CommandWork, signal: AbortSignal) => Promise<string>

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
  snapshot: async (target, work, signal) => {
    const format = snapshotFormats.find((known) => known === (work.arguments['snapshot-format'] ?? 'txt'))
    if (!format) throw new Fault('invalid-input', `snapshot-format is one of ${snapshotFormats.join(', ')}.`)
    const types = objectTypesOf(undefined, 'snapshot-control')
    const selection = selectionOf({ types, includeObjects: undefined, excludeObjects: undefined })
    return formatSnapshot(await snapshot(target, { selection }, signal), selection, format, target.clock())
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
  'changelog-sync': async (engine, _work, signal) => synced(await changelogSync(engine, {}, signal)),
  'changelog-sync-to-tag': async (engine, work, signal) =>
    synced(await changelogSync(engine, { toTag: argument(work, 'tag') }, signal)),
  'mark-next-changeset-ran': async (engine, _work, signal) => synced(await changelogSync(engine, { count: 1 }, signal)),
}

async function act<Context>(
  table: Readonly<Partial<Record<CommandName, Act<Context>>>>,
  context: Context,
  work: CommandWork,
  signal: AbortSignal,
): Promise<string> {
  const found = table[work.command]
  if (found) return await found(context, work, signal)
  throw new Fault('invalid-input', `${work.command} needs the changelog.`, { hint: 'Leave excludeChangeLogFile out.' })
}

function argument(work: CommandWork, name: string): string {
  const value = work.arguments[name] ?? ''
  if (value !== '') return value
  throw new Fault('invalid-input', `${work.command} has no \`${name}\`.`)
}

const nameOf = (changeSet: { readonly path: string; readonly id: string; readonly author: string }): string =>
  changeSetFqn({ ...changeSet, fileName: changeSet.path })

const listed = (names: readonly string[], one: string, many: string): string =>
  [`${names.length} ${names.length === 1 ? `change set ${one}` : `change sets ${many}`}`, ...names].join('\n')

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
