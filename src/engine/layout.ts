// How a plan is laid out as a script: which tables are made, where header and lock stand, and what each step looks like.
import { changeSetFqn } from '#contract/change-set'
import type { OfflineHistory } from '#database/port'
import type { EngineContext } from './context.ts'
import { type Recorded, recordOffline } from './history/offline.ts'
import { historyKey } from './history/row.ts'
import { type History, nextOrder } from './history/table.ts'
import { checksumText, recordText } from './history/write.ts'
import { clearText, initialiseText, lockText, unlockText } from './lock/row.ts'
import type { Plan, PlannedStep } from './plan.ts'
import { ScriptWriter, writeHeader } from './script.ts'

export interface Layout {
  readonly title: string
  /**
   * lock-first: lock, then header, as most scripts are · header-first: the header stands before the lock · unlocked: the lock
   * is not taken.
   */
  readonly order: 'lock-first' | 'header-first' | 'unlocked'
  /** Steps only write their row of the history. */
  readonly recordOnly?: boolean
  /** It is about what did not happen yet: the history in the file of an offline URL stays as it is. */
  readonly future?: boolean
}

export async function writeScript(
  context: EngineContext,
  plan: Pick<Plan, 'steps' | 'checksumUpgrades'>,
  history: History,
  layout: Layout,
): Promise<string> {
  const { suppressHistorySql, database } = context
  const { facts, dialect, offline } = database
  const withHistory = !suppressHistorySql && offline?.output !== 'none'
  const script = new ScriptWriter(facts.properties['lineComment'] ?? '--', withHistory, dialect.script)
  if (offline) return await writeOffline(script, offline, context, plan, history, layout)
  if (layout.order === 'lock-first') {
    await createLockTable(script, context)
    lock(script, context)
    createHistoryTable(script, context, history)
    writeHeader(script, context, layout.title)
  } else {
    createHistoryTable(script, context, history)
    await createLockTable(script, context)
    writeHeader(script, context, layout.title)
    if (layout.order === 'header-first') lock(script, context)
  }
  let order = nextOrder(history)
  writeSteps(script, context, plan, layout, () => order++)
  if (layout.order !== 'unlocked') {
    script.comment('Release Database Lock')
    script.history(unlockText(context))
  }
  return script.text()
}

function writeSteps(
  script: ScriptWriter,
  context: EngineContext,
  plan: Pick<Plan, 'steps' | 'checksumUpgrades'>,
  layout: Layout,
  orderOf: (step: PlannedStep) => number,
): void {
  const upgrades = plan.checksumUpgrades.values()
  let upgrade = upgrades.next()
  const upgradeAfter = (steps: number): void => {
    for (; !upgrade.done && upgrade.value.after <= steps; upgrade = upgrades.next()) {
      script.history(checksumText(context, upgrade.value.row, upgrade.value.checksum))
    }
  }
  for (const [index, step] of plan.steps.entries()) {
    upgradeAfter(index)
    if (layout.recordOnly !== true) writeStep(script, step)
    script.history(recordText(context, step, orderOf(step)))
  }
  upgradeAfter(plan.steps.length)
}

/**
 * There is no lock and nothing in a table: the rows go into the file. Where statements for the history are printed, the original
 * engine counts ORDEREXECUTED twice, once for the statement and once for the file.
 */
async function writeOffline(
  script: ScriptWriter,
  offline: OfflineHistory,
  context: EngineContext,
  plan: Pick<Plan, 'steps' | 'checksumUpgrades'>,
  history: History,
  layout: Layout,
): Promise<string> {
  if (offline.output === 'all' && !history.exists) {
    script.history(context.database.dialect.createChangelogTable(context.names))
  }
  writeHeader(script, context, layout.title)
  const recorded: Recorded[] = []
  const stride = offline.output === 'none' ? 1 : 2
  let order = nextOrder(history)
  writeSteps(script, context, plan, layout, (step) => {
    recorded.push({ step, order: order + stride - 1 })
    order += stride
    return order - stride
  })
  if (layout.future !== true) {
    const upgraded = plan.checksumUpgrades.map(
      ({ row, checksum }) => [historyKey(row.fileName, row.id, row.author), checksum] as const,
    )
    await recordOffline(context, offline, recorded, new Map(upgraded))
  }
  return script.text()
}

async function createLockTable(script: ScriptWriter, context: EngineContext): Promise<void> {
  const { database, names } = context
  if (await database.hasTable(names.schemaName, names.lockTable)) return
  script.comment('Create Database Lock Table')
  script.history(database.dialect.createLockTable(names))
  script.comment('Initialize Database Lock Table')
  script.history(clearText(context))
  script.history(initialiseText(context))
}

function createHistoryTable(script: ScriptWriter, context: EngineContext, history: History): void {
  if (history.exists) return
  script.comment('Create Database Change Log Table')
  script.history(context.database.dialect.createChangelogTable(context.names))
}

function lock(script: ScriptWriter, context: EngineContext): void {
  script.comment('Lock Database')
  script.history(lockText(context))
}

const volatileWarning =
  'WARNING The following SQL may change each run and therefore is possibly incorrect and/or invalid:'

function writeStep(script: ScriptWriter, step: PlannedStep): void {
  const { changeSet } = step
  const name = changeSetFqn({ ...changeSet, fileName: changeSet.path })
  if (step.direction === 'rollback') script.comment(`Rolling Back ChangeSet: ${name}`)
  else {
    script.comment(`Changeset ${name}`)
    if (changeSet.comment !== '') script.comment(changeSet.comment)
  }
  for (const { sql, endDelimiter, volatile } of step.statements) {
    if (volatile && step.direction === 'apply') script.comment(volatileWarning)
    script.statement(sql, endDelimiter, step.direction)
  }
}
