// The three databases of the demo: embedded directories, or databases on a real server that are created when missing.
import { join } from 'node:path'
import { Fault } from '#contract/fault'
import { openDatabase } from '#database/open'
import { type DemoTarget, instances } from './setup.ts'

export interface DemoTargets {
  readonly targets: readonly DemoTarget[]
  readonly password: string
}

/** `jdbc:pglite:<dir>` for each instance. The password is not used by an embedded database but travels all the same. */
export function embeddedTargets(folder: string): DemoTargets {
  return {
    targets: instances.map((instance) => ({
      instance,
      url: `jdbc:pglite:${join(folder, instance)}`,
      username: 'postgres',
    })),
    password: 'embedded-needs-none',
  }
}

/**
 * Databases shop_dev, shop_staging and shop_prod on the server of `jdbc:postgresql://host:port/db?user=…&password=…`; user and
 * password may also come from `--username` and the environment.
 */
export async function serverTargets(
  url: string,
  credentials: { readonly username: string | undefined; readonly password: string | undefined },
  signal: AbortSignal,
): Promise<DemoTargets> {
  const parsed = new URL(url.replace(/^jdbc:/, ''))
  if (parsed.protocol !== 'postgresql:') {
    throw new Fault('database-url-invalid', `The demo runs on PostgreSQL servers; ${parsed.protocol} is not one.`, {
      hint: 'Use --database jdbc:postgresql://host:5432/postgres',
    })
  }
  const username =
    credentials.username ?? parsed.searchParams.get('user') ?? (decodeURIComponent(parsed.username) || 'postgres')
  const password = credentials.password ?? parsed.searchParams.get('password') ?? decodeURIComponent(parsed.password)
  if (password === '') {
    throw new Fault('usage', 'The demo needs the password of the database user.', {
      hint: 'Set SLUICE_PASSWORD, or give --password-file.',
    })
  }
  for (const name of ['user', 'password']) parsed.searchParams.delete(name)
  const address = (database: string): string => `jdbc:postgresql://${parsed.host}/${database}${parsed.search}`
  const server = await openDatabase(
    { url: address(parsed.pathname.slice(1) || 'postgres'), username, password },
    signal,
  )
  try {
    for (const instance of instances) {
      const { rows } = await server.session.execute('select 1 from pg_database where datname = $1', [instance], signal)
      if (rows.length === 0) await server.session.execute(`create database ${instance}`, [], signal)
    }
  } finally {
    await server.close()
  }
  return { targets: instances.map((instance) => ({ instance, url: address(instance), username })), password }
}
