// Secrets of every scope: create, read without value, replace, delete, list.
import { sql } from 'kysely'
import { builtInSecretManager, type SecretInfo, type SecretOut } from '#contract/api/secret'
import type { ListQuery } from '#contract/paging'
import type { RandomBytes } from '../access/token.ts'
import { createUnique, invalidField, milliseconds, mustEqual, recordEntity } from '../entity/change.ts'
import { visible } from '#contract/grant'
import { among, columnsOf, readPage } from '../entity/list.ts'
import { findOwner, missing, ownedBy, type Owner, ownerColumns, type OwnerParams, shownOwner } from '../entity/scope.ts'
import type { ApiHandlers, Caller, Page } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'
import { type RootKeys, sealEnvelope } from './envelope.ts'
import { placeOf } from './place.ts'

/** Never the ciphertext: nothing but the sealing needs it. */
const columns = [
  'id',
  'identifier',
  'name',
  'description',
  'tags',
  'type',
  'secret_manager',
  'reference',
  'file_name',
  'created_at',
  'updated_at',
] as const
interface Row {
  readonly id: string
  readonly identifier: string
  readonly name: string
  readonly description: string
  readonly tags: unknown
  readonly type: string
  readonly secret_manager: string
  readonly reference: string | null
  readonly file_name: string | null
  readonly created_at: Date
  readonly updated_at: Date
}

function specOf({ type, secret_manager: secretManagerIdentifier, reference, file_name: fileName }: Row) {
  if (type === 'SecretFile')
    return { type: 'SecretFileSpe', secretManagerIdentifier, ...(fileName === null ? {} : { fileName }) } as const
  const common = { type: 'SecretTextSpec', secretManagerIdentifier } as const
  return reference === null
    ? ({ ...common, valueType: 'Inline' } as const)
    : ({ ...common, valueType: 'Reference', value: reference } as const)
}

const show = (owner: Owner, row: Row): SecretOut => ({
  secret: {
    type: row.type,
    identifier: row.identifier,
    name: row.name,
    description: row.description,
    ...shownOwner(owner),
    tags: row.tags as Record<string, string>,
    spec: specOf(row),
  } as SecretOut['secret'],
  createdAt: milliseconds(row.created_at),
  updatedAt: milliseconds(row.updated_at),
})

async function read(db: Executor, owner: Owner, identifier: string): Promise<Row> {
  const row = await db
    .selectFrom('secret')
    .where(ownedBy('secret', owner))
    .where('identifier', '=', identifier)
    .select(columns)
    .executeTakeFirst()
  if (!row) throw missing('Secret', identifier)
  return row
}

/** Is it the built-in manager, whatever scope it is named in? */
export const isBuiltIn = (manager: string): boolean =>
  manager.replace(/^(?:account|org)\./, '') === builtInSecretManager

function check(owner: Owner, secret: SecretInfo): void {
  mustEqual('secret.orgIdentifier', secret.orgIdentifier, owner.org)
  mustEqual('secret.projectIdentifier', secret.projectIdentifier, owner.project)
  const { secretManagerIdentifier: manager } = secret.spec
  const isReference = secret.type === 'SecretText' && secret.spec.valueType === 'Reference'
  if (isReference === isBuiltIn(manager))
    throw isReference
      ? invalidField('secret.spec.valueType', `${manager} keeps values itself; a Reference is to another manager.`)
      : invalidField(
          'secret.spec.secretManagerIdentifier',
          `Sluice does not write into ${manager}. Put the value there, and say where with a SecretText of valueType Reference.`,
        )
}

/** What a body says of the value: undefined when it says nothing. */
function valueOf(secret: SecretInfo): { readonly bytes: Buffer } | { readonly reference: string } | undefined {
  if (secret.type === 'SecretFile') {
    const { content } = secret.spec
    return content === undefined ? undefined : { bytes: Buffer.from(content, 'base64') }
  }
  const { value, valueType } = secret.spec
  if (value === undefined) return undefined
  return valueType === 'Reference' ? { reference: value } : { bytes: Buffer.from(value, 'utf8') }
}

const valuesOf = (secret: SecretInfo) => ({
  name: secret.name,
  description: secret.description ?? '',
  tags: JSON.stringify(secret.tags ?? {}),
  type: secret.type,
  secret_manager: secret.spec.secretManagerIdentifier,
  ...(secret.type === 'SecretFile' && secret.spec.fileName !== undefined ? { file_name: secret.spec.fileName } : {}),
})

const projectOf = ({ projectId }: Owner) => (projectId === null ? {} : { projectId })

