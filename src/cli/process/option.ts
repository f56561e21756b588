// The flags that every command with a manager inside has.
import type { Command } from 'commander'
import type { Logger } from 'pino'
import { Fault } from '#contract/fault'
import type { ManagerProcessOptions } from './manager.ts'

export interface ManagerFlags {
  readonly data: string
  readonly store?: string
  readonly host: string
  readonly port: string
  readonly secure: boolean
  readonly trustProxy: boolean
}

export function addManagerOptions(
  command: Command,
  defaults: { readonly data: string } = { data: '.sluice/data' },
): Command {
  return command
    .option('--data <folder>', 'folder for keys and the embedded store', defaults.data)
    .option('--store <url>', 'PostgreSQL store, postgresql://user@host:5432/name; password in SLUICE_STORE_PASSWORD')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'port to listen on; 0 takes a free one', '7400')
    .option('--secure', 'browsers reach this by HTTPS (a proxy in front): secure cookies, strict transport', false)
    .option('--trust-proxy', 'take caller addresses from X-Forwarded-For', false)
}

export function managerOptions(flags: ManagerFlags, log: Logger): Omit<ManagerProcessOptions, 'prepare'> {
  const port = Number(flags.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Fault('usage', `--port ${flags.port} is not a port number.`)
  const { data, host, secure, trustProxy } = flags
  return {
    data,
    store: storeUrl(flags.store, process.env['SLUICE_STORE_PASSWORD']),
    host,
    port,
    secure,
    trustProxy,
    log,
  }
}

/** Puts the password from the environment into the URL, so that it need not stand in the arguments of the process. */
export function storeUrl(text: string | undefined, password: string | undefined): string | undefined {
  if (text === undefined || password === undefined) return text
  try {
    const url = new URL(text)
    url.password = encodeURIComponent(password)
    return url.href
  } catch (cause) {
    throw new Fault('usage', 'The address of the store is not a URL.', {
      hint: 'Use --store postgresql://user@host:5432/name',
      cause,
    })
  }
}
