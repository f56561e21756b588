// Triggers over the API: the YAML is kept as it came, and nothing is kept that does not validate. Who saves one owns it.
import { sql } from 'kysely'
import type { TriggerOut } from '#contract/api/trigger'
import { hasErrors } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import { listQueryOf } from '#contract/platform'
import { parseDocument } from 'yaml'
import { nextRun, nextRuns } from '#pipeline/trigger/cron'
import type { TriggerDocument } from '#pipeline/trigger/document'
import { readTrigger } from '#pipeline/trigger/read'
import { createUnique, milliseconds, recordEntity } from '../entity/change.ts'
import { documentColumns, type DocumentRow, documentValues, invalidDocument } from '../entity/document.ts'
import { columnsOf, readPage } from '../entity/list.ts'
import { findProject, missing, projectInQuery, type ProjectScope } from '../entity/scope.ts'
import type { ApiHandlers, Caller } from '../http/handler.ts'
import { findUnstorable } from '../http/text.ts'
import { readSets } from '../input-set/sets.ts'
import type { Executor, Store } from '../store/port.ts'

type Names = 'listTriggers' | 'createTrigger' | 'getTrigger' | 'updateTrigger' | 'setTriggerStatus' | 'deleteTrigger'

const columns = [
  ...documentColumns,
  'document',
  'enabled',
  'user_id',
  'service_account_id',
  'owner_name',
  'version',
] as const
interface Row extends DocumentRow {
  readonly document: unknown
  readonly enabled: boolean
  readonly user_id: string | null
  readonly service_account_id: string | null
  readonly owner_name: string
  readonly version: number
}
interface Place extends ProjectScope {
  readonly pipelineId: string
  readonly pipeline: string
  /** By the clock of the database. */
  readonly now: Date
}
interface Query {
  readonly orgIdentifier?: string | undefined
  readonly projectIdentifier?: string | undefined
  readonly targetIdentifier: string
}

const NEXT_TIMES = 5

export function triggerHandlers(store: Store, account: string): ApiHandlers<Names> {
  const show = (place: Place, row: Row) => shown(account, place, row)
  return {
    listTriggers: async ({ query }) => {
      const place = await find(store.db, query)
      return readPage(
        store.db.selectFrom('pipeline_trigger').where('pipeline_id', '=', place.pipelineId),
        listQueryOf(query),
        columnsOf('pipeline_trigger'),
        (from) => from.select(columns),
        (row) => show(place, row),
      )
    },

    createTrigger: async ({ query, request, caller }) => {
      const yaml = await request.text()
      return store.transaction(async (tx) => {
        const place = await find(tx, query)
        const document = await check(tx, place, yaml, undefined)
        const { identifier } = document
        const row = await createUnique('Trigger', identifier, () =>
          tx
            .insertInto('pipeline_trigger')
            .values({
              project_id: place.id,
              pipeline_id: place.pipelineId,
              identifier,
              ...valuesOf(place, document, yaml, caller),
            })
            .returning(columns)
            .executeTakeFirstOrThrow(),
        )
        const after = show(place, row)
        await recordEntity(tx, caller, { kind: 'trigger', identifier, projectId: place.id, after })
        return after
      })
    },

    getTrigger: async ({ params, query }) => {
      const place = await find(store.db, query)
      return show(place, await read(store.db, place, params.trigger))
    },

    updateTrigger: async ({ params, query, request, caller }) => {
      const yaml = await request.text()
      return store.transaction(async (tx) => {
        const place = await find(tx, query)
        const { trigger: identifier } = params
        const before = await read(tx, place, identifier, true)
        const document = await check(tx, place, yaml, identifier)
        const row = await change(tx, before.id, valuesOf(place, document, yaml, caller))
        const entity = { before: show(place, before), after: show(place, row) }
        await recordEntity(tx, caller, { kind: 'trigger', identifier, projectId: place.id, ...entity })
        return entity.after
      })
    },

    setTriggerStatus: ({ params, query, caller }) =>
      store.transaction(async (tx) => {
        const place = await find(tx, query)
        const { trigger: identifier } = params
        const before = await read(tx, place, identifier, true)
        const enabled = query.status === 'true'
        const { source } = before.document as TriggerDocument
        // Who lets it start runs answers for them.
        const row = await change(tx, before.id, {
          enabled,
          yaml: withEnabled(before.yaml, enabled),
          next_at: nextOf({ enabled, source }, place.now),
          ...(enabled ? ownedBy(caller) : {}),
        })
        const entity = { before: show(place, before), after: show(place, row) }
        await recordEntity(tx, caller, { kind: 'trigger', identifier, projectId: place.id, ...entity })
        return enabled
      }),

    deleteTrigger: ({ params, query, caller }) =>
      store.transaction(async (tx) => {
        const place = await find(tx, query)
        const { trigger: identifier } = params
        const before = await read(tx, place, identifier, true)
        await tx.deleteFrom('pipeline_trigger').where('id', '=', before.id).execute()
        const entity = { kind: 'trigger', identifier, projectId: place.id, before: show(place, before) }
        await recordEntity(tx, caller, entity)
        return true as const
      }),
  }
}

