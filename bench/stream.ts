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
import { acceptOne, openQueue } from './queue.ts'

const megabytes = process.env['SLUICE_BENCH_LONG'] ? 200 : 60

const queue = await openQueue('stream')
if (queue) {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-stream-'))
  try {
    const { attempt, fence, attemptToken } = await acceptOne(queue)
    const spool = openSpool(folder)
    const address = { managerUrl: queue.url, attempt, attemptToken, fence }
    const sender = createLogSender(address)
    const upload = startUpload({ spool, sender, random: Math.random, elapsed: () => performance.now() })
    const masking = createMasking(['a-password-of-some-length', 'another-one'])
    const channel = openLogChannel({ masking, spool, now: Date.now, onAppend: () => upload.wake() })
    const began = performance.now()
    let sent = 0
    for (let n = 0; spool.end < megabytes * 1_000_000; n += 1) {
      channel.line(
        `Applying changes/${n % 977}.sql::change-${n}::shop: insert into orders values (${n}, ${n * 7919}, 'x${(n * 2654435761) % 4294967296}')`,
      )
      // As in a step, where something is waited for between two lines; and the spool is bounded.
      if (n % 2000 === 0) await new Promise((resolve) => setImmediate(resolve))
      if (spool.end - sent > 32_000_000) {
        await upload.drain(new AbortController().signal)
        sent = spool.end
      }
    }
    channel.end()
    await upload.drain(new AbortController().signal)
    const seconds = (performance.now() - began) / 1000
    const committed = await sender.committed()
    if (committed.type !== 'committed' || committed.offset !== spool.end) throw new Error('not all is committed')
    await upload.stop()
    printFigure({
      name: 'log of a step, written, masked, sent and committed',
      value: spool.end / 1_000_000 / seconds,
      unit: 'MB/s',
      bound: { value: 20, at: 'least', source: 'requirement' },
      note: `${megabytes} MB; step, manager and PostgreSQL on the same machine`,
    })
    spool.close()
  } finally {
    rmSync(folder, { recursive: true })
    await queue.close()
  }
}
