// `sluice audit`: takes the audit trail out of a manager, and verifies such a file anywhere.
import { createReadStream, createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import { Fault } from '#contract/fault'
import type { AuditLink } from '#manager/audit/entry'
import { type Anchor, verifyAudit } from '#manager/audit/verify'
import { addManagerClient, type ClientFlags, connectClient } from '../setup/client.ts'
import type { Terminal } from '../terminal.ts'

interface ExportFlags extends ClientFlags {
  readonly output: string
  readonly after: string
}
interface VerifyFlags {
  readonly publicKeyFile?: string
  readonly after?: string
  readonly expect?: string
}

export function configure(command: Command, terminal: Terminal): void {
  command.description('Export the audit trail, and verify an export offline')
  addManagerClient(
    command
      .command('export')
      .description('Write the audit trail of a manager into a file, one JSON document a line')
      .requiredOption('--output <file>', 'file to write')
      .option('--after <sequence>', 'only what follows this entry', '0'),
  ).action((flags: ExportFlags) => exportTrail(flags, terminal))
  command
    .command('verify')
    .argument('<file>', 'file that `audit export` wrote')
    .description('Find any change, removal or reordering in an export; needs no manager')
    .option(
      '--public-key-file <file>',
      'keys of the installation, kept elsewhere; without it that of the file is believed',
    )
    .option(
      '--after <sequence:hash>',
      'entry before the first one of the file, when it does not begin with the first of all',
    )
    .option('--expect <sequence:hash>', 'entry that must be there: what `audit verify` said last time')
    .action((file: string, flags: VerifyFlags) => verifyTrail(file, flags, terminal))
}

/** First line of a file. */
interface Header {
  readonly sluiceAudit: 1
  readonly account: string
  readonly publicKeys: readonly string[]
}

async function exportTrail(flags: ExportFlags, terminal: Terminal): Promise<void> {
  const client = await connectClient(flags, terminal.environment)
  const file = createWriteStream(flags.output, { mode: 0o600, flags: 'wx' })
  await once(file, 'open').catch((cause: unknown) => {
    throw new Fault('usage', `${flags.output} cannot be written: ${(cause as Error).message}`, { cause })
  })
  const write = async (line: object): Promise<void> => {
    if (!file.write(`${JSON.stringify(line)}\n`)) await once(file, 'drain')
  }
  let after = flags.after
  let count = 0
  for (let more = true, first = true; more; first = false) {
    const { account, publicKeys, entries } = await client.exportAudit({ query: { after, limit: 1000 } })
    if (first) await write({ sluiceAudit: 1, account, publicKeys } satisfies Header)
    for (const entry of entries) await write(entry)
    after = entries.at(-1)?.sequence ?? after
    count += entries.length
    more = entries.length === 1000
  }
  file.end()
  await once(file, 'finish')
  terminal.out(`${count} entries written to ${flags.output}, the last is ${after}.`)
}

async function verifyTrail(path: string, flags: VerifyFlags, terminal: Terminal): Promise<void> {
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY })
  const all = lines[Symbol.asyncIterator]()
  const header = readLine((await all.next()).value as string | undefined, 1) as Header
  if (header.sluiceAudit !== 1) throw new Fault('invalid-input', `${path} is not an audit trail that Sluice wrote.`)
  const own =
    flags.publicKeyFile === undefined ? undefined : (await readFile(flags.publicKeyFile, 'utf8')).trim().split(/\s+/)
  const result = await verifyAudit(linksOf(all), {
    publicKeys: own ?? header.publicKeys,
    ...(flags.after === undefined ? {} : { after: anchorOf('--after', flags.after) }),
    ...(flags.expect === undefined ? {} : { expect: anchorOf('--expect', flags.expect) }),
  })
  for (const problem of result.problems) terminal.err(problem)
  if (result.problems.length > 0)
    throw new Fault('audit-broken', `${path} is not what the manager recorded.`, {
      hint: 'Find out who could write to the file or the store; compare with an earlier export.',
    })
  terminal.out(`${result.entries} entries, unbroken and in order.`)
  if (result.last) terminal.out(`Keep this for the next time: --expect ${result.last.sequence}:${result.last.hash}`)
  if (own === undefined)
    terminal.err(
      `note: believed the key in the file, ${header.publicKeys.join(' ')}. Keep it elsewhere and give --public-key-file.`,
    )
}

function readLine(line: string | undefined, number: number): unknown {
  try {
    return JSON.parse(line ?? '')
  } catch (cause) {
    throw new Fault('invalid-input', `Line ${number} is not JSON.`, { cause })
  }
}

async function* linksOf(lines: AsyncIterator<string>): AsyncGenerator<AuditLink> {
  let number = 2
  for (let next = await lines.next(); next.done !== true; next = await lines.next(), number += 1)
    if (next.value !== '') yield readLine(next.value, number) as AuditLink
}

function anchorOf(flag: string, text: string): Anchor {
  const [, sequence, hash] = /^(\d{1,19}):([0-9a-f]{64})$/.exec(text) ?? []
  if (sequence === undefined || hash === undefined)
    throw new Fault('usage', `${flag} wants <sequence>:<hash>, as \`audit verify\` prints it.`)
  return { sequence, hash }
}
