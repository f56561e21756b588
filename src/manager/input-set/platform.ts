// Input sets for the clients of the platform services: the same documents, which say name and tags themselves, and what to fill in.
import { inputSetInSchema, type InputSetOut } from '#contract/api/input-set'
import { listQueryOf } from '#contract/platform'
import { inputTemplate } from '#pipeline/read/input-template'
import { refuseRemote } from '../entity/document.ts'
import { projectInQuery } from '../entity/scope.ts'
import { fieldsOf } from '../execution/platform-pipeline.ts'
import type { ApiHandlers } from '../http/handler.ts'
import { checkPart } from '../http/request.ts'
import { overlayReferences } from './sets.ts'

type Own = ApiHandlers<
  'listInputSets' | 'createInputSet' | 'getInputSet' | 'updateInputSet' | 'deleteInputSet' | 'getPipeline'
>
type Names =
  | `platform${'Create' | 'Update' | 'Get' | 'Delete'}InputSet`
  | 'platformListInputSets'
  | 'platformGetInputTemplate'

interface Query {
  readonly orgIdentifier?: string | undefined
  readonly projectIdentifier?: string | undefined
  readonly pipelineIdentifier: string
  readonly storeType?: string | undefined
}

function bodyOf(yaml: string, identifier?: string) {
  const root = overlayReferences(yaml) ? 'overlayInputSet' : 'inputSet'
  const { identifier: said = identifier ?? '', name = said, description, tags } = fieldsOf(yaml, root)
  const given = { input_set_yaml: yaml, identifier: said, name, description: description ?? undefined }
  return checkPart('body', inputSetInSchema, { ...given, tags: tags ?? undefined })
}

export function platformInputSetHandlers(account: string, own: Own): ApiHandlers<Names> {
  const listed = (pipeline: string, set: Omit<InputSetOut, 'input_set_yaml'>, yaml: string) => ({
    identifier: set.identifier,
    name: set.name,
    pipelineIdentifier: pipeline,
    description: set.description,
    tags: set.tags,
    inputSetType: overlayReferences(yaml) ? ('OVERLAY_INPUT_SET' as const) : ('INPUT_SET' as const),
    storeType: 'INLINE' as const,
    createdAt: set.created,
    lastUpdatedAt: set.updated,
  })
  const shown = (pipeline: string, set: InputSetOut) => ({
    ...listed(pipeline, set, set.input_set_yaml),
    accountId: account,
    orgIdentifier: set.org,
    projectIdentifier: set.project,
    inputSetYaml: set.input_set_yaml,
    errorResponse: false as const,
  })
  const asked = ({ pipelineIdentifier: pipeline, storeType, ...query }: Query) => {
    refuseRemote(storeType ? { git_details: { store_type: storeType } } : {})
    return { place: projectInQuery(query), query: { pipeline } }
  }
  return {
    platformListInputSets: async (call) => {
      const { place: params, query: of } = asked(call.query)
      const { rows, total } = await own.listInputSets({ ...call, params, query: { ...listQueryOf(call.query), ...of } })
      const shownRows = []
      // One after the other, and none of them kept whole: a page may have a thousand, each of a megabyte.
      for (const { identifier: inputSet } of rows) {
        const set = await own.getInputSet({ ...call, params: { ...params, inputSet }, query: of })
        shownRows.push(listed(of.pipeline, set, set.input_set_yaml))
      }
      return { rows: shownRows, total }
    },
    platformGetInputSet: async (call) => {
      const { place, query } = asked(call.query)
      return shown(query.pipeline, await own.getInputSet({ ...call, params: { ...place, ...call.params }, query }))
    },
    platformCreateInputSet: async (call) => {
      const { place: params, query } = asked(call.query)
      const body = bodyOf(await call.request.text())
      return shown(query.pipeline, await own.createInputSet({ ...call, params, query, body }))
    },
    platformUpdateInputSet: async (call) => {
      const { place, query } = asked(call.query)
      const body = bodyOf(await call.request.text(), call.params.inputSet)
      const params = { ...place, ...call.params }
      return shown(query.pipeline, await own.updateInputSet({ ...call, params, query, body }))
    },
    platformDeleteInputSet: async (call) => {
      const { place, query } = asked(call.query)
      await own.deleteInputSet({ ...call, params: { ...place, ...call.params }, query })
      return true as const
    },
    platformGetInputTemplate: async (call) => {
      const { place, query } = asked(call.query)
      const read = { ...call, params: { ...place, ...query }, query: {}, body: undefined }
      const { pipeline_yaml: yaml, modules } = await own.getPipeline(read)
      const list = { ...listQueryOf({ pageSize: 1 }), ...query }
      const { total } = await own.listInputSets({ ...call, params: place, query: list, body: undefined })
      return { inputSetTemplateYaml: inputTemplate(yaml) ?? null, hasInputSets: total > 0, modules }
    },
  }
}
