// How busy the place is where this delegate runs: processor and memory of its container, or of the machine. Above a threshold it
// takes nothing new, because a step that is killed for want of memory is worse than one that waits.
import { readFile } from 'node:fs/promises'
import { cpus, freemem, loadavg, totalmem } from 'node:os'

export interface PressureLimits {
  /** Percent; undefined: not looked at. */
  readonly processor: number | undefined
  readonly memory: number | undefined
}

export interface Usage {
  /** Percent of what the container may use, else of the machine. */
  readonly processor: number
  readonly memory: number
}

async function readNumber(path: string): Promise<number | undefined> {
  const text = (await readFile(path, 'utf8').catch(() => '')).trim()
  const value = text === '' || text === 'max' ? Number.NaN : Number(text)
  // Version 1 writes a number near 2⁶³ for "no limit".
  return Number.isFinite(value) && value < 2 ** 60 ? value : undefined
}

/** Page cache counts as used in the container's figure although it is given back at once. */
async function inactiveFile(path: string, name: string): Promise<number> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0)
}

async function memoryPercent(root: string): Promise<number> {
  const versions = [
    { used: 'memory.current', most: 'memory.max', stat: 'memory.stat', cache: 'inactive_file' },
    {
      used: 'memory/memory.usage_in_bytes',
      most: 'memory/memory.limit_in_bytes',
      stat: 'memory/memory.stat',
      cache: 'total_inactive_file',
    },
  ]
  for (const { used, most, stat, cache } of versions) {
    const [usage, limit] = [await readNumber(`${root}/${used}`), await readNumber(`${root}/${most}`)]
    if (usage === undefined || limit === undefined || limit > totalmem()) continue
    return (100 * Math.max(0, usage - (await inactiveFile(`${root}/${stat}`, cache)))) / limit
  }
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '')
  const available = Number(/^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1] ?? Number.NaN) * 1024
  return 100 * (1 - (Number.isNaN(available) ? freemem() : available) / totalmem())
}

/** `controlGroup`: where the limits of the container are told. */
export async function readUsage(controlGroup = '/sys/fs/cgroup'): Promise<Usage> {
  // Load counts what waits for a processor as well, which is what matters to a step that is to begin.
  return { processor: (100 * (loadavg()[0] ?? 0)) / cpus().length, memory: await memoryPercent(controlGroup) }
}

/** One sentence why nothing new should begin, or undefined. */
export function judgePressure(usage: Usage, limits: PressureLimits): string | undefined {
  const over = (name: 'processor' | 'memory'): string | undefined => {
    const limit = limits[name]
    return limit !== undefined && usage[name] > limit
      ? `${name} at ${Math.round(usage[name])} % (threshold ${limit} %)`
      : undefined
  }
  const texts = [over('memory'), over('processor')].filter((text) => text !== undefined)
  return texts.length > 0 ? texts.join(', ') : undefined
}
