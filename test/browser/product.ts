// The product as a person gets it: `sluice demo` in its own process, on a free port, with data that is thrown away.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Product {
  readonly url: string
  stop(): Promise<void>
}

const startsWithin = 90_000
const stopsWithin = 20_000

/** Resolves when the release of the demo has begun. Rejects with everything that the process said when it ends or stays silent instead of telling its address. */
export async function startProduct(environment: NodeJS.ProcessEnv): Promise<Product> {
  // To look at one failing test against a product that already runs.
  const running = environment['SLUICE_BROWSER_URL']
  if (running) return { url: running.replace(/\/$/, ''), stop: async () => {} }
  const data = await mkdtemp(join(tmpdir(), 'sluice-browser-'))
  const child = spawn(process.execPath, ['dist/cli/main.js', 'demo', '--data', data, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stop = async (): Promise<void> => {
    await end(child)
    await rm(data, { recursive: true, force: true, maxRetries: 3 })
  }
  try {
    return { url: await addressOf(child), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const give = (why: string): void => reject(new Error(`sluice demo ${why}\n${said}`))
    const timer = setTimeout(() => give(`told no address in ${startsWithin} ms`), startsWithin)
    const listen = (chunk: Buffer): void => {
      said += chunk.toString()
      const address = /ready at (http:\/\/[\w.:]+)/.exec(said)?.[1]
      if (!address || !/started the release/.test(said)) return
      clearTimeout(timer)
      resolve(address)
    }
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
    child.once('error', (error) => give(`could not be started: ${error.message}`))
    child.once('exit', (code) => {
      clearTimeout(timer)
      give(`ended with ${code}`)
    })
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  const timer = setTimeout(() => child.kill('SIGKILL'), stopsWithin)
  child.kill('SIGTERM')
  await ended
  clearTimeout(timer)
}
