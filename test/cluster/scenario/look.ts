// What scenarios of failures look at: the database, the pod, the process of its step, its node.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Pod } from '#delegate/runner/kubernetes/object'
import { expect, holds } from '../check.ts'
import { until } from '../cluster.ts'
import { namespace, type Project, type World } from '../world.ts'
import { ran } from './changelog.ts'

/** Each change set ran once, whatever happened in between. */
export function ranOnce(project: Project, count: number): void {
  expect(
    'change sets in the database',
    project.query('select count(*), count(distinct id) from trace'),
    `${count}|${count}`,
  )
  expect('change sets in the history', project.query(ran), String(count))
}
export const locked = (project: Project): string =>
  project.query('select locked from databasechangeloglock where id = 1')

export async function firstChange(project: Project): Promise<void> {
  await until('the first change set', () => {
    try {
      return Number(project.query(ran)) > 0 ? true : undefined
    } catch {
      return undefined
    }
  })
}
export async function thePod(world: World, execution: string): Promise<Pod> {
  const isIt = ({ metadata }: Pod): boolean => metadata.labels['sluice.dev/execution'] === execution
  return await until('the pod', async () => (await world.pods()).find(isIt))
}
export const podPath = (name: string): string => `/api/v1/namespaces/${namespace}/pods/${name}`
export const isGone = (world: World, execution: string): Promise<true> =>
  until('the pod to go', async () => {
    const left = await world.pods()
    return left.some(({ metadata }) => metadata.labels['sluice.dev/execution'] === execution)
      ? undefined
      : (true as const)
  })

/** The process of the step, on the node. */
export async function stepProcess(world: World, execution: string): Promise<number> {
  const { uid } = (await thePod(world, execution)).metadata
  return await until('the process of the step', () => findStep(uid))
}
function findStep(uid: string): number | undefined {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const line = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0')
      const isStep = line.includes('pod') && line.includes('step')
      if (isStep && readFileSync(`/proc/${name}/cgroup`, 'utf8').includes(uid)) return Number(name)
    } catch {
      // It ended.
    }
  }
  return undefined
}

interface Node {
  readonly status: { readonly conditions: readonly { readonly type: string; readonly status: string }[] }
}
export async function nodeIsLost(world: World): Promise<true | undefined> {
  const { status } = await world.cluster.get<Node>('/api/v1/nodes/node1')
  return status.conditions.some(({ type, status: now }) => type === 'Ready' && now === 'Unknown') ? true : undefined
}
/** It was ended from outside: said so, rolled back, nothing locked, each change set at most once. */
export async function endedFromOutside(world: World, project: Project, execution: string): Promise<string> {
  const { status, nodes } = await project.end(execution)
  const said = nodes.map(({ fault }) => fault?.message ?? '').join(' ')
  expect('each at most once', project.query('select count(*) = count(distinct id) from trace'), 't')
  expect('the lock', locked(project), 'f')
  holds(`not taken for a wish: ${status}`, status !== 'Aborted')
  if (status === 'Success') ranOnce(project, 3)
  else holds(`the reason is told: ${said}`, said.includes('told to end'))
  await isGone(world, execution)
  return status
}

/** What the kubelet keeps of what containers of steps write to their own output: files, and the bytes in them. */
export function containerLogs(): { readonly files: number; readonly bytes: number } {
  const folder = '/var/log/pods'
  const ours = existsSync(folder) ? readdirSync(folder).filter((name) => name.startsWith(`${namespace}_`)) : []
  let [files, bytes] = [0, 0]
  for (const name of ours)
    try {
      for (const file of readdirSync(join(folder, name), { recursive: true, encoding: 'utf8' })) {
        // A link leads to the runtime; what it writes is here.
        if (!file.endsWith('.log')) continue
        files += 1
        bytes += statSync(join(folder, name, file)).size
      }
    } catch {
      // Its pod is gone.
    }
  return { files, bytes }
}
