// Freezes over the API: the YAML is kept as it came, and nothing is kept that does not validate.
import { sql } from 'kysely'
import { parseDocument } from 'yaml'
import type { FreezeOut } from '#contract/api/freeze'
import { hasErrors } from '#contract/diagnostic'
import { Fault } from '#contract/fault'
import { identifiersOf, listQueryOf } from '#contract/platform'
import type { FreezeDocument } from '#pipeline/freeze/document'
import { readFreeze } from '#pipeline/freeze/read'
import { currentPeriod, nextPeriod } from '#pipeline/freeze/window'
import { visible } from '#contract/grant'
import { createUnique, milliseconds, recordEntity } from '../entity/change.ts'
import { type DocumentRow, documentValues, invalidDocument } from '../entity/document.ts'
import { among, columnsOf, readPage } from '../entity/list.ts'
import { missing } from '../entity/scope.ts'
import { findPlace, levelOf, type ScopedPlace, shownPlace } from '../entity/scoped-place.ts'
import type { ApiHandlers, Caller } from '../http/handler.ts'
import { findUnstorable } from '../http/text.ts'
import type { Executor, Store, StoreTransaction } from '../store/port.ts'

export type FreezeNames =
  | 'listFreezes'
  | 'createFreeze'
  | 'getFreeze'
  | 'updateFreeze'
  | 'setFreezeStatus'
  | 'deleteFreeze'

const columns = [
  'freeze_window.id',
  'freeze_window.identifier',
  'freeze_window.name',
  'freeze_window.description',
  'freeze_window.tags',
  'freeze_window.yaml',
  'freeze_window.document',
  'freeze_window.enabled',
  'freeze_window.version',
  'freeze_window.created_at',
  'freeze_window.updated_at',
] as const
interface Row extends DocumentRow {
  readonly document: unknown
  readonly enabled: boolean
  readonly version: number
}

const MOST_IN_SCOPE = 200

export function freezeHandlers(store: Store, account: string): ApiHandlers<FreezeNames> {
  const show = (place: ScopedPlace, row: Row, now: Date) => shown(account, place, row, now)
  const record = async (tx: StoreTransaction, caller: Caller, place: ScopedPlace, before?: Row, after?: Row) => {
    const now = await clock(tx)
    await recordEntity(tx, caller, {
      kind: 'freeze',
      identifier: (after ?? before)?.identifier ?? '',
      ...(place.projectId === null ? {} : { projectId: place.projectId }),
      ...(before ? { before: show(place, before, now) } : {}),
      ...(after ? { after: show(place, after, now) } : {}),
    })
  }
  return {
    listFreezes: async ({ query, body, caller }) => {
      const place = await findPlace(store.db, query)
      const now = await clock(store.db)
      const identifiers = body.freezeIdentifiers ?? identifiersOf(query)
      const { freezeStatus, searchTerm } = body
      const from = within(store.db, place)
        .where(among(sql.ref('freeze_window.identifier'), visible(caller.grants, 'freeze.view', place)))
        .$if(identifiers !== undefined, (rows) => rows.where('freeze_window.identifier', 'in', identifiers ?? []))
        .$if(Boolean(freezeStatus), (rows) => rows.where('freeze_window.enabled', '=', freezeStatus === 'Enabled'))
      const list = listQueryOf(query)
      return readPage(
        from,
        { ...list, search_term: searchTerm ?? list.search_term },
        columnsOf('freeze_window'),
        (rows) => rows.select(columns),
        (row) => show(place, row, now),
      )
    },

    createFreeze: async ({ query, request, caller }) => {
      const yaml = await request.text()
      return store.transaction(async (tx) => {
        const place = await findPlace(tx, query)
        const document = check(place, yaml, undefined)
        const { identifier } = document
        const { count } = await within(tx, place)
          .select((rows) => rows.fn.countAll<string>().as('count'))
          .executeTakeFirstOrThrow()
        if (Number(count) >= MOST_IN_SCOPE)
          throw new Fault('too-large', `There are ${MOST_IN_SCOPE} freezes already.`, { hint: 'Delete old ones.' })
        const row = await createUnique('Freeze', identifier, () =>
          tx
            .insertInto('freeze_window')
            .values({
              organization_id: place.organizationId,
              project_id: place.projectId,
              identifier,
              ...valuesOf(document, yaml),
            })
            .returning(columns)
            .executeTakeFirstOrThrow(),
        )
        await record(tx, caller, place, undefined, row)
        return show(place, row, await clock(tx))
      })
    },

    getFreeze: async ({ params, query }) => {
      const place = await findPlace(store.db, query)
      return show(place, await read(store.db, place, params.freeze), await clock(store.db))
    },

    updateFreeze: async ({ params, query, request, caller }) => {
      const yaml = await request.text()
      return store.transaction(async (tx) => {
        const place = await findPlace(tx, query)
        const before = await read(tx, place, params.freeze, true)
        const row = await change(tx, before.id, valuesOf(check(place, yaml, params.freeze), yaml))
        await record(tx, caller, place, before, row)
        return show(place, row, await clock(tx))
      })
    },

    setFreezeStatus: ({ query, body, caller }) =>
      store.transaction(async (tx) => {
        const place = await findPlace(tx, query)
        const enabled = query.status === 'Enabled'
        const changed: Row[] = []
        // In one order, so that two calls never wait for each other.
        for (const identifier of [...new Set(body)].toSorted()) {
          const before = await read(tx, place, identifier, true)
          const row = await change(tx, before.id, { enabled, yaml: withStatus(before.yaml, query.status) })
          await record(tx, caller, place, before, row)
          changed.push(row)
        }
        const now = await clock(tx)
        return changed.map((row) => show(place, row, now))
      }),

    deleteFreeze: ({ params, query, caller }) =>
      store.transaction(async (tx) => {
        const place = await findPlace(tx, query)
        const before = await read(tx, place, params.freeze, true)
        await tx.deleteFrom('freeze_window').where('id', '=', before.id).execute()
        await record(tx, caller, place, before)
        return true as const
      }),
  }
}

