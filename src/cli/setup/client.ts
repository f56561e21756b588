// How a command reaches a manager: an API key in the environment, or e-mail and password.
import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { api } from '#contract/api/index'
import { createClient } from '#contract/client'
import { Fault } from '#contract/fault'
import { type ApiClient, signIn } from './session.ts'

export interface ClientFlags {
  readonly manager: string
  readonly email?: string
  readonly passwordFile?: string
}

export function addManagerClient(command: Command): Command {
  return command
    .option('--manager <url>', 'address of the manager; an API key for it in SLUICE_API_KEY', 'http://127.0.0.1:7400')
    .option('--email <e-mail>', 'who signs in, when there is no API key')
    .option('--password-file <file>', 'file with the password; or set SLUICE_PASSWORD')
}

export async function connectClient(
  flags: ClientFlags,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ApiClient> {
  const baseUrl = flags.manager.replace(/\/+$/, '')
  const key = environment['SLUICE_API_KEY']
  if (key && flags.email === undefined) return createClient(api, { baseUrl, headers: { 'x-api-key': key } })
  const password = flags.passwordFile
    ? (await readFile(flags.passwordFile, 'utf8')).replace(/\r?\n$/, '')
    : environment['SLUICE_PASSWORD']
  if (!flags.email || !password)
    throw new Fault('usage', 'Nothing says who you are.', {
      hint: 'Set SLUICE_API_KEY, or give --email and the password in --password-file or SLUICE_PASSWORD.',
    })
  return signIn(baseUrl, flags.email, password)
}
