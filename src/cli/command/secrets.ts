// `sluice secrets`: looks after the root key of the built-in secret store, and proves where secrets can be seen.
import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { Fault } from '#contract/fault'
import { type Rewrapped, rewrapSecrets } from '#manager/secret/rewrap'
import { keyLine, loadRootKeys, readKeyFile, replaceKeyFile, rootKeyBytes } from '#manager/secret/root-key'
import { openStore, parseStoreLocation } from '#manager/store/open'
import type { Store } from '#manager/store/port'
import { storeUrl } from '../process/option.ts'
import { rootKeySource } from '../process/root-key.ts'
import { stopOnSignals } from '../process/stop.ts'
import { migrateStore } from '../process/store-migration.ts'
import type { Terminal } from '../terminal.ts'

interface Flags {
  readonly data: string
  readonly store?: string
}

interface SelfTestFlags {
  readonly kubernetesSettings?: string
  readonly kubeconfig?: string
  readonly address?: string
}

export function configure(command: Command, terminal: Terminal): void {
  command.description('Look after the built-in secret store')
  const child = (name: string, description: string): Command =>
    command
      .command(name)
      .description(description)
      .option('--data <folder>', 'folder of the manager, with root.key', '.sluice/data')
      .option('--store <url>', 'postgresql://user@host:5432/name; password in SLUICE_STORE_PASSWORD')
  child(
    'rotate-root-key',
    'Make a new root key, wrap all secrets with it and throw the old one away; the manager must be stopped',
  ).action((flags: Flags) => rotate(flags, terminal))
  child(
    'rewrap',
    'Wrap all secrets with the first of the root keys that the manager has; managers may be at work',
  ).action((flags: Flags) => rewrap(flags, terminal))
  command
    .command('self-test')
    .description('Release a database with a test secret on this machine, and tell where the secret could be seen')
    .option('--kubernetes-settings <file>', 'run the steps as pods that are made as this file says')
    .option('--kubeconfig <file>', 'which cluster, as somebody who may list all objects of the namespace')
    .option('--address <address>', 'of this machine, as pods reach it')
    .action(async ({ kubernetesSettings, kubeconfig, address }: SelfTestFlags) => {
      const { selfTest } = await import('../secret/self-test.ts')
      if (kubernetesSettings !== undefined && address === undefined)
        throw new Fault(
          'usage',
          '--kubernetes-settings needs --address: pods fetch from this machine and report to it.',
        )
      const cluster =
        kubernetesSettings === undefined || address === undefined
          ? undefined
          : { settingsFile: kubernetesSettings, kubeconfig, address }
      process.exitCode = await selfTest(terminal, cluster)
    })
}

async function withStore<T>(
  flags: Flags,
  terminal: Terminal,
  act: (store: Store, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal } = stopOnSignals(() => process.exit(130))
  const log = (line: string): void => terminal.err(line)
  const url = storeUrl(flags.store, process.env['SLUICE_STORE_PASSWORD'])
  const location = parseStoreLocation(url ?? join(resolve(flags.data), 'store'))
  const store = await openStore({ location, migrate: migrateStore(log), log }, signal)
  try {
    return await act(store, signal)
  } finally {
    await store.close()
  }
}

function tell(terminal: Terminal, { secrets, rewrapped, keyId }: Rewrapped): void {
  terminal.out(`${rewrapped} of ${secrets} secrets were wrapped again; all are under the root key ${keyId} now.`)
}

/**
 * The new key is on disk, with the old one, before anything is wrapped with it; the old one goes when nothing needs it any more.
 * A run that was cut is repeated: it starts with another new key and still has the older ones.
 */
async function rotate(flags: Flags, terminal: Terminal): Promise<void> {
  const source = rootKeySource(resolve(flags.data), process.env)
  if (source.text !== undefined)
    throw new Fault('usage', 'The root key is in the environment, where it cannot be replaced.', {
      hint: 'Put a new key before the old one in SLUICE_ROOT_KEY, restart the managers, run sluice secrets rewrap, remove the old one.',
    })
  await withStore(flags, terminal, async (store, signal) => {
    await loadRootKeys(source, signal)
    const line = await keyLine(new Uint8Array(randomBytes(rootKeyBytes)), source.service, signal)
    replaceKeyFile(source.file, [line, ...readKeyFile(source.file)])
    const rewrapped = await rewrapSecrets(store, await loadRootKeys(source, signal), randomBytes, signal)
    replaceKeyFile(source.file, [line])
    tell(terminal, rewrapped)
  })
}

async function rewrap(flags: Flags, terminal: Terminal): Promise<void> {
  await withStore(flags, terminal, async (store, signal) => {
    const keys = await loadRootKeys(rootKeySource(resolve(flags.data), process.env), signal)
    tell(terminal, await rewrapSecrets(store, keys, randomBytes, signal))
    if (keys.older.length > 0) terminal.out('The older root keys are needed by no secret any more; remove them.')
  })
}
