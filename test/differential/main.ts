// `npm run differential`: generated changelogs through the original engine and through Sluice, on the same databases.
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Outcome, runLane } from './lane.ts'
import { prepareLiquibase } from './liquibase.ts'
import { runProcess } from './process.ts'
import { servers } from './servers.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '50' },
    database: { type: 'string' },
    keep: { type: 'boolean', default: false },
    shrink: { type: 'boolean', default: true },
    most: { type: 'string', default: '10' },
    minutes: { type: 'string', default: '60' },
  },
  allowNegative: true,
})
const prepared = prepareLiquibase()
if ('missing' in prepared) {
  console.error(`Cannot compare: ${prepared.missing} is not there.`)
  process.exit(2)
}
const { classPath } = prepared
const { present, missing } = servers()
for (const [name, needs] of missing) console.log(`NOT COMPARED: ${name}: ${needs}`)
const chosen = present.filter((server) => values.database === undefined || server.name === values.database)
if (chosen.length === 0) {
  console.error('No database to compare on.')
  process.exit(2)
}
const [only] = chosen
const outcomes: readonly Outcome[] =
  only && chosen.length === 1
    ? [
        await runLane(only, {
          seed: Number(values.seed),
          count: Number(values.count),
          most: Number(values.most),
          patience: Number(values.minutes) * 60_000,
          classPath,
          shrinks: values.shrink,
          keeps: values.keep,
          say: (line) => console.log(line),
        }),
      ]
    : await Promise.all(
        chosen.map(
          async ({ name }) =>
            await runProcess(fileURLToPath(import.meta.url), [...process.argv.slice(2), '--database', name]),
        ),
      )
process.send?.(outcomes[0])
// Processes of their own have said it themselves.
for (const { database, compared, failedInBoth, changeSets, took, reports } of chosen.length === 1 ? outcomes : []) {
  console.log(
    `${database}: ${compared} changelogs from seed ${values.seed}, ${changeSets} change sets, ${reports.length} differ, ` +
      `${failedInBoth} fail in both, ${(took / Math.max(compared, 1)).toFixed(0)} ms each`,
  )
}
process.exitCode = outcomes.some((outcome) => outcome.reports.length > 0) ? 1 : 0