/** The five things that can be done with the secrets of an owner, for whatever paths lead to them. */
export function secretResource(store: Store, keys: RootKeys, random: RandomBytes) {
  /** The columns that a value goes into. */
  function kept(owner: Owner, secret: SecretInfo) {
    const value = valueOf(secret)
    if (value === undefined) return undefined
    if ('reference' in value) return { reference: value.reference, ciphertext: null }
    const { identifier } = secret
    const place = placeOf({ ...ownerColumns(owner), identifier })
    return { reference: null, ciphertext: sealEnvelope(keys, value.bytes, place, random) }
  }

  return {
    list: async (
      params: OwnerParams,
      query: Pick<ListQuery, 'page' | 'limit' | 'search_term' | 'sort' | 'order'>,
      { grants }: Caller,
      types?: readonly string[],
    ): Promise<Page<SecretOut>> => {
      const owner = await findOwner(store.db, params)
      return readPage(
        store.db
          .selectFrom('secret')
          .where(ownedBy('secret', owner))
          .where(among(sql.ref('secret.identifier'), visible(grants, 'secret.view', params)))
          .$if(types !== undefined, (from) => from.where('type', 'in', types ?? [])),
        query,
        columnsOf('secret'),
        (from) => from.select(columns),
        (row) => show(owner, row),
      )
    },

    create: (params: OwnerParams, secret: SecretInfo, caller: Caller): Promise<SecretOut> =>
      store.transaction(async (tx) => {
        const owner = await findOwner(tx, params)
        check(owner, secret)
        const { identifier } = secret
        const value = kept(owner, secret)
        if (value === undefined)
          throw invalidField(
            secret.type === 'SecretFile' ? 'secret.spec.content' : 'secret.spec.value',
            'Is needed to create a secret.',
          )
        const row = await createUnique('Secret', identifier, () =>
          tx
            .insertInto('secret')
            .values({ ...ownerColumns(owner), identifier, ...valuesOf(secret), ...value })
            .returning(columns)
            .executeTakeFirstOrThrow(),
        )
        const after = show(owner, row).secret
        await recordEntity(tx, caller, { kind: 'secret', identifier, ...projectOf(owner), after })
        return show(owner, row)
      }),

    get: async (params: OwnerParams, identifier: string): Promise<SecretOut> => {
      const owner = await findOwner(store.db, params)
      return show(owner, await read(store.db, owner, identifier))
    },

    update: (params: OwnerParams, identifier: string, secret: SecretInfo, caller: Caller): Promise<SecretOut> =>
      store.transaction(async (tx) => {
        mustEqual('secret.identifier', secret.identifier, identifier)
        const owner = await findOwner(tx, params)
        check(owner, secret)
        const before = await read(tx, owner, identifier)
        const value = kept(owner, secret)
        refuseWithoutValue(before, secret, value !== undefined)
        const row = await tx
          .updateTable('secret')
          .set({ ...valuesOf(secret), ...value, updated_at: sql`now()` })
          .where('id', '=', before.id)
          .returning(columns)
          .executeTakeFirstOrThrow()
        await recordEntity(tx, caller, {
          kind: 'secret',
          identifier,
          ...projectOf(owner),
          before: show(owner, before).secret,
          after: { ...show(owner, row).secret, valueReplaced: value !== undefined },
        })
        return show(owner, row)
      }),

    remove: (params: OwnerParams, identifier: string, caller: Caller): Promise<null> =>
      store.transaction(async (tx) => {
        const owner = await findOwner(tx, params)
        const before = await read(tx, owner, identifier)
        await tx.deleteFrom('secret').where('id', '=', before.id).execute()
        const was = show(owner, before).secret
        await recordEntity(tx, caller, { kind: 'secret', identifier, ...projectOf(owner), before: was })
        return null
      }),
  }
}

/** The stored value stays only while it means the same; a text may become a file of its bytes and the other way round. */
function refuseWithoutValue(before: Row, secret: SecretInfo, hasValue: boolean): void {
  const becomesReference = secret.type === 'SecretText' && secret.spec.valueType === 'Reference'
  if (!hasValue && becomesReference !== (before.reference !== null))
    throw invalidField('secret.spec.value', 'Is needed, because the secret moves to another place.')
}

type Verb = 'create' | 'get' | 'update' | 'delete'
type Names = `${Verb}${'' | 'Organization' | 'Account'}Secret` | `list${'' | 'Organization' | 'Account'}Secrets`

/** `keys`: from `loadRootKeys`. */
export function secretHandlers(store: Store, keys: RootKeys, random: RandomBytes): ApiHandlers<Names> {
  const { list, create, get, update, remove } = secretResource(store, keys, random)
  return {
    listSecrets: ({ params, query, caller }) => list(params, query, caller),
    createSecret: ({ params, body, caller }) => create(params, body.secret, caller),
    getSecret: ({ params }) => get(params, params.secret),
    updateSecret: ({ params, body, caller }) => update(params, params.secret, body.secret, caller),
    deleteSecret: ({ params, caller }) => remove(params, params.secret, caller),
    listOrganizationSecrets: ({ params, query, caller }) => list(params, query, caller),
    createOrganizationSecret: ({ params, body, caller }) => create(params, body.secret, caller),
    getOrganizationSecret: ({ params }) => get(params, params.secret),
    updateOrganizationSecret: ({ params, body, caller }) => update(params, params.secret, body.secret, caller),
    deleteOrganizationSecret: ({ params, caller }) => remove(params, params.secret, caller),
    listAccountSecrets: ({ query, caller }) => list({}, query, caller),
    createAccountSecret: ({ body, caller }) => create({}, body.secret, caller),
    getAccountSecret: ({ params }) => get({}, params.secret),
    updateAccountSecret: ({ params, body, caller }) => update({}, params.secret, body.secret, caller),
    deleteAccountSecret: ({ params, caller }) => remove({}, params.secret, caller),
  }
}