const within = (db: Executor, { organizationId, projectId }: ScopedPlace) =>
  db
    .selectFrom('freeze_window')
    .where(sql<boolean>`freeze_window.organization_id is not distinct from ${organizationId}`)
    .where(sql<boolean>`freeze_window.project_id is not distinct from ${projectId}`)

async function read(db: Executor, place: ScopedPlace, identifier: string, lock = false): Promise<Row> {
  const row = await within(db, place)
    .where('freeze_window.identifier', '=', identifier)
    .select(columns)
    .$if(lock, (select) => select.forUpdate())
    .executeTakeFirst()
  if (!row) throw missing('Freeze', identifier)
  return row
}

type Values = Partial<Omit<ReturnType<typeof valuesOf>, 'enabled'>> & { readonly enabled: boolean }
const change = (tx: StoreTransaction, id: string, values: Values): Promise<Row> =>
  tx
    .updateTable('freeze_window')
    .set({ ...values, version: sql`version + 1`, updated_at: sql`now()` })
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirstOrThrow()

async function clock(db: Executor): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select clock_timestamp() as now`.execute(db)
  return rows[0]?.now ?? new Date(0)
}

const valuesOf = (document: FreezeDocument, yaml: string) => ({
  ...documentValues(yaml, document),
  document: JSON.stringify(document),
  enabled: document.enabled,
})

/** The text says what is so: applied again it changes nothing. */
function withStatus(yaml: string, status: string): string {
  const document = parseDocument(yaml)
  document.setIn(['freeze', 'status'], status)
  return document.toString({ lineWidth: 0 })
}

/** Raises `invalid-input` with every finding, also when the document says that it belongs elsewhere. */
function check(place: ScopedPlace, yaml: string, saved: string | undefined): FreezeDocument {
  const unstorable = findUnstorable(yaml)
  if (unstorable) throw new Fault('invalid-input', unstorable.message)
  const { freeze, diagnostics } = readFreeze(yaml, `${saved ?? 'freeze'}.yaml`)
  if (!freeze || hasErrors(diagnostics)) throw invalidDocument('The freeze', diagnostics)
  const wrong = [
    ['identifier', freeze.identifier, saved ?? freeze.identifier],
    ['orgIdentifier', freeze.orgIdentifier ?? place.org, place.org],
    ['projectIdentifier', freeze.projectIdentifier ?? place.project, place.project],
  ].find(([, written, expected]) => written !== expected)
  if (wrong)
    throw new Fault(
      'invalid-input',
      `\`${wrong[0]}\` of the freeze is ${wrong[1]}, but it is saved ${wrong[2] === undefined ? 'in a scope without one' : `as ${wrong[2]}`}.`,
      { hint: 'Let the document and the address of the request say the same.' },
    )
  return freeze
}

function shown(account: string, place: ScopedPlace, row: Row, now: Date): FreezeOut {
  const { windows } = row.document as FreezeDocument
  const current = currentPeriod(windows, now)
  const period = current ?? nextPeriod(windows, now)
  const { accountIdentifier: accountId, ...keys } = shownPlace(account, place)
  return {
    accountId,
    ...keys,
    freezeScope: levelOf(place),
    identifier: row.identifier,
    name: row.name,
    description: row.description,
    tags: row.tags as Record<string, string>,
    status: row.enabled ? 'Enabled' : 'Disabled',
    active: row.enabled && current !== undefined,
    ...(period
      ? { currentOrUpcomingWindow: { startTime: milliseconds(period.start), endTime: milliseconds(period.end) } }
      : {}),
    yaml: row.yaml,
    version: row.version,
    diagnostics: [...readFreeze(row.yaml, `${row.identifier}.yaml`).diagnostics],
    createdAt: milliseconds(row.created_at),
    lastUpdatedAt: milliseconds(row.updated_at),
  }
}
