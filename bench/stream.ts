// The log of a step end to end: written to the spool as a step does, uploaded by byte ranges, committed by a manager on PostgreSQL.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMasking } from '#step/log/mask'
import { openLogChannel } from '#step/log/channel'
import { createLogSender } from '#step/log/send'
import { openSpool } from '#step/log/spool'
import { startUpload } from '#step/log/upload'
import { printFigure } from './figure.ts'
import { acceptOne, openQueue, type Queue } from './queue.ts'

const megabytes = process.env['SLUICE_BENCH_LONG'] ? 200 : 60

type Channel = ReturnType<typeof openLogChannel>
const lineOf = (n: number): string =>
  `Applying changes/${n % 977}.sql::change-${n}::shop: insert into orders values (${n}, ${n * 7919}, 'x${(n * 2654435761) % 4294967296}')`

/** How text comes into the log. Each call writes `n`, `n + 1`, … and gives the next number. */
const ways: Readonly<Record<string, (channel: Channel, n: number) => number>> = {
  'lines one by one, as the engine logs': (channel, n) => {
    for (let line = n; line < n + 500; line += 1) channel.line(lineOf(line))
    return n + 500
  },
  'pieces of 64 KiB, as programs print': (channel, n) => {
    let text = ''
    let line = n
    for (; text.length < 65_536; line += 1) text += `${lineOf(line)}\n`
    channel.write(text)
    return line
  },
}

/** MB/s from the first line to the last byte that the manager says it has. */
async function measure(queue: Queue, write: (channel: Channel, n: number) => number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-stream-'))
  const { attempt, fence, attemptToken } = await acceptOne(queue)
  const spool = openSpool(folder)
  const sender = createLogSender({ managerUrl: queue.url, attempt, attemptToken, fence })
  const upload = startUpload({ spool, sender, random: Math.random, elapsed: () => performance.now() })
  const never = new AbortController().signal
  try {
    const masking = createMasking(['a-password-of-some-length', 'another-one'])
    const channel = openLogChannel({ masking, spool, now: Date.now, onAppend: () => upload.wake() })
    const began = performance.now()
    let sent = 0
    for (let n = 0; spool.end < megabytes * 1_000_000; ) {
      n = write(channel, n)
      // As in a step, where something is waited for between two lines; and the spool is bounded.
      await new Promise((resolve) => setImmediate(resolve))
      if (spool.end - sent > 32_000_000) {
        await upload.drain(never)
        sent = spool.end
      }
    }
    channel.end()
    await upload.drain(never)
    const seconds = (performance.now() - began) / 1000
    const committed = await sender.committed()
    if (committed.type !== 'committed' || committed.offset !== spool.end) throw new Error('not all is committed')
    return spool.end / 1_000_000 / seconds
  } finally {
    await upload.stop()
    spool.close()
    rmSync(folder, { recursive: true })
  }
}

const queue = await openQueue('stream')
if (queue) {
  try {
    for (const [name, write] of Object.entries(ways))
      printFigure({
        name: `log of a step, written, masked, sent and committed: ${name}`,
        value: await measure(queue, write),
        unit: 'MB/s',
        bound: { value: 20, at: 'least', source: 'requirement' },
        note: `${megabytes} MB; step, manager and PostgreSQL on the same machine`,
      })
  } finally {
    await queue.close()
  }
}
