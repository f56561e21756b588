// Pods that fail, each in a way that is easily read wrong. What counts afterwards: the truth in the manager, each change set once in
// the database, no lock, nothing left in the namespace.
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, holds } from '../check.ts'
import { until } from '../cluster.ts'
import { namespace } from '../world.ts'
import { ran, slowChangelog } from './changelog.ts'
import type { Scenario } from './index.ts'
import { endedFromOutside, firstChange, isGone, locked, podPath, ranOnce, stepProcess, thePod } from './look.ts'
import { roleOf } from './role.ts'

export const failure: Readonly<Record<string, Scenario>> = {
  'kill -9 of the step in the middle of an apply: reconciled, and every change set once': async (world) => {
    const project = await world.project('killed_step', slowChangelog(3, 2))
    const execution = await project.start()
    await firstChange(project)
    process.kill(await stepProcess(world, execution), 'SIGKILL')
    const { status, nodes } = await project.end(execution)
    holds(
      `success, or a person is asked: ${status}`,
      status === 'Success' || nodes.some((node) => node.status === 'InterventionWaiting'),
    )
    if (status === 'Success') ranOnce(project, 3)
    await isGone(world, execution)
    return status
  },
  'kill -9 of the delegate in the middle of an apply: the pod goes on, the next delegate finds it': async (world) => {
    const [delegate] = world.delegates
    const project = await world.project('killed_delegate', slowChangelog(3, 2))
    const execution = await project.start()
    await firstChange(project)
    await delegate?.stop('SIGKILL')
    await sleep(1000)
    delegate?.restart()
    const { status } = await project.end(execution)
    expect('status', status, 'Success')
    ranOnce(project, 3)
    await isGone(world, execution)
    holds('it was adopted', readFileSync(delegate?.output ?? '', 'utf8').includes('adopted attempt'))
  },
  'kill -9 of the manager in the middle of an apply: the step waits for it and reports': async (world) => {
    const project = await world.project('killed_manager', slowChangelog(3, 2))
    const execution = await project.start()
    await firstChange(project)
    await world.stopManager()
    await sleep(3000)
    await world.restartManager()
    const { status } = await project.end(execution)
    expect('status', status, 'Success')
    ranOnce(project, 3)
    await isGone(world, execution)
  },
  'an abort cancels the statement, rolls back, releases the lock and reports': async (world) => {
    const project = await world.project('aborted', slowChangelog(2, 60))
    const execution = await project.start()
    await until('the statement', () =>
      project.query(
        "select count(*) from pg_stat_activity where query like '%pg_sleep%' and state = 'active' and pid <> pg_backend_pid()",
      ) !== '0'
        ? true
        : undefined,
    )
    const begun = Date.now()
    const after = (at: number): string => `${((at - begun) / 1000).toFixed(1)} s`
    await project.abort(execution)
    const { status } = await project.end(execution)
    const ended = Date.now()
    expect('status', status, 'Aborted')
    // What each part of the way took: from the manager to the delegate, by the cluster to the step, and back.
    const asked = /"time":"([^"]+)"[^\n]*asking attempt/.exec(
      readFileSync(world.delegates[0]?.output ?? '', 'utf8'),
    )?.[1]
    const stopped = /^(\S+) Stopping/m.exec(await project.log(execution))?.[1]
    const words = `delegate told after ${after(Date.parse(asked ?? ''))}, step after ${after(Date.parse(stopped ?? ''))}, reported after ${after(ended)}`
    holds(`within 10 s: ${words}`, ended - begun < 10_000)
    expect('the lock', locked(project), 'f')
    expect('change sets', project.query(ran), '0')
    expect('tables', project.query("select count(*) from pg_tables where tablename = 'made_1'"), '0')
    await isGone(world, execution)
    return words
  },
  'a pod deleted with grace 0 is not taken for done': async (world) => {
    const project = await world.project('deleted', slowChangelog(3, 2))
    const execution = await project.start()
    await firstChange(project)
    await world.cluster.remove(podPath((await thePod(world, execution)).metadata.name), 0)
    const { status } = await project.end(execution)
    // The kubelet tells the step all the same: it cancels and says so, or is reconciled.
    if (status === 'Success') ranOnce(project, 3)
    else expect('each at most once', project.query('select count(*) = count(distinct id) from trace'), 't')
    await isGone(world, execution)
    return status
  },
  'an eviction by the API ends the step in order, and the reason is told': async (world) => {
    const project = await world.project('evicted', slowChangelog(3, 2))
    const execution = await project.start()
    await firstChange(project)
    const { name } = (await thePod(world, execution)).metadata
    const { resources } = await world.cluster.get<{ resources: { name: string; version?: string }[] }>('/api/v1')
    const version = resources.find((one) => one.name === 'pods/eviction')?.version
    const body = { apiVersion: `policy/${version}`, kind: 'Eviction', metadata: { name, namespace } }
    await world.cluster.client.call({ method: 'POST', path: `${podPath(name)}/eviction`, body })
    return await endedFromOutside(world, project, execution)
  },
  'a pod with a higher priority takes the place of a step: the same': async (world) => {
    const priority = (name: string, value: number): object => ({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name },
      value,
    })
    await world.cluster.apply(priority('sluice-low', 10), priority('sluice-high', 1000))
    const resources = { memory: '256Mi', cpu: '2', cpuRequest: '1100m', storage: '128Mi' }
    let words = ''
    await world.withDelegate('low', { resources, priorityClassName: 'sluice-low' }, async () => {
      const project = await world.project('preempted', slowChangelog(3, 2))
      const execution = await project.start()
      await firstChange(project)
      const containers = [
        {
          name: 'pause',
          image: 'localhost/pause:1',
          imagePullPolicy: 'Never',
          resources: { requests: { cpu: '1100m' } },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ]
      const securityContext = { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } }
      const spec = {
        priorityClassName: 'sluice-high',
        automountServiceAccountToken: false,
        securityContext,
        containers,
      }
      await world.cluster.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'important', namespace }, spec })
      words = await endedFromOutside(world, project, execution)
      await world.cluster.remove(podPath('important'), 0)
    })
    return words
  },
  'a verb that is taken away while the delegate runs: the step is declined with its name': async (world) => {
    const { grant } = roleOf(world)
    try {
      await world.withDelegate('poorer', {}, async () => {
        await grant((verb, resource) => verb !== 'create' || resource !== 'pods')
        const project = await world.project('declined', slowChangelog(1, 0))
        const { status, nodes } = await project.end(await project.start())
        const said = nodes.map(({ fault, statusReason }) => `${fault?.message ?? ''} ${statusReason ?? ''}`).join(' ')
        holds(`${status}: ${said}`, said.includes('create pods'))
      })
    } finally {
      await grant(() => true)
    }
  },
  'a delegate that dies for good: another takes its pod over, and nothing is left': async (world) => {
    const times = { grace: 20, imagePull: 3, init: 120, adopt: 4 }
    await world.withDelegate('mortal', { times }, async (mortal) => {
      const project = await world.project('inherited', slowChangelog(3, 3))
      const execution = await project.start()
      await firstChange(project)
      const heir = await world.startDelegate('heir', { times })
      await mortal.stop('SIGKILL')
      const { status } = await project.end(execution)
      expect('status', status, 'Success')
      ranOnce(project, 3)
      await isGone(world, execution)
      holds('it was taken over', readFileSync(heir.output, 'utf8').includes('took over'))
      await heir.stop()
    })
  },
  'a step that is killed for want of memory says so, and nothing is claimed': async (world) => {
    // Node alone needs more.
    const resources = { memory: '28Mi', cpu: '1', cpuRequest: '20m', storage: '64Mi' }
    await world.withDelegate('narrow', { resources }, async ({ output }) => {
      const project = await world.project('narrow', slowChangelog(1, 0))
      const { status } = await project.end(await project.start())
      // Before it began it is a failure; afterwards it is reconciled, and in the end a person is asked.
      if (status === 'Success') ranOnce(project, 1)
      else holds('OOMKilled is named', readFileSync(output, 'utf8').includes('OOMKilled'))
    })
  },
  'a quota that is used up is waited for': async (world) => {
    const quota = {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'none', namespace },
      spec: { hard: { pods: '0' } },
    }
    await world.cluster.apply(quota)
    const path = `/api/v1/namespaces/${namespace}/resourcequotas/none`
    await until('the quota', async () =>
      (await world.cluster.get<{ status?: { hard?: object } }>(path)).status?.hard ? true : undefined,
    )
    const project = await world.project('quota', slowChangelog(1, 0))
    const execution = await project.start()
    const output = world.delegates[0]?.output ?? ''
    await until('the refusal', () => (readFileSync(output, 'utf8').includes('exceeded quota') ? true : undefined))
    await world.cluster.remove(path)
    const { status } = await project.end(execution)
    expect('status', status, 'Success')
    ranOnce(project, 1)
  },
  'a step that was stopped past its lease does not write once it wakes up': async (world) => {
    const project = await world.project('asleep', slowChangelog(3, 4))
    const execution = await project.start()
    await firstChange(project)
    const step = await stepProcess(world, execution)
    process.kill(step, 'SIGSTOP')
    const now = await until(
      'the manager to notice',
      async () => {
        const state = await project.peek(execution)
        return state.nodes.some(({ attempts, status }) => attempts > 1 || status === 'InterventionWaiting')
          ? state
          : undefined
      },
      180,
    )
    process.kill(step, 'SIGCONT')
    const { status, nodes } = await project.end(execution, 240)
    holds(
      `success, or a person is asked: ${status}`,
      status === 'Success' || nodes.some((node) => node.status === 'InterventionWaiting'),
    )
    if (status === 'Success') ranOnce(project, 3)
    else expect('each once', project.query('select count(*) = count(distinct id) from trace'), 't')
    return `${now.nodes.map(({ attempts }) => attempts).join(',')} attempts, ${status}`
  },
  'two delegates race for four steps: each runs once': async (world) => {
    const second = await world.startDelegate('second')
    const projects = []
    for (let index = 1; index <= 4; index++) projects.push(await world.project(`race_${index}`, slowChangelog(1, 0)))
    const executions = await Promise.all(projects.map(async (project) => await project.start()))
    for (const [index, project] of projects.entries()) {
      const { status } = await project.end(executions[index] ?? '')
      expect('status', status, 'Success')
      ranOnce(project, 1)
    }
    await world.cleared()
    await second.stop()
  },
}
