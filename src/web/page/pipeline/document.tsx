// The YAML of a pipeline: written here, validated by the server after each pause, saved as a whole.
import { Button } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useBlocker } from '@tanstack/react-router'
import { useState } from 'react'
import type { PipelineOut } from '#contract/api/pipeline'
import { type Diagnostic, hasErrors } from '#contract/diagnostic'
import { type BrowserApi, toFault, useApi } from '../../api.ts'
import type { StatusLook } from '../../model/status.ts'
import { Code } from '../../part/code.tsx'
import { DiagnosticList, FaultNotice } from '../../part/notice.tsx'
import { StatusText } from '../../part/status.tsx'
import { pipelineQuery, type Scope } from '../../query.ts'
import { useMay } from '../../session.ts'
import { useScope } from '../../shell/scope.ts'
import style from './pipeline.module.css'

/** Milliseconds without a key before the server is asked. */
const pause = 400

function useFindings(api: BrowserApi, scope: Scope, text: string) {
  const [settled] = useDebouncedValue(text, pause)
  const validation = useQuery({
    queryKey: ['validate', scope, settled],
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    queryFn: ({ signal }) => api.validatePipeline({ params: scope, body: { pipeline_yaml: settled } }, signal),
  })
  return { validation, isCurrent: settled === text && !validation.isFetching }
}

function verdictOf(isCurrent: boolean, diagnostics: readonly Diagnostic[] | undefined): StatusLook {
  if (!isCurrent || !diagnostics) return { tone: 'run', icon: 'turn', label: 'Checking' }
  const errors = diagnostics.filter((one) => one.severity === 'error').length
  if (errors > 0) return { tone: 'bad', icon: 'cross', label: errors === 1 ? '1 error' : `${errors} errors` }
  if (diagnostics.length > 0) return { tone: 'wait', icon: 'hand', label: 'Valid, with remarks' }
  return { tone: 'good', icon: 'check', label: 'Valid' }
}

export function PipelineDocument({ pipeline }: { readonly pipeline: PipelineOut }) {
  const api = useApi()
  const scope = useScope()
  const queries = useQueryClient()
  const mayEdit = useMay('pipeline.edit', { ...scope, identifier: pipeline.identifier })
  const [text, setText] = useState(pipeline.pipeline_yaml)
  const [place, setPlace] = useState<{ readonly diagnostic: Diagnostic }>()
  const { validation, isCurrent } = useFindings(api, scope, text)
  const isChanged = text !== pipeline.pipeline_yaml
  const save = useMutation({
    mutationFn: () =>
      api.updatePipeline({
        params: { ...scope, pipeline: pipeline.identifier },
        body: {
          pipeline_yaml: text,
          identifier: pipeline.identifier,
          name: pipeline.name,
          description: pipeline.description,
          tags: pipeline.tags,
        },
      }),
    onSuccess: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: pipelineQuery(api, scope, pipeline.identifier).queryKey }),
        queries.invalidateQueries({ queryKey: ['pipelines'] }),
      ]),
  })
  useBlocker({
    shouldBlockFn: ({ current, next }) =>
      // Another view of the same pipeline keeps what was written.
      // oxlint-disable-next-line no-alert -- the browser's own question is the only one that also holds a closing tab
      isChanged && current.pathname !== next.pathname && !confirm('Leave without saving the changes to this pipeline?'),
    enableBeforeUnload: isChanged,
    disabled: !isChanged,
  })
  const refused = save.error ? toFault(save.error).diagnostics : []
  const diagnostics = validation.data?.diagnostics ?? refused
  return (
    <div className={style.document}>
      <div className={style.bar}>
        <div className={style.verdict} role="status">
          {validation.error ? (
            <span className="faint">Could not be checked: {validation.error.message}</span>
          ) : (
            <StatusText look={verdictOf(isCurrent, validation.data?.diagnostics)} />
          )}
        </div>
        {save.isSuccess && !isChanged ? (
          <span className="soft" role="status">
            Saved
          </span>
        ) : null}
        {isChanged ? <span className="soft">Not saved</span> : null}
        {mayEdit ? (
          <>
            <Button variant="default" disabled={!isChanged} onClick={() => setText(pipeline.pipeline_yaml)}>
              Revert
            </Button>
            <Button
              variant="default"
              disabled={!isChanged || !isCurrent || hasErrors(diagnostics)}
              loading={save.isPending}
              onClick={() => save.mutate()}
            >
              Save
            </Button>
          </>
        ) : (
          <span className="faint">Read-only: you may not edit pipelines</span>
        )}
      </div>
      <Code
        text={text}
        language="yaml"
        label={`YAML of the pipeline ${pipeline.name}`}
        className={style.editor}
        diagnostics={diagnostics}
        place={place}
        {...(mayEdit ? { onChange: setText } : {})}
      />
      {save.error && refused.length === 0 ? (
        <div className={style.saveFault}>
          <FaultNotice error={save.error} />
        </div>
      ) : null}
      {diagnostics.length > 0 ? (
        <section className={style.findings} aria-label="Findings">
          <DiagnosticList diagnostics={diagnostics} goTo={(diagnostic) => setPlace({ diagnostic })} />
        </section>
      ) : null}
    </div>
  )
}
