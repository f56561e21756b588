// From the trigger of a run to the first line of its first step's log, read through the API, with the process runner.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { developer } from '#cli/demo/people'
import { dbSchema, scope } from '#cli/demo/setup'
import { type ApiClient, signIn } from '#cli/setup/session'
import { isFinal } from '#contract/pipeline/status'
import { median, percentile, printFigure } from './figure.ts'
import { firstAnswer, freePort, main, stop, timeCommand } from './process.ts'

const runs = 21
const pipeline = 'preview_dev'
const yaml = `pipeline:
  identifier: ${pipeline}
  name: Preview dev
  orgIdentifier: ${scope.org}
  projectIdentifier: ${scope.project}
  stages:
    - stage:
        identifier: preview
        name: Preview
        type: Custom
        spec:
          execution:
            steps:
              - step:
                  identifier: preview
                  name: Preview
                  type: DBSchemaUpdateSQL
                  timeout: 10m
                  spec: { dbSchema: ${dbSchema}, dbInstance: shop_dev }
`

/** Milliseconds from sending the trigger to having read the first byte of log. */
async function firstLogLine(client: ApiClient): Promise<number> {
  const begun = performance.now()
  const started = await client.executePipeline({ params: { ...scope, pipeline } })
  const execution = started.execution_details.execution_id
  const params = { ...scope, execution }
  let attempt: string | null = null
  while (attempt === null) {
    attempt = (await client.getExecution({ params })).nodes.find((node) => node.kind === 'step')?.attempt ?? null
    if (attempt === null) await sleep(5)
  }
  while ((await client.getLog({ params: { ...params, attempt } })).text === '') await sleep(5)
  const seconds = performance.now() - begun
  while (!isFinal((await client.getExecution({ params })).status)) await sleep(25)
  return seconds
}

const work = mkdtempSync(join(tmpdir(), 'sluice-bench-'))
const port = await freePort()
await timeCommand(process.execPath, [main, 'demo', '--once', '--port', '0', '--data', work])
const child = spawn(process.execPath, [main, 'up', '--data', work, '--port', String(port)], { stdio: 'ignore' })
try {
  const baseUrl = `http://127.0.0.1:${port}`
  await firstAnswer(`${baseUrl}/v1/health`)
  const client = await signIn(baseUrl, developer.email, developer.password)
  await client.createPipeline({
    params: scope,
    body: { identifier: pipeline, name: 'Preview dev', pipeline_yaml: yaml },
  })
  await firstLogLine(client)
  const times: number[] = []
  for (let run = 0; run < runs; run += 1) times.push(await firstLogLine(client))
  printFigure({
    name: 'trigger of a run to its first log line through the API, p50',
    value: median(times),
    unit: 'ms',
    bound: { value: 400, at: 'most', source: 'requirement' },
    note: `p90 ${percentile(times, 0.9).toFixed(0)} ms over ${runs} runs`,
  })
} finally {
  await stop(child)
  rmSync(work, { recursive: true, force: true })
}
