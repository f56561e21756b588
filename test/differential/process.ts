// A database's changelogs in a process of its own: one process of Node is not enough for several Java machines and servers.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { Outcome } from './lane.ts'

/** `program` is the compiled main.js. Its lines go to the terminal of this process, what came of it comes back. */
export async function runProcess(program: string, args: readonly string[]): Promise<Outcome> {
  const child = fork(program, args, { env: { ...process.env, TZ: 'UTC' } })
  let outcome: Outcome | undefined
  child.on('message', (message) => (outcome = message as Outcome))
  const [code] = (await once(child, 'exit')) as [number | null]
  if (outcome === undefined) throw new Error(`${args.join(' ')}: ended with ${code} and no outcome`)
  return outcome
}
