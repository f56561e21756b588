// The triggers of a pipeline: what starts it by itself, on or off, when next, and the address for webhooks; below, what was delivered.
import { Switch } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useId } from 'react'
import type { TriggerOut } from '#contract/api/trigger'
import { useApi } from '../../api.ts'
import { formatExact } from '../../model/duration.ts'
import { CopyButton } from '../../part/copy.tsx'
import { DiagnosticList, Empty, FaultNotice, Loading } from '../../part/notice.tsx'
import { Panel } from '../../part/page.tsx'
import { Ago } from '../../part/time.tsx'
import { triggersQuery } from '../../query.ts'
import { useMay } from '../../session.ts'
import { useScope } from '../../shell/scope.ts'
import { TriggerHistory } from './trigger-history.tsx'
import style from './trigger.module.css'

export function TriggerList({ pipeline }: { readonly pipeline: string }) {
  const { data, error, refetch } = useQuery(triggersQuery(useApi(), useScope(), pipeline))
  return (
    <div className={style.page}>
      <Panel title="Triggers">
        {error ? <FaultNotice error={error} retry={() => void refetch()} /> : null}
        {!data && !error ? <Loading rows={3} /> : null}
        {data?.length === 0 ? (
          <Empty icon="play" title="Nothing starts it by itself">
            <p>
              A trigger is a YAML document that starts the pipeline on a push, a pull request, a call of another program
              or at fixed times. Save one with <code>sluice apply</code> or over the API.
            </p>
          </Empty>
        ) : null}
        {data && data.length > 0 ? (
          <ul className={style.list}>
            {data.map((trigger) => (
              <TriggerItem key={trigger.identifier} trigger={trigger} />
            ))}
          </ul>
        ) : null}
      </Panel>
      <TriggerHistory pipeline={pipeline} />
    </div>
  )
}

function TriggerItem({ trigger }: { readonly trigger: TriggerOut }) {
  const api = useApi()
  const scope = useScope()
  const queries = useQueryClient()
  const title = useId()
  const mayEdit = useMay('pipeline.edit')
  const turn = useMutation({
    mutationFn: (enabled: boolean) =>
      api.setTriggerStatus({
        params: { trigger: trigger.identifier },
        query: {
          orgIdentifier: scope.org,
          projectIdentifier: scope.project,
          targetIdentifier: trigger.targetIdentifier,
          status: enabled ? 'true' : 'false',
        },
      }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['triggers'] }),
  })
  const enabled = turn.isPending ? turn.variables : trigger.enabled
  const address = trigger.webhookUrl === '' ? undefined : `${window.location.origin}${trigger.webhookUrl}`
  return (
    <li className={style.item} aria-labelledby={title}>
      <div className={style.head}>
        <h3 id={title}>
          {trigger.name}
          <span className={style.identifier}>{trigger.identifier}</span>
        </h3>
        <Switch
          label={enabled ? 'On' : 'Off'}
          aria-label={`Trigger ${trigger.name}`}
          checked={enabled}
          disabled={!mayEdit}
          title={mayEdit ? 'Whoever turns it on owns it: its runs have their rights' : 'You may not edit pipelines'}
          onChange={(event) => turn.mutate(event.currentTarget.checked)}
        />
      </div>
      {turn.error ? <FaultNotice error={turn.error} /> : null}
      <p className={style.facts}>
        <span>{trigger.type === 'Scheduled' ? 'Schedule' : 'Webhook'}</span>
        {trigger.owner === '' ? (
          <strong>Its owner is no more: nothing starts until somebody turns it on anew</strong>
        ) : (
          <span>with the rights of {trigger.owner}</span>
        )}
        <span>
          changed <Ago at={trigger.lastModifiedAt} />
        </span>
      </p>
      {trigger.type === 'Scheduled' ? <NextTimes trigger={trigger} /> : null}
      {address === undefined ? null : (
        <div className={style.address}>
          <output aria-label={`Address of ${trigger.name}`}>{address}</output>
          <CopyButton text={address} label="Copy address" />
        </div>
      )}
      <DiagnosticList diagnostics={trigger.diagnostics} />
    </li>
  )
}

function NextTimes({ trigger: { nextFireTimes } }: { readonly trigger: TriggerOut }) {
  if (nextFireTimes.length === 0) return <p className="soft">Starts nothing while it is off.</p>
  return (
    <p className={style.facts}>
      <span>
        next <Ago at={nextFireTimes[0]} />
      </span>
      {nextFireTimes.map((at) => (
        <time key={at} dateTime={new Date(at).toISOString()} className="number">
          {formatExact(at)}
        </time>
      ))}
    </p>
  )
}
