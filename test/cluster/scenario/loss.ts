// Nodes that are lost, pods that are taken away from below, and what the kubelet does by itself.
import { readFileSync } from 'node:fs'
import { expect, holds } from '../check.ts'
import { until } from '../cluster.ts'
import { pipelineWith, type World } from '../world.ts'
import { ran, slowChangelog } from './changelog.ts'
import { allow, faults, images } from './group.ts'
import type { Scenario } from './index.ts'
import {
  endedFromOutside,
  firstChange,
  isGone,
  locked,
  nodeIsLost,
  podPath,
  ranOnce,
  stepProcess,
  thePod,
} from './look.ts'

const merge = 'application/merge-patch+json'
const times = { imagePull: 3, init: 120 }

/** A script in the image of the team, with limits of its own. */
const scripted = (command: string, memory: string) => (name: string) =>
  pipelineWith(
    name,
    `step: { identifier: one, name: R, type: Run, timeout: 5m, spec: { shell: Sh, image: "localhost/team/shell:1", command: ${JSON.stringify(command)}, resources: { limits: { memory: ${memory} } } } }`,
  )

async function readyAgain(world: World): Promise<void> {
  world.cluster.startKubelet()
  await until('the node to be back', async () => {
    const { items } = await world.cluster.get<{
      items: { spec: { taints?: unknown[] }; status: { conditions: { type: string; status: string }[] } }[]
    }>('/api/v1/nodes')
    const [node] = items
    const isReady = node?.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
    return isReady && !node?.spec.taints?.length ? true : undefined
  })
}

export const loss: Readonly<Record<string, Scenario>> = {
  'a pod that is deleted while its node does not answer: the step goes on and reports, the delegate lets go': async (
    world,
  ) => {
    await world.withDelegate('patient', { times: { ...times, grace: 2, lost: 4 } }, async ({ output }) => {
      const project = await world.project('killed_kubelet', slowChangelog(3, 10))
      const execution = await project.start()
      await firstChange(project)
      process.kill(world.cluster.processOf('kubelet'), 'SIGKILL')
      try {
        await until('the node to be given up', () => nodeIsLost(world))
        // As a controller of a larger cluster does by itself; where the only node is lost, nothing is evicted.
        await world.cluster.remove(podPath((await thePod(world, execution)).metadata.name), 2)
        await until('the delegate to let go', () =>
          readFileSync(output, 'utf8').includes('its node does not say') ? true : undefined,
        )
        const { status } = await project.end(execution)
        expect('status', status, 'Success')
        ranOnce(project, 3)
      } finally {
        await readyAgain(world)
      }
      await isGone(world, execution)
    })
  },
  'a node that dies with its step and is removed from the cluster: unknown, then reconciled, each change set once':
    async (world) => {
      await world.withDelegate('widowed', { times: { ...times, grace: 2, lost: 4 } }, async () => {
        const project = await world.project('lost_node', slowChangelog(3, 3))
        const execution = await project.start()
        await firstChange(project)
        const step = await stepProcess(world, execution)
        process.kill(world.cluster.processOf('kubelet'), 'SIGKILL')
        process.kill(step, 'SIGKILL')
        await world.cluster.remove('/api/v1/nodes/node1', 0)
        const seen = await until('the manager to notice', async () => {
          const now = await project.peek(execution)
          const [node] = now.nodes.filter(({ kind }) => kind === 'step')
          return node && (node.attempts > 1 || node.status === 'InterventionWaiting') ? now : undefined
        })
        holds(`not taken for done: ${seen.status}`, seen.status !== 'Success')
        await readyAgain(world)
        const { status, nodes } = await project.end(execution, 240)
        holds(
          `success, or a person is asked: ${status}`,
          status === 'Success' || nodes.some((node) => node.status === 'InterventionWaiting'),
        )
        if (status === 'Success') ranOnce(project, 3)
        else expect('each at most once', project.query('select count(*) = count(distinct id) from trace'), 't')
        await isGone(world, execution)
      })
    },
  'a pod that outlives its deadline is ended in order, and the reason is told': async (world) => {
    const project = await world.project('overdue', slowChangelog(3, 4))
    const execution = await project.start()
    await firstChange(project)
    const { name } = (await thePod(world, execution)).metadata
    const body = { spec: { activeDeadlineSeconds: 1 } }
    await world.cluster.client.call({ method: 'PATCH', path: podPath(name), body, contentType: merge })
    return await endedFromOutside(world, project, execution)
  },
  'a pod that vanishes, finalizer and all, is unknown and reconciled': async (world) => {
    const project = await world.project('vanished', slowChangelog(3, 2))
    const execution = await project.start()
    await firstChange(project)
    const { name } = (await thePod(world, execution)).metadata
    const body = { metadata: { finalizers: null } }
    await world.cluster.client.call({ method: 'PATCH', path: podPath(name), body, contentType: merge })
    await world.cluster.remove(podPath(name), 0)
    const { status, nodes } = await project.end(execution)
    const attempts = nodes.map((node) => node.attempts).join(',')
    expect('each at most once', project.query('select count(*) = count(distinct id) from trace'), 't')
    if (status === 'Success') ranOnce(project, 3)
    // The kubelet tells the step; what it said before it was cut off may have reached the manager first.
    else holds(`not a success: ${status}`, ['Failed', 'Running'].includes(status) || status === 'InterventionWaiting')
    expect('the lock', locked(project), 'f')
    await isGone(world, execution)
    return `${status}, attempts ${attempts}, ${project.query(ran)} of 3`
  },
  'a script that takes more memory than it may: killed, told, although its container ends with 0': async (world) => {
    let words = ''
    await world.withDelegate(
      'greedy',
      { images, allow },
      async ({ output }) => {
        const pipeline = scripted('tail /dev/zero; echo "ended with $?"; exit 1', '160Mi')
        const project = await world.project('greedy', slowChangelog(1, 0), { pipeline })
        const ended = await project.end(await project.start())
        expect('status', ended.status, 'Failed')
        const log = await project.log(ended.id)
        holds(`the tool was killed: ${log}`, log.includes('ended with 137'))
        await world.cleared()
        words = /"pod sluice-[^"]*: (container tool[^"]*)"/.exec(readFileSync(output, 'utf8'))?.[1] ?? ''
        holds('the delegate tells that it was for want of memory', words.includes('OOMKilled'))
      },
      { allowScripts: true },
    )
    return words
  },
  'a script that fills its folder is evicted by the kubelet: a failure with a name, never a success': async (world) => {
    let words = ''
    await world.withDelegate(
      'filling',
      { images, allow },
      async ({ output }) => {
        const pipeline = scripted('head -c 300000000 /dev/zero > big; echo filled; sleep 120', '256Mi')
        const project = await world.project('filling', slowChangelog(1, 0), { pipeline })
        const ended = await project.end(await project.start(), 180)
        expect(`status; ${faults(ended)}`, ended.status === 'Success', false)
        await world.cleared()
        words = `${ended.status}: ${faults(ended)} / ${/"pod sluice-[^"]*: ([^"]*Evicted[^"]*)"/.exec(readFileSync(output, 'utf8'))?.[1] ?? ''}`
        holds(`Evicted is named: ${words}`, words.includes('Evicted'))
      },
      { allowScripts: true },
    )
    return words
  },
}
