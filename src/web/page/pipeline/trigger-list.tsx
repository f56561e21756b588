// The triggers of a pipeline: what starts it by itself, on or off, when next, and the address for webhooks; below, what was delivered.
import { Button, Switch } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useId, useState } from 'react'
import type { TriggerOut } from '#contract/api/trigger'
import { useApi } from '../../api.ts'
import { formatExact } from '../../model/duration.ts'
import { AskFirst } from '../../part/ask-first.tsx'
import { CopyButton } from '../../part/copy.tsx'
import { Icon } from '../../part/icon.tsx'
import { List } from '../../part/list.tsx'
import { DiagnosticList, Empty, FaultNotice } from '../../part/notice.tsx'
import table from '../../part/table.module.css'
import { Ago } from '../../part/time.tsx'
import { YamlDrawer } from '../../part/yaml-drawer.tsx'
import { type Scope, triggersQuery } from '../../query.ts'
import { useMay } from '../../session.ts'
import { useScope } from '../../shell/scope.ts'
import { TriggerHistory } from './trigger-history.tsx'
import style from './trigger.module.css'

const templateFor = (scope: Scope, pipeline: string): string => `trigger:
  identifier: nightly
  name: Nightly
  orgIdentifier: ${scope.org}
  projectIdentifier: ${scope.project}
  pipelineIdentifier: ${pipeline}
  source:
    type: Scheduled
    spec: { type: Cron, spec: { type: UNIX, expression: "15 3 * * *", timezone: UTC } }
`
const queryOf = (scope: Scope, pipeline: string) => ({
  orgIdentifier: scope.org,
  projectIdentifier: scope.project,
  targetIdentifier: pipeline,
})

export function TriggerList({ pipeline }: { readonly pipeline: string }) {
  const api = useApi()
  const scope = useScope()
  const mayEdit = useMay('pipeline.edit', { ...scope, identifier: pipeline })
  const [edited, setEdited] = useState<TriggerOut | 'new'>()
  const answer = useQuery(triggersQuery(api, scope, pipeline))
  const query = queryOf(scope, pipeline)
  const save = (text: string) => {
    const raw = new TextEncoder().encode(text)
    if (edited === undefined || edited === 'new') return api.createTrigger({ query, raw })
    return api.updateTrigger({ params: { trigger: edited.identifier }, query, raw })
  }
  return (
    <div className={style.page}>
      <List
        title="Triggers"
        aside={
          mayEdit ? (
            <Button variant="default" leftSection={<Icon name="plus" size={13} />} onClick={() => setEdited('new')}>
              New trigger
            </Button>
          ) : null
        }
        answer={answer}
        textOf={(trigger) => `${trigger.name} ${trigger.identifier} ${trigger.owner}`}
        empty={
          <Empty icon="play" title="Nothing starts it by itself">
            <p>
              A trigger is a YAML document that starts the pipeline on a push, a pull request, a call of another program
              or at fixed times.
            </p>
          </Empty>
        }
      >
        {(rows) => (
          <ul>
            {rows.map((trigger) => (
              <TriggerItem key={trigger.identifier} trigger={trigger} edit={() => setEdited(trigger)} />
            ))}
          </ul>
        )}
      </List>
      {edited === undefined ? null : (
        <YamlDrawer
          title={edited === 'new' ? 'New trigger' : edited.name}
          text={edited === 'new' ? templateFor(scope, pipeline) : edited.yaml}
          save={mayEdit ? save : undefined}
          stale={['triggers']}
          close={() => setEdited(undefined)}
        >
          {mayEdit ? <p className="soft">Its runs have the rights of whoever saves it.</p> : null}
        </YamlDrawer>
      )}
      <TriggerHistory pipeline={pipeline} />
    </div>
  )
}

function TriggerItem({ trigger, edit }: { readonly trigger: TriggerOut; readonly edit: () => void }) {
  const api = useApi()
  const scope = useScope()
  const queries = useQueryClient()
  const title = useId()
  const at = { ...scope, identifier: trigger.targetIdentifier }
  const mayEdit = useMay('pipeline.edit', at)
  const mayDelete = useMay('pipeline.delete', at)
  const query = queryOf(scope, trigger.targetIdentifier)
  const turn = useMutation({
    mutationFn: (enabled: boolean) =>
      api.setTriggerStatus({
        params: { trigger: trigger.identifier },
        query: { ...query, status: enabled ? 'true' : 'false' },
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
        <span className={table.buttons}>
          <Button
            variant="default"
            size="compact-sm"
            onClick={edit}
            aria-label={`${mayEdit ? 'Edit' : 'Show'} ${trigger.name}`}
          >
            {mayEdit ? 'Edit' : 'Show'}
          </Button>
          {mayDelete ? (
            <AskFirst
              action="Delete"
              name={trigger.name}
              act={() => api.deleteTrigger({ params: { trigger: trigger.identifier }, query })}
              stale={['triggers']}
            >
              It starts nothing any more, and its address knows no trigger.
            </AskFirst>
          ) : null}
          <Switch
            label={enabled ? 'On' : 'Off'}
            aria-label={`Trigger ${trigger.name}`}
            checked={enabled}
            disabled={!mayEdit}
            title={mayEdit ? 'Whoever turns it on owns it: its runs have their rights' : 'You may not edit pipelines'}
            onChange={(event) => turn.mutate(event.currentTarget.checked)}
          />
        </span>
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
