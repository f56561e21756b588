// What came of a task that succeeded, by its kind.
import { useQuery } from '@tanstack/react-query'
import { z } from 'zod'
import type { Task } from '#contract/api/task'
import { useApi } from '../../api.ts'
import { FaultNotice, Loading, Notice } from '../../part/notice.tsx'
import { taskPlanQuery } from '../../query.ts'
import { useScope } from '../../shell/scope.ts'
import { PlanView } from '../execution/plan-view.tsx'
import style from './task.module.css'

const testSchema = z.object({
  checks: z.array(z.object({ what: z.string(), detail: z.string(), milliseconds: z.number() })),
})
const syncSchema = z.object({ deployed: z.number(), changeSets: z.number(), unexpected: z.array(z.string()) })
const snapshotSchema = z.object({ objects: z.number() })
const diffSchema = z.object({
  equal: z.boolean(),
  differences: z.array(z.object({ type: z.string(), state: z.string(), name: z.string() })),
})

export function TaskResult({ task }: { readonly task: Task }) {
  switch (task.kind) {
    case 'connection-test':
      return <Checks output={task.output} />
    case 'preview':
      return <Preview task={task} />
    case 'sync':
      return <Synced output={task.output} />
    case 'snapshot': {
      const found = snapshotSchema.safeParse(task.output).data
      return <Notice tone="good" title={`The snapshot is kept: ${found?.objects ?? 0} objects.`} />
    }
    case 'diff':
      break
  }
  return <Differences output={task.output} />
}

function Checks({ output }: { readonly output: Task['output'] }) {
  return (
    <>
      {(testSchema.safeParse(output).data?.checks ?? []).map(({ what, detail, milliseconds }) => (
        <Notice key={what} tone="good" title={`The ${what} can be reached`}>
          <p className="soft">
            {detail} ({milliseconds} ms)
          </p>
        </Notice>
      ))}
    </>
  )
}

function Preview({ task }: { readonly task: Task }) {
  const { data, error } = useQuery(taskPlanQuery(useApi(), useScope(), task.id))
  if (error) return <FaultNotice error={error} />
  if (!data) return <Loading rows={3} />
  const place = { dbSchema: task.dbSchema ?? '', dbInstance: task.dbInstance ?? '', node: '' }
  return (
    <div className={style.plan}>
      <PlanView plans={[{ ...data, ...place }]} />
    </div>
  )
}

function Synced({ output }: { readonly output: Task['output'] }) {
  const { deployed = 0, changeSets = 0, unexpected = [] } = syncSchema.safeParse(output).data ?? {}
  return (
    <Notice tone="good" title={`${deployed} of ${changeSets} change sets are deployed.`}>
      {unexpected.length > 0 ? (
        <>
          <p className="soft">The history has others, which the changelog does not have:</p>
          <ul className={style.list}>
            {unexpected.map((name) => (
              <li key={name}>
                <code>{name}</code>
              </li>
            ))}
          </ul>
        </>
      ) : null}
    </Notice>
  )
}

function Differences({ output }: { readonly output: Task['output'] }) {
  const found = diffSchema.safeParse(output).data
  if (!found || found.equal) return <Notice tone="good" title="Nothing differs." />
  return (
    <Notice tone="wait" title="The instance differs:">
      <ul className={style.list}>
        {found.differences.map(({ type, state, name }) => (
          <li key={`${type} ${state} ${name}`}>
            {state} {type} <code>{name}</code>
          </li>
        ))}
      </ul>
    </Notice>
  )
}
