// Who or what started an execution: a person, a program with a key, or a trigger with the delivery that it answered.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Execution } from '#contract/api/execution'
import { useApi } from '../../api.ts'
import { eventSummary, sourceName } from '../../model/trigger-event.ts'
import { Fact } from '../../part/page.tsx'
import { type Scope, triggerEventsQuery } from '../../query.ts'

export function StartedBy({ execution, scope }: { readonly execution: Execution; readonly scope: Scope }) {
  const { triggeredBy, pipeline } = execution
  const { trigger, type, name, identifier } = triggeredBy
  return (
    <>
      <Fact name={trigger === undefined ? 'Started by' : 'With the rights of'}>
        <span title={identifier}>{name}</span>
        {type === 'API' ? ' over the API' : ''}
      </Fact>
      {trigger === undefined ? null : (
        <Fact name="Started by">
          <Link
            to="/orgs/$org/projects/$project/pipelines/$pipeline"
            params={{ ...scope, pipeline }}
            search={{ view: 'triggers' }}
          >
            trigger {trigger}
          </Link>
          <Delivery scope={scope} pipeline={pipeline} trigger={trigger} execution={execution.id} />
        </Fact>
      )}
    </>
  )
}

/** Nothing for deliveries that the history no longer holds among the latest. */
function Delivery({
  scope,
  execution,
  ...of
}: {
  readonly scope: Scope
  readonly pipeline: string
  readonly trigger: string
  readonly execution: string
}) {
  const { data } = useQuery(triggerEventsQuery(useApi(), scope, { ...of, page: 0, limit: 100 }))
  const event = data?.rows.find((one) => one.execution === execution)
  if (!event) return null
  const told = eventSummary(event)
  return (
    <span className="soft" title={`Delivery ${event.delivery}`}>
      {' '}
      {sourceName(event.source)}
      {told === '' ? '' : ` · ${told}`}
    </span>
  )
}
