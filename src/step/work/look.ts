// Work that needs a database but no changelog: its catalog is read and nothing is changed.
import { hostname, networkInterfaces } from 'node:os'
import type { StepDocument } from '#contract/delegate/step-document'
import type { ConnectionSpec, StepWork } from '#contract/delegate/step-spec'
import type { Database } from '#database/port'
import type { TargetContext } from '#engine/context'
import { describeHost } from '#engine/host'
import { openTarget } from '#engine/open'
import type { Masking } from '../log/mask.ts'
import type { Streams } from '../log/stream.ts'
import type { Outbox } from '../report/outbox.ts'
import type { Wire } from '../report/wire.ts'
import { credentialChoices, withFirstAccepted } from './credential.ts'

export interface LookContext<Work extends StepWork = StepWork> {
  readonly document: StepDocument
  readonly work: Work
  readonly outbox: Outbox
  readonly wire: Wire
  readonly masking: Masking
  readonly streams: Streams
  readonly line: (text: string) => void
  readonly signal: AbortSignal
}

/** Does something with an open database and closes it. The first credentials that are accepted count. */
export async function withTarget<T>(
  context: LookContext,
  connection: ConnectionSpec,
  work: (target: TargetContext) => Promise<T>,
): Promise<T> {
  const { document, wire, line, signal } = context
  const { url } = connection
  const host = describeHost(hostname(), networkInterfaces())
  const base = { host, run: document.spec.attempt, clock: () => wire.clock.now(), log: line }
  const target = await withFirstAccepted(
    credentialChoices(document, connection),
    ({ username, password }) => openTarget({ ...base, connection: { url, username, password } }, signal),
    line,
  )
  try {
    return await work(target)
  } finally {
    await target.close().catch((error: unknown) => line(`The database could not be closed: ${String(error)}`))
  }
}

export const productOf = ({ productName, productVersion }: Pick<Database, 'productName' | 'productVersion'>): string =>
  `${productName} ${productVersion}`
