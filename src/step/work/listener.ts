// Reports each change set before it begins and after it ended, and asks before each whether it may begin at all.
import { type ChangeSetDeploymentStatus, type ChangeSetIdentity, changeSetFqn } from '#contract/change-set'
import { definitionOf } from '#engine/definition'
import type { PlannedStep, ProgressListener, StepResult } from '#engine/plan'
import type { WorkContext } from './context.ts'

/** Characters; what is longer is mostly data. */
export const definitionLimit = 65_536

export interface Progress {
  readonly listener: ProgressListener
  /** `fileName::id::author` of each change set that ran or was rolled back, in order. */
  readonly done: readonly string[]
}

const identityOf = ({ changeSet }: PlannedStep): ChangeSetIdentity => ({
  fileName: changeSet.path,
  id: changeSet.id,
  author: changeSet.author,
})

const statusOf = (direction: PlannedStep['direction'], status: StepResult['status']): ChangeSetDeploymentStatus =>
  ({
    done: direction === 'apply' ? ('Successfully_Deployed' as const) : ('Rolled_Back' as const),
    'marked-ran': 'Successfully_Deployed' as const,
    skipped: 'Not_Deployed' as const,
    failed: 'Deployment_Failed' as const,
  })[status]

export function reportProgress({ outbox, lease, masking, streams, line, signal }: WorkContext): Progress {
  const done: string[] = []
  const listener: ProgressListener = {
    async changeSetStarted(step) {
      const verb = step.direction === 'apply' ? 'Applying' : 'Rolling back'
      line(`${verb} ${changeSetFqn(identityOf(step))}`)
      outbox.event({ type: 'change-set.started', ...identityOf(step), direction: step.direction })
      // The manager knows before it begins, unless it cannot be reached: then the lease decides how long that may last.
      await outbox.told(signal)
      if (lease.lost) throw lease.lost
    },
    async changeSetFinished(step, { status, duration, error }) {
      const { changeSet, direction, statements } = step
      const name = changeSetFqn(identityOf(step))
      if (status === 'done') done.push(name)
      // The event is cut to what a page shows; this is the whole of it.
      const ran = status === 'done' || status === 'failed'
      if (ran) for (const { sql } of statements) streams.open('sql').write(`-- ${name}\n${sql.trimEnd()};\n\n`)
      line(`${name}: ${status} after ${Math.round(duration)} ms${error === undefined ? '' : `, ${error}`}`)
      outbox.event({
        type: 'change-set.finished',
        ...identityOf(step),
        direction,
        status: statusOf(direction, status),
        duration,
        ...(error === undefined ? {} : { error: masking.text(error) }),
        sql: statements.map(({ sql }) => masking.text(sql)),
        definition: masking.text(definitionOf(changeSet)).slice(0, definitionLimit),
        ...(changeSet.comment === '' ? {} : { comment: changeSet.comment }),
        ...(changeSet.labels.length === 0 ? {} : { labels: changeSet.labels.join(',') }),
      })
    },
    line,
    mayContinue: () => lease.held(signal),
  }
  return { listener, done }
}
