// A stream that breaks on the side of the server ends with an event that carries the error body; here it becomes a fault again.
import { Fault } from '#contract/fault'
import { errorBodySchema, faultCodeSchema } from '#contract/fault-schema'
import type { ReceivedEvent } from '#contract/event-stream'

export async function* withoutFaults<Data>(
  events: AsyncIterable<ReceivedEvent<Data>>,
): AsyncGenerator<ReceivedEvent<Data>> {
  for await (const event of events) {
    if (event.event === 'error') {
      const body = errorBodySchema.safeParse(event.data).data
      const code = faultCodeSchema.safeParse(body?.code).data ?? 'manager-unreachable'
      throw new Fault(code, body?.message ?? 'The stream broke off.', { hint: body?.hint })
    }
    yield event
  }
}
