// The input sets of a pipeline: values for its runtime inputs under a name, and overlays of several; written as YAML.
import { Button, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Api } from '#contract/api/index'
import type { ReplyOf } from '#contract/endpoint'
import { useApi } from '../../api.ts'
import { AskFirst } from '../../part/ask-first.tsx'
import { Icon } from '../../part/icon.tsx'
import { List, Named, Table } from '../../part/list.tsx'
import { Empty, FaultNotice } from '../../part/notice.tsx'
import table from '../../part/table.module.css'
import { Ago } from '../../part/time.tsx'
import { YamlDrawer } from '../../part/yaml-drawer.tsx'
import { inputSetQuery, inputSetsQuery } from '../../query-setting.ts'
import { useMay } from '../../session.ts'
import { useScope } from '../../shell/scope.ts'

type Listed = ReplyOf<Api['listInputSets']>[number]

const columns = ['Input set', 'Description', 'Changed', { title: 'Actions', unseen: true }] as const
/** An input set names the pipeline for which it gives values. */
const templateFor = (pipeline: string): string => `inputSet:
  pipeline:
    identifier: ${pipeline}
    variables:
      - { name: my_variable, value: my_value }
`
/** `pipeline` with its runs: they read the sets anew. */
const stale = ['input-sets', 'pipeline']

export function InputSetList({ pipeline }: { readonly pipeline: string }) {
  const api = useApi()
  const scope = useScope()
  const at = { ...scope, identifier: pipeline }
  const mayEdit = useMay('pipeline.edit', at)
  const mayDelete = useMay('pipeline.delete', at)
  const [edited, setEdited] = useState<Listed | 'new'>()
  const answer = useQuery(inputSetsQuery(api, scope, pipeline))
  return (
    <>
      <List
        title="Input sets"
        aside={
          mayEdit ? (
            <Button variant="default" leftSection={<Icon name="plus" size={13} />} onClick={() => setEdited('new')}>
              New input set
            </Button>
          ) : null
        }
        answer={answer}
        textOf={(one) => `${one.name} ${one.identifier} ${one.description}`}
        empty={
          <Empty icon="file" title="No input set yet">
            <p>It keeps values for what a run of this pipeline asks for, so that they need not be typed each time.</p>
          </Empty>
        }
      >
        {(rows) => (
          <Table label="Input sets" columns={columns}>
            {rows.map((one) => (
              <tr key={one.identifier}>
                <Named name={one.name} identifier={one.identifier} />
                <td className={`${table.wide} soft`}>{one.description || '–'}</td>
                <td>
                  <Ago at={one.updated} />
                </td>
                <td className={table.end}>
                  <span className={table.buttons}>
                    <Button
                      variant="default"
                      size="compact-sm"
                      aria-label={`${mayEdit ? 'Edit' : 'Show'} ${one.name}`}
                      onClick={() => setEdited(one)}
                    >
                      {mayEdit ? 'Edit' : 'Show'}
                    </Button>
                    {mayDelete ? (
                      <AskFirst
                        action="Delete"
                        name={one.name}
                        act={() =>
                          api.deleteInputSet({ params: { ...scope, inputSet: one.identifier }, query: { pipeline } })
                        }
                        stale={stale}
                      >
                        Runs and triggers that name it are refused from then on.
                      </AskFirst>
                    ) : null}
                  </span>
                </td>
              </tr>
            ))}
          </Table>
        )}
      </List>
      {edited === 'new' ? <NewInputSet pipeline={pipeline} close={() => setEdited(undefined)} /> : null}
      {edited === undefined || edited === 'new' ? null : (
        <EditInputSet pipeline={pipeline} listed={edited} mayEdit={mayEdit} close={() => setEdited(undefined)} />
      )}
    </>
  )
}

function NewInputSet({ pipeline, close }: { readonly pipeline: string; readonly close: () => void }) {
  const api = useApi()
  const scope = useScope()
  const [identifier, setIdentifier] = useState('')
  const save = (text: string) =>
    api.createInputSet({
      params: scope,
      query: { pipeline },
      body: { identifier, name: identifier, input_set_yaml: text },
    })
  return (
    <YamlDrawer title="New input set" text={templateFor(pipeline)} save={save} stale={stale} close={close}>
      <TextInput
        label="Identifier"
        description="What the values are for, e.g. production."
        required
        withAsterisk={false}
        value={identifier}
        onChange={(event) => setIdentifier(event.currentTarget.value)}
      />
    </YamlDrawer>
  )
}

function EditInputSet({
  pipeline,
  listed: { identifier, name, description, tags },
  mayEdit,
  close,
}: {
  readonly pipeline: string
  readonly listed: Listed
  readonly mayEdit: boolean
  readonly close: () => void
}) {
  const api = useApi()
  const scope = useScope()
  const { data, error } = useQuery(inputSetQuery(api, scope, pipeline, identifier))
  if (error) return <FaultNotice error={error} />
  if (!data) return null
  const save = (text: string) =>
    api.updateInputSet({
      params: { ...scope, inputSet: identifier },
      query: { pipeline },
      body: { identifier, name, description, tags, input_set_yaml: text },
    })
  return (
    <YamlDrawer title={name} text={data.input_set_yaml} save={mayEdit ? save : undefined} stale={stale} close={close} />
  )
}
