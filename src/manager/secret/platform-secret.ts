// Secrets for the clients of the platform services: the same entities, another form of address; files come as forms.
import { type SecretInfo, secretInSchema, secretLimits, type SecretOut } from '#contract/api/secret'
import { Fault } from '#contract/fault'
import { listQueryOf, type PlatformListQuery } from '#contract/platform'
import type { RandomBytes } from '../access/token.ts'
import { invalidField } from '../entity/change.ts'
import { scopeOf } from '../entity/platform-connector.ts'
import type { ApiHandlers, Caller } from '../http/handler.ts'
import { checkPart } from '../http/request.ts'
import type { Store } from '../store/port.ts'
import type { RootKeys } from './envelope.ts'
import { secretResource } from './secret.ts'

const shown = (out: SecretOut) => ({ ...out, draft: false, governanceMetadata: null })

/**
 * The secret of a form, with the bytes of its file. A client of the original product sends a second field `file` that only holds a
 * path; the one with a file name counts. The field `spec` is the JSON that other calls have as their body.
 */
async function readForm(request: Request): Promise<SecretInfo> {
  let form: FormData
  try {
    form = await request.formData()
  } catch (cause) {
    if (cause instanceof Fault) throw cause
    throw new Fault('invalid-input', 'Send a form (multipart/form-data) with the fields spec and file.', { cause })
  }
  const spec = form.get('spec')
  if (typeof spec !== 'string') throw invalidField('spec', 'Is missing: the JSON of the secret.')
  let value: unknown
  try {
    value = JSON.parse(spec)
  } catch {
    throw invalidField('spec', 'Is not JSON.')
  }
  const { secret } = checkPart('body', secretInSchema, value)
  if (secret.type !== 'SecretFile') throw invalidField('spec.secret.type', 'Must be SecretFile here.')
  const file = form.getAll('file').find((one) => typeof one !== 'string')
  if (file === undefined) return secret
  if (file.size > secretLimits.fileBytes)
    throw new Fault('too-large', `A secret file has at most ${secretLimits.fileBytes} bytes.`)
  const content = Buffer.from(await file.arrayBuffer()).toString('base64')
  return { ...secret, spec: { ...secret.spec, content, fileName: file.name.slice(0, 255) } }
}

type Names =
  | 'platformListSecrets'
  | `platformFilterSecrets${'' | 'Again'}`
  | `platform${'Create' | 'Update' | 'Get' | 'Delete'}Secret`
  | `platform${'Create' | 'Update'}SecretFile`

export function platformSecretHandlers(store: Store, keys: RootKeys, random: RandomBytes): ApiHandlers<Names> {
  const { list, create, get, update, remove } = secretResource(store, keys, random)
  const page = async (query: PlatformListQuery, caller: Caller, types: readonly string[] | undefined) => {
    const { rows, total } = await list(scopeOf(query), listQueryOf(query), caller, types)
    return { rows: rows.map(shown), total }
  }
  const filter = (
    query: PlatformListQuery,
    caller: Caller,
    body: { searchTerm?: string | null | undefined; types?: string[] | undefined },
  ) => page({ ...query, searchTerm: query.searchTerm ?? body.searchTerm ?? undefined }, caller, body.types)
  return {
    platformListSecrets: ({ query, caller }) =>
      page(query, caller, query.type === undefined ? undefined : [query.type]),
    platformFilterSecrets: ({ query, body, caller }) => filter(query, caller, body),
    platformFilterSecretsAgain: ({ query, body, caller }) => filter(query, caller, body),
    platformCreateSecret: async ({ query, body: { secret }, caller }) =>
      shown(await create(scopeOf(query, secret), secret, caller)),
    platformGetSecret: async ({ params, query }) => shown(await get(scopeOf(query), params.secret)),
    platformUpdateSecret: async ({ params, query, body: { secret }, caller }) =>
      shown(await update(scopeOf(query, secret), params.secret, secret, caller)),
    platformDeleteSecret: async ({ params, query, caller }) => {
      await remove(scopeOf(query), params.secret, caller)
      return true as const
    },
    // The scope is in the query alone: what the caller may do was decided by it, before the form was read.
    platformCreateSecretFile: async ({ query, request, caller }) =>
      shown(await create(scopeOf(query), await readForm(request), caller)),
    platformUpdateSecretFile: async ({ params, query, request, caller }) =>
      shown(await update(scopeOf(query), params.secret, await readForm(request), caller)),
  }
}
