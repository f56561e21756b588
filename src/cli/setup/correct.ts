// Brings entities that were there before to what is said now: whoever mistyped a path or a password says it again.
import { isDeepStrictEqual } from 'node:util'
import type { ConnectorInfo } from '#contract/api/connector'
import { gitConnector, jdbcConnector, type Setup } from './entity.ts'
import type { ApiClient } from './session.ts'

/** What was said by the person, and is no default: only that changes what somebody may have set otherwise meanwhile. */
export interface Said {
  readonly branch: boolean
  readonly contexts: boolean
}

/**
 * What `created` does not name was there. Answers what it changed, in words. Values of secrets are written without being compared,
 * because nobody can read them.
 */
export async function correctEntities(
  client: ApiClient,
  setup: Setup,
  created: readonly string[],
  said: Said,
): Promise<string[]> {
  const changed: string[] = []
  const wasThere = (what: string): boolean => !created.includes(what)
  const { scope, schema } = setup
  for (const [identifier, value] of Object.entries(setup.secrets)) {
    if (!wasThere(`secret ${identifier}`)) continue
    const secret = { type: 'SecretText' as const, identifier, name: identifier, spec: { value } }
    await client.updateSecret({ params: { ...scope, secret: identifier }, body: { secret } })
    changed.push(`secret ${identifier}: its value is what was given now`)
  }
  for (const wanted of [gitConnector(setup), ...setup.instances.map(jdbcConnector)]) {
    if (!wasThere(`connector ${wanted.identifier}`)) continue
    const params = { ...scope, connector: wanted.identifier }
    const { connector } = await client.getConnector({ params })
    const corrected = { ...connector, type: wanted.type, spec: { ...connector.spec, ...wanted.spec } } as ConnectorInfo
    if (isDeepStrictEqual(plain(connector), plain(corrected))) continue
    await client.updateConnector({ params, body: { connector: corrected } })
    changed.push(`connector ${wanted.identifier}: ${addressOf(wanted)}`)
  }
  const dbschema = schema.identifier
  const changelog = { connector: setup.repository.identifier, location: schema.location }
  if (wasThere(`DB schema ${dbschema}`)) {
    const { changelog: now } = await client.getDbSchema({ params: { ...scope, dbschema } })
    if (now?.connector !== changelog.connector || now.location !== changelog.location) {
      await client.updateDbSchema({ params: { ...scope, dbschema }, body: { changelog } })
      changed.push(`DB schema ${dbschema}: ${changelog.location}`)
    }
  }
  for (const { identifier, context } of setup.instances) {
    if (!wasThere(`DB instance ${identifier}`)) continue
    const params = { ...scope, dbschema, dbinstance: identifier }
    const now = await client.getDbInstance({ params })
    const wanted = {
      ...(said.branch ? { branch: schema.branch } : {}),
      ...(said.contexts ? { context } : {}),
    }
    const different = Object.entries(wanted).filter(([name, value]) => now[name as keyof typeof wanted] !== value)
    if (different.length === 0) continue
    await client.updateDbInstance({ params, body: wanted })
    changed.push(`DB instance ${identifier}: ${different.map(([name, value]) => `${name} ${value}`).join(', ')}`)
  }
  return changed
}

const addressOf = ({ spec }: ConnectorInfo): string => ('url' in spec ? String(spec.url) : '')
/** Without what is undefined, as it travels. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
