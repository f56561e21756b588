// Checks whether this place can give what an attempt needs, before it is accepted. Answers are remembered: a yes for long, a no
// for a moment, because somebody is mending it.
import { spawn } from 'node:child_process'
import { connect as connectTcp } from 'node:net'
import type { Capability } from '#contract/delegate/capability'
import { mayRunScripts } from '#contract/delegate/program-work'
import type { Clock } from '#contract/delegate/repeat'
import { proxyFor } from '#outward/proxy'
import type { OutwardSettings } from '#outward/setting'

/** Seconds. */
export interface CapabilityTimes {
  readonly yes: number
  /** Short: whoever mended it runs the step again, and must not be told what was true before. */
  readonly no: number
  /** Longest check. */
  readonly patience: number
}
export const capabilityTimes: CapabilityTimes = { yes: 600, no: 5, patience: 5 }

export interface CapabilityOptions {
  readonly clock: Clock
  readonly outward: OutwardSettings
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Undefined when nobody can tell. */
  readonly hasDriver?: (database: string) => Promise<boolean | undefined>
  /**
   * Steps run as pods: why none can be made in the namespace now (undefined: its own), or undefined when one can. What else a step
   * needs is looked for from inside its pod, whose network and image are its own.
   */
  readonly pods?: ((namespace: string | undefined) => Promise<string | undefined>) | undefined
  readonly times?: CapabilityTimes
}

export interface Capabilities {
  /** Why the attempt cannot be run here; undefined when all is there. Never rejects, except with the reason of `signal`. */
  lacking(needs: readonly Capability[], signal: AbortSignal): Promise<string | undefined>
}

interface Answer {
  readonly until: number
  readonly lacking: Promise<string | undefined>
}

/** Seconds: what may be done in a cluster is cheap to ask, and changes without anybody near the delegate. */
const clusterYes = 60

/** Entries; a delegate works with a few targets. */
const remembered = 1000

export function createCapabilities(options: CapabilityOptions): Capabilities {
  const { clock, times = capabilityTimes } = options
  const answers = new Map<string, Answer>()

  function ask(need: Capability): Promise<string | undefined> {
    const key = JSON.stringify(need)
    const known = answers.get(key)
    if (known && known.until > clock.elapsed()) return known.lacking
    const lacking = check(need, options, times.patience * 1000)
    const oldest = answers.size >= remembered ? answers.keys().next().value : undefined
    if (oldest !== undefined) answers.delete(oldest)
    // Shared by all who ask while it is found out.
    answers.set(key, { until: Number.POSITIVE_INFINITY, lacking })
    void remember(key, need, lacking)
    return lacking
  }
  async function remember(key: string, need: Capability, lacking: Promise<string | undefined>): Promise<void> {
    const yes = need.type === 'pods' ? Math.min(times.yes, clusterYes) : times.yes
    const seconds = (await lacking) === undefined ? yes : times.no
    answers.set(key, { until: clock.elapsed() + seconds * 1000, lacking })
  }
  return {
    async lacking(needs, signal) {
      const found = await Promise.all(relevant(needs, options).map(ask))
      signal.throwIfAborted()
      const texts = found.filter((text) => text !== undefined)
      return texts.length > 0 ? texts.join('; ') : undefined
    },
  }
}

/** A delegate with pods asks its cluster each time, whatever the step needs. */
function relevant(needs: readonly Capability[], { pods }: CapabilityOptions): readonly Capability[] {
  if (!pods) return needs.filter(({ type }) => type !== 'namespace')
  const asked = needs.flatMap((need): readonly Capability[] => {
    if (need.type === 'namespace') return [{ type: 'pods', namespace: need.name }]
    return need.type === 'pods' ||
      need.type === 'scripts' ||
      (need.type === 'reachable' && need.what === 'secret manager')
      ? [need]
      : []
  })
  return asked.some(({ type }) => type === 'pods') ? asked : [...asked, { type: 'pods' }]
}

async function check(need: Capability, options: CapabilityOptions, patience: number): Promise<string | undefined> {
  switch (need.type) {
    case 'program':
      return (await hasProgram(need.name, options.environment))
        ? undefined
        : `the program ${need.name} is not installed`
    case 'driver': {
      const has = await options.hasDriver?.(need.database).catch(() => undefined)
      return has === false ? `the driver for ${need.database} is not installed` : undefined
    }
    case 'scripts':
      return mayRunScripts(options.environment)
        ? undefined
        : 'it runs no scripts: its administrator has to start it with --allow-scripts'
    case 'pods': {
      if (!options.pods) return 'its steps are processes, and this one needs a pod (--runner kubernetes)'
      const words = (error: unknown): string => (error instanceof Error ? error.message : String(error))
      return await options.pods(need.namespace).catch((error: unknown) => `Kubernetes cannot be used: ${words(error)}`)
    }
    case 'namespace':
      return undefined
    case 'reachable':
      break
  }
  return checkReachable(need, options.outward, patience)
}

function hasProgram(name: string, environment: CapabilityOptions['environment']): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(name, name === 'sh' ? ['-c', ':'] : ['--version'], {
      stdio: 'ignore',
      env: { PATH: environment['PATH'] },
      timeout: 5000,
    })
    child.once('error', () => resolve(false))
    child.once('exit', (code) => resolve(code === 0))
  })
}

type Reachable = Extract<Capability, { readonly type: 'reachable' }>

/** Behind a proxy only the proxy can be looked at: what it lets through is seen when it is asked. */
async function checkReachable(
  { what, by, addresses }: Reachable,
  outward: OutwardSettings,
  patience: number,
): Promise<string | undefined> {
  const tries = addresses.map(async ({ host, port }) => {
    const proxy = by === 'tcp' ? undefined : proxyFor(outward, { by, host, port })
    if (proxy === undefined) return knock(host, port, patience)
    const { hostname, port: at, protocol } = new URL(proxy)
    const failure = await knock(
      hostname.replace(/^\[(.*)\]$/, '$1'),
      Number(at || (protocol === 'https:' ? 443 : 80)),
      patience,
    )
    return failure && `the proxy for it: ${failure}`
  })
  const failures = await Promise.all(tries)
  if (failures.some((failure) => failure === undefined)) return undefined
  return `the ${what} is not reachable: ${failures.join(', ')}`
}

/** Why no connection can be made; undefined when one was. */
function knock(host: string, port: number, patience: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port })
    const end = (failure: string | undefined): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(failure && `${host}:${port} ${failure}`)
    }
    const timer = setTimeout(() => end(`did not answer within ${patience / 1000} s`), patience)
    socket.once('connect', () => end(undefined))
    socket.once('error', (error: NodeJS.ErrnoException) => end(`(${error.code ?? error.message})`))
  })
}