async function find(db: Executor, query: Query): Promise<Place> {
  const { targetIdentifier: identifier } = query
  const scope = await findProject(db, projectInQuery(query))
  const pipeline = await db
    .selectFrom('pipeline')
    .where('project_id', '=', scope.id)
    .where('identifier', '=', identifier)
    .select(['id', sql<Date>`clock_timestamp()`.as('now')])
    .executeTakeFirst()
  if (!pipeline) throw missing('Pipeline', identifier)
  return { ...scope, pipelineId: pipeline.id, pipeline: identifier, now: pipeline.now }
}

/** `lock`: what is written next is made of what is read here, so that nobody may change it in between. */
async function read(db: Executor, { pipelineId }: Place, identifier: string, lock = false): Promise<Row> {
  const row = await db
    .selectFrom('pipeline_trigger')
    .where('pipeline_id', '=', pipelineId)
    .where('identifier', '=', identifier)
    .select(columns)
    .$if(lock, (select) => select.forUpdate())
    .executeTakeFirst()
  if (!row) throw missing('Trigger', identifier)
  return row
}

type Values = Partial<Omit<ReturnType<typeof valuesOf>, 'enabled'>> & { readonly enabled: boolean }
function change(db: Executor, id: string, values: Values): Promise<Row> {
  return db
    .updateTable('pipeline_trigger')
    .set({ ...values, version: sql`version + 1`, updated_at: sql`now()` })
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirstOrThrow()
}

/** The caller owns it from now on. */
function ownedBy({ principal }: Caller) {
  if (!principal) throw new Fault('forbidden', 'Only a user or a service account can own a trigger.')
  const { kind, id, email } = principal
  return {
    user_id: kind === 'user' ? id : null,
    service_account_id: kind === 'service-account' ? id : null,
    owner_name: email,
  }
}

/** The text says what is so: applied again it changes nothing. */
function withEnabled(yaml: string, enabled: boolean): string {
  const document = parseDocument(yaml)
  document.setIn(['trigger', 'enabled'], enabled)
  return document.toString({ lineWidth: 0 })
}

function nextOf({ enabled, source }: Pick<TriggerDocument, 'enabled' | 'source'>, now: Date): Date | null {
  return enabled && source.type === 'Scheduled' ? (nextRun(source, now) ?? null) : null
}

function valuesOf(place: Place, document: TriggerDocument, yaml: string, caller: Caller) {
  const { enabled, source } = document
  return {
    ...documentValues(yaml, document),
    document: JSON.stringify(document),
    kind: source.type,
    provider: source.type === 'Webhook' ? source.provider : null,
    enabled,
    next_at: nextOf(document, place.now),
    ...ownedBy(caller),
  }
}

/** Raises `invalid-input` with every finding, also when the document says that it belongs elsewhere. */
async function check(db: Executor, place: Place, yaml: string, saved: string | undefined): Promise<TriggerDocument> {
  const unstorable = findUnstorable(yaml)
  if (unstorable) throw new Fault('invalid-input', unstorable.message)
  const { trigger, diagnostics } = readTrigger(yaml, `${saved ?? 'trigger'}.yaml`, place.now)
  if (!trigger || hasErrors(diagnostics)) throw invalidDocument('The trigger', diagnostics)
  const wrong = [
    ['identifier', trigger.identifier, saved],
    ['orgIdentifier', trigger.orgIdentifier, place.org],
    ['projectIdentifier', trigger.projectIdentifier, place.project],
    ['pipelineIdentifier', trigger.pipelineIdentifier, place.pipeline],
  ].find(([, written, expected]) => written !== undefined && expected !== undefined && written !== expected)
  if (wrong)
    throw new Fault('invalid-input', `\`${wrong[0]}\` of the trigger is ${wrong[1]}, but it is saved as ${wrong[2]}.`, {
      hint: `Write ${wrong[2]}.`,
    })
  await readSets(db, place.pipelineId, trigger.inputSetRefs)
  return trigger
}

function shown(account: string, place: Place, row: Row): TriggerOut {
  const { source } = row.document as TriggerDocument
  const times = row.enabled && source.type === 'Scheduled' ? nextRuns(source, place.now, NEXT_TIMES) : []
  const { diagnostics } = readTrigger(row.yaml, `${row.identifier}.yaml`, place.now)
  return {
    name: row.name,
    identifier: row.identifier,
    description: row.description,
    tags: row.tags as Record<string, string>,
    type: source.type,
    accountIdentifier: account,
    orgIdentifier: place.org,
    projectIdentifier: place.project,
    targetIdentifier: place.pipeline,
    yaml: row.yaml,
    version: row.version,
    enabled: row.enabled,
    webhookUrl: webhookPath(account, place, row.identifier, source),
    errors: {},
    errorResponse: false,
    owner: row.user_id === null && row.service_account_id === null ? '' : row.owner_name,
    nextFireTimes: times.map(milliseconds),
    diagnostics: [...diagnostics],
    createdAt: milliseconds(row.created_at),
    lastModifiedAt: milliseconds(row.updated_at),
  }
}

/** Git hosts send what happens in a repository once, to all triggers of a project; other programs mean one trigger. */
function webhookPath(account: string, place: Place, identifier: string, source: TriggerDocument['source']): string {
  if (source.type === 'Scheduled') return ''
  const query = new URLSearchParams({
    accountIdentifier: account,
    orgIdentifier: place.org,
    projectIdentifier: place.project,
  })
  if (source.provider !== 'Custom') return `/ng/api/webhook?${query.toString()}`
  query.set('pipelineIdentifier', place.pipeline)
  query.set('triggerIdentifier', identifier)
  return `/pipeline/api/webhook/custom?${query.toString()}`
}
