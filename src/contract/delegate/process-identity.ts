// Which process a number means: numbers are used again, so the time at which the process began belongs to its identity. A step tells
// it of its script, a delegate looks for it when the step is gone; that is why this one file here asks the system.
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A text that no other process ever has; undefined when there is no such process, or only its corpse. */
export async function identifyProcess(processId: number): Promise<string | undefined> {
  return process.platform === 'linux' ? identifyOnLinux(processId) : identifyByPs(processId)
}

async function identifyOnLinux(processId: number): Promise<string | undefined> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    const status = await readFile(`/proc/${processId}/stat`, 'utf8')
    // proc(5): the name in parentheses may hold anything; after it come state (3) … starttime (22), in ticks since boot.
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : `${boot.trim()}:${fields[19]}`
  } catch {
    return undefined
  }
}

async function identifyByPs(processId: number): Promise<string | undefined> {
  try {
    const { stdout } = await run('ps', ['-o', 'lstart=', '-p', String(processId)], {
      env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' },
    })
    return stdout.trim() === '' ? undefined : stdout.trim()
  } catch {
    return undefined
  }
}
