// The delegate's connection to the manager: registers once, keeps a short access token fresh, repeats what may be repeated.
import { type Client, createClient, type Fetch } from '#contract/client'
import { protocol, protocolTimes } from '#contract/delegate/protocol'
import { type Clock, patientFetch, type Patience, repeatCall } from '#contract/delegate/repeat'
import { Fault } from '#contract/fault'
import type { Identity } from './identity.ts'
import type { DelegateLog } from './log.ts'

const { register, accessToken, poll, rotateKeys, endedExecutions, decline, accept } = protocol
const delegateProtocol = { register, accessToken, poll, rotateKeys, endedExecutions, decline, accept }
export type DelegateClient = Client<typeof delegateProtocol>

export interface Connection {
  /** Registers when the manager does not know this delegate yet. Gives its id. */
  join(signal: AbortSignal): Promise<string>
  /**
   * Makes a call with a valid access token. A token that is refused is replaced once. Raises what cannot be repeated, above
   * all `unauthenticated` when the delegate was revoked.
   */
  call<T>(
    work: (client: DelegateClient, signal: AbortSignal) => Promise<T>,
    tryMilliseconds: number,
    signal: AbortSignal,
  ): Promise<T>
}

export interface ConnectionOptions {
  /** Without a slash at the end. */
  readonly managerUrl: string
  /** Needed until the manager knows this delegate. */
  readonly joinToken: string | undefined
  readonly name: string
  readonly tags: readonly string[]
  readonly version: string
  readonly identity: Identity
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly randomId: () => string
  readonly log: DelegateLog
  readonly fetch?: Fetch
}

/** Milliseconds for a call that is answered at once. */
export const callMilliseconds = 15_000

const isRefused = (error: unknown): boolean => error instanceof Fault && error.code === 'unauthenticated'

export function openConnection(options: ConnectionOptions): Connection {
  const { identity, clock, log } = options
  const patience: Patience = { notBefore: Number.NEGATIVE_INFINITY }
  let token: { readonly value: string; readonly until: number } | undefined
  let fetching: Promise<void> | undefined

  const client = createClient(delegateProtocol, {
    baseUrl: options.managerUrl,
    headers: (): Record<string, string> => (token ? { authorization: `Bearer ${token.value}` } : {}),
    fetch: patientFetch(patience, clock, options.fetch),
    validate: true,
  })
  const repeated = <T>(work: (signal: AbortSignal) => Promise<T>, tryMilliseconds: number, signal: AbortSignal) =>
    repeatCall(
      work,
      {
        clock,
        random: options.random,
        patience,
        tryMilliseconds,
        // The first failure may be a connection that had gone stale; people need to hear of the second.
        onFailure: (fault, failures) => {
          if (failures === 2 || failures % 20 === 0)
            log('warn', `The manager does not answer: ${fault.message}`, { failures })
        },
      },
      signal,
    )

  async function registerSelf(signal: AbortSignal): Promise<string> {
    const { joinToken, name, tags, version } = options
    if (joinToken === undefined) {
      throw new Fault('unauthenticated', 'The manager does not know this delegate.', {
        hint: 'Start it with a delegate token, so that it can register.',
      })
    }
    const body = {
      token: joinToken,
      name,
      tags: [...tags],
      version,
      signingKey: identity.signingKey,
      sealingKey: identity.sealingKey,
      proof: identity.prove(joinToken),
    }
    const { delegate } = await repeated((stop) => client.register({ body }, stop), callMilliseconds, signal)
    await identity.registered(delegate)
    log('info', 'registered', { delegate })
    return delegate
  }

  async function requestToken(signal: AbortSignal): Promise<void> {
    const sentAt = clock.elapsed()
    const reply = await repeated(
      async (stop) =>
        client.accessToken({ body: { assertion: await identity.assert(clock.now(), options.randomId()) } }, stop),
      callMilliseconds,
      signal,
    )
    // Counted on our own clock: that of the manager may differ. Replaced when four fifths are over.
    token = { value: reply.accessToken, until: sentAt + protocolTimes.accessTokenSeconds * 800 }
  }

  /** One at a time. An unknown delegate registers again with the keys that it has, if it still may. */
  async function freshToken(signal: AbortSignal): Promise<void> {
    fetching ??= fetchToken(signal).finally(() => {
      fetching = undefined
    })
    try {
      await fetching
    } catch (error) {
      // Who began it may have lost interest; that is no reason for the others.
      if (signal.aborted || error instanceof Fault) throw error
      await freshToken(signal)
    }
  }

  async function fetchToken(signal: AbortSignal): Promise<void> {
    token = undefined
    if (identity.delegate === undefined) await registerSelf(signal)
    try {
      await requestToken(signal)
    } catch (error) {
      if (!isRefused(error) || options.joinToken === undefined) throw error
      await registerSelf(signal)
      await requestToken(signal)
    }
  }

  return {
    async join(signal) {
      await freshToken(signal)
      return identity.delegate ?? ''
    },
    async call(work, tryMilliseconds, signal) {
      if (!token || clock.elapsed() > token.until) await freshToken(signal)
      try {
        return await repeated((stop) => work(client, stop), tryMilliseconds, signal)
      } catch (error) {
        if (!isRefused(error)) throw error
        await freshToken(signal)
        return await repeated((stop) => work(client, stop), tryMilliseconds, signal)
      }
    },
  }
}

/** HTTPS, or plain HTTP to this very machine: tokens and specs are not for the network to read. */
export function checkManagerUrl(text: string, allowPlainHttp: boolean): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (
    !url ||
    (url.protocol !== 'https:' && url.protocol !== 'http:') ||
    url.username ||
    url.password ||
    url.search ||
    url.hash
  ) {
    throw new Fault('usage', `${JSON.stringify(text)} is not the address of a manager.`, {
      hint: 'Use an address such as https://sluice.example.com.',
    })
  }
  const loopback = url.hostname === 'localhost' || url.hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(url.hostname)
  if (url.protocol === 'http:' && !loopback && !allowPlainHttp) {
    throw new Fault('usage', `${url.origin} is plain HTTP over a network, where others could read tokens and SQL.`, {
      hint: 'Use HTTPS, or say explicitly that plain HTTP is wanted (--allow-plain-http).',
    })
  }
  return url.href.replace(/\/$/, '')
}
