// Scripts and requests as steps of a group in pods: what they share, what they give, and what may be seen of their secrets.
import { expect, holds } from '../check.ts'
import { until } from '../cluster.ts'
import { applyStep, managerUrl, namespace, pipelineWith, type Project, type World } from '../world.ts'
import { slowChangelog } from './changelog.ts'
import { allow, faults, images, volumes, written } from './group.ts'
import type { Scenario } from './index.ts'

const scripts = { allowScripts: true }

/** Each a step in flow style: `run` has the image of the team, `shell` none. */
const run = (identifier: string, command: string, more = ''): string =>
  `step: { identifier: ${identifier}, name: R, type: Run, timeout: 5m, spec: { shell: Sh, image: "localhost/team/shell:1", command: ${JSON.stringify(command)}${more} } }`
const bash = (identifier: string, script: string, variables: string): string =>
  `step: { identifier: ${identifier}, name: S, type: ShellScript, timeout: 5m, spec: { shell: Bash, onDelegate: true, source: { type: Inline, spec: { script: ${JSON.stringify(script)} } }, ${variables} } }`
const request = `step: { identifier: ask, name: H, type: Http, timeout: 1m, spec: { url: ${managerUrl}/v1/health, method: GET, assertion: "<+httpResponseCode> == 200" } }`

const secret = '<+secrets.getValue("database_password")>'
const output = '<+execution.steps.all.steps.prepare.output.outputVariables.made>'

function grouped(name: string): string {
  const steps = [
    `step: { identifier: clone, name: C, type: GitClone, timeout: 5m, spec: { connectorRef: git_${name}, build: { type: branch, spec: { branch: main } }, cloneDirectory: repo } }`,
    run(
      'prepare',
      'mkdir -p out; echo "$CHANGELOG" > out/changelog.yaml; echo "password $PASSWORD"; id -u; made="by $0"; made=table_of_run',
      `, runAsUser: 4321, resources: { limits: { memory: 300Mi, cpu: "1" } }, envVariables: { PASSWORD: '${secret}', CHANGELOG: "databaseChangeLog: [{changeSet: {id: 1, author: cluster, changes: [{sql: {sql: create table table_of_run (id int)}}]}}]" }, outputVariables: [{ name: made }]`,
    ),
    bash(
      'look',
      `set -e; [[ -f /harness/out/changelog.yaml ]]; [[ -f /harness/repo/changelog.yaml ]]; echo cloned; echo "made $MADE"; echo "length \${#PASSWORD}"; ls /sluice; ! cat /sluice/document/* 2>&1`,
      `environmentVariables: [{ name: MADE, type: String, value: "${output}" }, { name: PASSWORD, type: Secret, value: database_password }], outputVariables: []`,
    ),
    request,
    applyStep(name, '5m', 'apply'),
  ]
  const infrastructure = '{ type: KubernetesDirect, spec: { connectorRef: k8s } }'
  return pipelineWith(
    name,
    `stepGroup: { identifier: all, name: All, stepGroupInfra: ${infrastructure}, steps: [${steps.map((one) => `{ ${one} }`).join(', ')}] }`,
  )
}

async function claims(world: World): Promise<number> {
  const path = `/api/v1/namespaces/${namespace}/persistentvolumeclaims`
  return (await world.cluster.get<{ items: unknown[] }>(path)).items.length
}

/** Runs the group, and gives what was said and every state of its pods as text. */
async function runGroup(world: World, project: Project): Promise<{ readonly log: string; readonly pods: string }> {
  const execution = await project.start()
  const pods: string[] = []
  const over = new AbortController()
  const ending = project.end(execution).finally(() => over.abort())
  while (!over.signal.aborted) {
    pods.push(JSON.stringify(await world.cluster.get(`/api/v1/namespaces/${namespace}/pods`)))
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const ended = await ending
  const log = await project.log(execution)
  expect(`status; ${faults(ended)}; log: ${log}`, ended.status, 'Success')
  return { log, pods: pods.join('\n') }
}

function heard(world: World, { log, pods }: { readonly log: string; readonly pods: string }): void {
  for (const words of ['made table_of_run', 'cloned', 'length 27', '4321', 'Answered 200'])
    holds(`the log has "${words}": ${log}`, log.includes(words))
  holds('the secret is masked', /password \*+/.test(log))
  for (const one of world.secrets) holds('no secret in the log or in a pod', !`${log}${pods}`.includes(one))
  // A script sees neither what the step is told nor how it reports.
  holds(`the folder of the document is not there: ${log}`, /document\/\*/.test(log))
}

export const script: Readonly<Record<string, Scenario>> = {
  'GitClone, Run, ShellScript and Http in pods of one group prepare a changelog that a later step applies; the folder goes with the run':
    async (world) => {
      await volumes(world, 'script', 3)
      const project = await world.project('scripted', slowChangelog(1, 0), { pipeline: grouped })
      await written(world, 'scripted', 'cp -r /workspace/out .')
      const workspace = { storageClassName: 'sluice-test', size: '100Mi' }
      const times = { grace: 20, imagePull: 3, init: 120, adopt: 4 }
      const settings = { images, allow, workspace, times }
      // The administrator did not say that scripts may run.
      await world.withDelegate('scriptless', settings, async () => {
        const refused = await project.end(await project.start())
        const said = refused.nodes.map(({ fault, statusReason }) => `${fault?.message ?? ''} ${statusReason ?? ''}`)
        holds(`refused: ${said.join(' ')}`, said.join(' ').includes('--allow-scripts'))
        await until('the claim to go with its run', async () => ((await claims(world)) === 0 ? true : undefined))
      })
      await world.withDelegate(
        'scripting',
        settings,
        async () => {
          heard(world, await runGroup(world, project))
          expect('made', project.query("select count(*) from pg_tables where tablename = 'table_of_run'"), '1')
          await until('the claim to go with its run', async () => ((await claims(world)) === 0 ? true : undefined))
        },
        scripts,
      )
      await world.withDelegate(
        'scripting_sealed',
        { ...settings, secretInjection: 'runtime' },
        async () => {
          heard(world, await runGroup(world, project))
          await until('the claim to go with its run', async () => ((await claims(world)) === 0 ? true : undefined))
        },
        scripts,
      )
    },
  'a script that fails, is not installed, or is aborted in its pod says so': async (world) => {
    await world.withDelegate(
      'scripts_fail',
      { images, allow },
      async () => {
        const of = async (name: string, element: string): Promise<Project> =>
          await world.project(name, slowChangelog(1, 0), { pipeline: () => pipelineWith(name, element) })
        const failing = await of('script_fails', run('one', 'echo so far; exit 9'))
        const failed = await failing.end(await failing.start())
        holds(`exit code: ${faults(failed)}`, faults(failed).includes('exit code 9'))
        const shell =
          'step: { identifier: one, name: R, type: Run, spec: { shell: Bash, image: "localhost/team/shell:1", command: "true" } }'
        const without = await of('script_shell', shell)
        const lacking = await without.end(await without.start())
        expect('without its shell', lacking.status, 'Failed')
        const sleeping = await of(
          'script_sleeps',
          run('one', 'trap "echo cleared; exit 1" TERM; echo begun; sleep 300 & wait'),
        )
        const execution = await sleeping.start()
        await until('the script', async () => ((await sleeping.log(execution)).includes('begun') ? true : undefined))
        await sleeping.abort(execution)
        const aborted = await sleeping.end(execution)
        expect('aborted', aborted.status, 'Aborted')
        const log = await sleeping.log(execution)
        holds(`it could clear up: ${log}`, log.includes('cleared'))
      },
      scripts,
    )
  },
}
