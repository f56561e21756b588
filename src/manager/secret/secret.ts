// Secrets of the built-in store: create, read without value, replace, delete, list.
import { sql } from 'kysely'
import type { secretInSchema, SecretOut } from '#contract/api/secret'
import type { z } from 'zod'
import type { RandomBytes } from '../access/token.ts'
import { createUnique, invalidField, milliseconds, mustEqual, recordEntity } from '../entity/change.ts'
import { columnsOf, readPage } from '../entity/list.ts'
import { findProject, missing, type ProjectScope } from '../entity/scope.ts'
import type { ApiHandlers } from '../http/handler.ts'
import type { Executor, Store } from '../store/port.ts'
import { sealEnvelope } from './envelope.ts'

/** Never the ciphertext: nothing but the sealing needs it. */
const columns = [
  'id',
  'identifier',
  'name',
  'description',
  'tags',
  'secret_manager',
  'created_at',
  'updated_at',
] as const
const builtIn = 'harnessSecretManager'
interface Row {
  readonly id: string
  readonly identifier: string
  readonly name: string
  readonly description: string
  readonly tags: unknown
  readonly secret_manager: string
  readonly created_at: Date
  readonly updated_at: Date
}
type SecretIn = z.output<typeof secretInSchema>['secret']

const show = ({ org, project }: ProjectScope, row: Row): SecretOut => ({
  secret: {
    type: 'SecretText',
    identifier: row.identifier,
    name: row.name,
    description: row.description,
    orgIdentifier: org,
    projectIdentifier: project,
    tags: row.tags as Record<string, string>,
    spec: { type: 'SecretTextSpec', secretManagerIdentifier: row.secret_manager, valueType: 'Inline' },
  },
  createdAt: milliseconds(row.created_at),
  updatedAt: milliseconds(row.updated_at),
})

async function read(db: Executor, scope: ProjectScope, identifier: string): Promise<Row> {
  const row = await db
    .selectFrom('secret')
    .where('project_id', '=', scope.id)
    .where('identifier', '=', identifier)
    .select(columns)
    .executeTakeFirst()
  if (!row) throw missing('Secret', identifier)
  return row
}

function check(scope: ProjectScope, secret: SecretIn): void {
  mustEqual('secret.orgIdentifier', secret.orgIdentifier, scope.org)
  mustEqual('secret.projectIdentifier', secret.projectIdentifier, scope.project)
  if (secret.spec.secretManagerIdentifier !== builtIn)
    throw invalidField(
      'secret.spec.secretManagerIdentifier',
      `Only the built-in secret store ${builtIn} is offered yet.`,
    )
}

const valuesOf = ({ name, description = '', tags = {} }: SecretIn) => ({
  name,
  description,
  tags: JSON.stringify(tags),
})

type Names = 'listSecrets' | 'createSecret' | 'getSecret' | 'updateSecret' | 'deleteSecret'

/** `rootKey`: 32 bytes, from `loadRootKey`. */
export function secretHandlers(store: Store, rootKey: Uint8Array, random: RandomBytes): ApiHandlers<Names> {
  const seal = (scope: ProjectScope, identifier: string, value: string) =>
    sealEnvelope(rootKey, value, { projectId: scope.id, identifier }, random)
  return {
    listSecrets: async ({ params, query }) => {
      const scope = await findProject(store.db, params)
      return readPage(
        store.db.selectFrom('secret').where('project_id', '=', scope.id),
        query,
        columnsOf('secret'),
        (from) => from.select(columns),
        (row) => show(scope, row),
      )
    },

    createSecret: ({ params, body: { secret }, caller }) =>
      store.transaction(async (tx) => {
        const scope = await findProject(tx, params)
        check(scope, secret)
        const { identifier, spec } = secret
        if (spec.value === undefined) throw invalidField('secret.spec.value', 'Is needed to create a secret.')
        const ciphertext = seal(scope, identifier, spec.value)
        const row = await createUnique('Secret', identifier, () =>
          tx
            .insertInto('secret')
            .values({ project_id: scope.id, identifier, ...valuesOf(secret), secret_manager: builtIn, ciphertext })
            .returning(columns)
            .executeTakeFirstOrThrow(),
        )
        const after = show(scope, row).secret
        await recordEntity(tx, caller, { kind: 'secret', identifier, projectId: scope.id, after })
        return show(scope, row)
      }),

    getSecret: async ({ params }) => {
      const scope = await findProject(store.db, params)
      return show(scope, await read(store.db, scope, params.secret))
    },

    updateSecret: ({ params, body: { secret }, caller }) =>
      store.transaction(async (tx) => {
        mustEqual('secret.identifier', secret.identifier, params.secret)
        const scope = await findProject(tx, params)
        check(scope, secret)
        const before = await read(tx, scope, params.secret)
        const { value } = secret.spec
        const row = await tx
          .updateTable('secret')
          .set({ ...valuesOf(secret), updated_at: sql`now()` })
          .$if(value !== undefined, (update) => update.set({ ciphertext: seal(scope, params.secret, value ?? '') }))
          .where('id', '=', before.id)
          .returning(columns)
          .executeTakeFirstOrThrow()
        await recordEntity(tx, caller, {
          kind: 'secret',
          identifier: params.secret,
          projectId: scope.id,
          before: show(scope, before).secret,
          after: { ...show(scope, row).secret, valueReplaced: value !== undefined },
        })
        return show(scope, row)
      }),

    deleteSecret: ({ params, caller }) =>
      store.transaction(async (tx) => {
        const scope = await findProject(tx, params)
        const before = await read(tx, scope, params.secret)
        await tx.deleteFrom('secret').where('id', '=', before.id).execute()
        await recordEntity(tx, caller, {
          kind: 'secret',
          identifier: params.secret,
          projectId: scope.id,
          before: show(scope, before).secret,
        })
        return null
      }),
  }
}
