// Scripts and requests: what is written, what a delegate is told, and what later steps read.
import { describe, expect, test } from 'vitest'
import { Run } from '../../test/pipeline/run.ts'
import { readPipeline } from './read/pipeline.ts'

const pipeline = (steps: readonly unknown[], variables: readonly unknown[] = []): string =>
  JSON.stringify(
    {
      pipeline: {
        identifier: 'p',
        name: 'P',
        variables,
        stages: [{ stage: { identifier: 's', name: 'S', type: 'Custom', spec: { execution: { steps } } } }],
      },
    },
    undefined,
    1,
  )
const step = (identifier: string, type: string, spec: unknown, more = {}) => ({
  step: { identifier, name: identifier, type, spec, ...more },
})
const inline = (script: string) => ({ type: 'Inline', spec: { script } })
const asked = (run: Run) => {
  const found = run.commands.find((command) => command.type === 'run-step')
  return found?.type === 'run-step' ? found.work : undefined
}
const findings = (yaml: string) =>
  readPipeline(yaml).diagnostics.map(({ code, span, message }) => `${code} ${span?.line}: ${message}`)

describe('a script', () => {
  test('gets values as text and secrets as references, wherever they come from', () => {
    const variables = [
      { name: 'env', type: 'String', value: 'prod' },
      { name: 'token', type: 'Secret', value: 'account.token' },
    ]
    const one = step('one', 'ShellScript', {
      shell: 'Bash',
      source: inline('deploy <+pipeline.variables.env> <+pipeline.variables.token> <+secrets.getValue("org.key")>'),
      environmentVariables: [{ name: 'KEY', type: 'Secret', value: 'key' }],
      outputVariables: [{ name: 'version', type: 'String', value: 'v' }],
    })
    expect(asked(new Run(pipeline([one], variables)))).toEqual({
      type: 'ShellScript',
      shell: 'Bash',
      script: ['deploy ', 'prod', ' ', { secret: 'account.token' }, ' ', { secret: 'org.key' }],
      environment: { KEY: [{ secret: 'key' }] },
      outputs: [{ name: 'version', variable: 'v' }],
    })
  })

  test('what stands around the secret in a variable of type Secret belongs to its value', () => {
    const variables = [
      { name: 'host', type: 'String', value: 'db' },
      {
        name: 'url',
        type: 'Secret',
        value: 'https://<+secrets.getValue("user")>:<+secrets.getValue("account.pw")>@<+pipeline.variables.host>/x',
      },
    ]
    const one = step('one', 'Run', { command: 'curl <+pipeline.variables.url>?q' })
    expect(asked(new Run(pipeline([one], variables)))).toMatchObject({
      script: ['curl ', 'https://', { secret: 'user' }, ':', { secret: 'account.pw' }, '@', 'db', '/x', '?q'],
    })
  })

  test('an output that looks like a secret stays a text', () => {
    const one = step('one', 'Run', { command: 'true', outputVariables: [{ name: 'x' }] })
    const two = step('two', 'Run', { command: 'echo <+steps.one.output.outputVariables.x>' })
    const run = new Run(pipeline([one, two]))
    const outputVariables = { x: '<+secrets.getValue("prod")>' }
    run.end('s.one', { outcome: 'success', output: { exitCode: 0, outputVariables } })
    expect(asked(run)).toMatchObject({ shell: 'Sh', script: ['echo ', '<+secrets.getValue("prod")>'] })
  })

  test('that was lost is never run again by itself, not even by Retry', () => {
    const retry = { retryCount: 3, retryIntervals: ['10s'], onRetryFailure: { action: { type: 'MarkAsFailure' } } }
    const failureStrategies = [{ onFailure: { errors: ['AllErrors'], action: { type: 'Retry', spec: retry } } }]
    const once = step('one', 'Run', { command: 'true' }, { failureStrategies })
    const lost = new Run(pipeline([once])).start('s.one').end('s.one', { outcome: 'unknown' })
    expect(lost.status('s.one')).toBe('Failed')
    expect(lost.state.nodes['s.one']?.fault?.code).toBe('outcome-unknown')
    const failed = new Run(pipeline([once])).fail('s.one', 'script-failed')
    expect(failed.status('s.one')).toBe('Queued')
  })

  test.each([
    [{ shell: 'Bash', source: { type: 'Harness', spec: { file: 'x' } } }, 'pipeline/not-offered'],
    [{ shell: 'Fish', source: inline('x') }, 'pipeline/wrong-value'],
    [{ shell: 'Bash', source: inline('<+steps.none.output.x>') }, 'pipeline/bad-expression'],
    [{ shell: 'Bash', source: inline('x'), onDelegate: false }, 'pipeline/not-offered'],
    [{ shell: 'Bash', source: inline('x'), outputVariables: [{ name: 'x', value: '$x' }] }, 'pipeline/bad-identifier'],
    [
      { shell: 'Bash', source: inline('x'), outputVariables: [{ name: 'x y', type: 'Secret' }] },
      'pipeline/bad-identifier',
    ],
    [{ shell: 'Bash', source: inline('x'), outputVariables: [{ name: 'x', type: 'Sekret' }] }, 'pipeline/wrong-value'],
    [{ shell: 'Bash', source: inline('x'), outputAlias: { key: 'x', scope: 'Stage' } }, 'pipeline/not-offered'],
    [{ shell: 'Bash', source: inline('echo <+trigger.branch>') }, 'pipeline/expression-in-script'],
  ])('%j is refused or warned of at its place', (spec, code) => {
    const found = findings(pipeline([step('one', 'ShellScript', spec)]))
    expect(found.map((text) => text.split(' ')[0])).toContain(code)
    for (const text of found) expect(Number(/ (\d+):/.exec(text)?.[1])).toBeGreaterThan(10)
  })

  test('a secret output is told as a reference, and refused where people would see it', () => {
    const one = step('one', 'Run', { command: 'true', outputVariables: [{ name: 'key', type: 'Secret' }] })
    const read = '<+steps.one.output.outputVariables.Key>'
    const run = new Run(pipeline([one, step('two', 'Run', { command: 'true', envVariables: { K: `a${read}` } })]))
    run.end('s.one', { outcome: 'success', output: { exitCode: 0, outputVariables: { key: '******' } } })
    expect(asked(run)).toMatchObject({ environment: { K: ['a', { secret: 'run.s.one:key' }] } })
    const without = new Run(pipeline([one, step('two', 'Run', { command: `echo ${read}` })]))
    without.end('s.one', { outcome: 'success', output: { exitCode: 0, outputVariables: {} } })
    expect(without.state.nodes['s.two']?.fault?.message).toContain('s.one gave no output key')
    const shown = step('two', 'HarnessApproval', {
      approvalMessage: read,
      approvers: { minimumCount: 1, disallowPipelineExecutor: false },
    })
    expect(findings(pipeline([one, shown])).join()).toContain('A secret output cannot stand here')
    const http = {
      method: 'GET',
      url: 'https://example.org',
      outputVariables: [{ name: 'x', type: 'Secret', value: 'y' }],
    }
    expect(findings(pipeline([step('two', 'Http', http)])).join()).toContain('A part of an answer is no secret')
  })

  test('an output that the step does not have is refused', () => {
    const one = step('one', 'Run', { command: 'true', outputVariables: [{ name: 'image_tag' }] })
    const two = step('two', 'Run', { command: 'echo <+steps.one.output.outputVariables.imageTag>' })
    expect(findings(pipeline([one, two])).join()).toContain('has no output variable `imageTag`')
  })
})

describe('a request', () => {
  const http = step('call', 'Http', {
    method: 'POST',
    url: 'https://api.example.org/<+pipeline.identifier>',
    headers: [{ key: 'authorization', value: 'Bearer <+secrets.getValue("token")>' }],
    requestBody: '{"run": <+pipeline.sequenceId>}',
    assertion: '<+httpResponseCode> == 201 && <+json.select("$.state", httpResponseBody)> == "ok"',
    outputVariables: [{ name: 'id', type: 'String', value: '<+json.select("$.id", httpResponseBody)>' }],
  })
  const after = step('after', 'Run', { command: 'echo <+steps.call.output.outputVariables.id>' })
  const answer = (httpResponseCode: number, httpResponseBody: string) =>
    new Run(pipeline([http, after])).end('s.call', {
      outcome: 'success',
      output: { httpResponseCode, httpResponseBody },
    })

  test('is told as it is written, its secrets as references', () => {
    expect(asked(new Run(pipeline([http])))).toEqual({
      type: 'Http',
      method: 'POST',
      url: ['https://api.example.org/', 'p'],
      headers: [{ name: 'authorization', value: ['Bearer ', { secret: 'token' }] }],
      body: ['{"run": ', '7', '}'],
    })
  })
  test('an answer that meets the assertion gives its outputs', () => {
    const run = answer(201, '{"state": "ok", "id": 12}')
    expect(run.status('s.call')).toBe('Success')
    expect(asked(run)).toMatchObject({ script: ['echo ', '12'] })
  })
  test.each([
    [200, '{"state": "ok", "id": 12}', 'does not meet the assertion'],
    [201, 'no json', 'does not meet the assertion'],
    [201, '{"state": "ok"}', 'the output id has no value'],
  ])('answer %i %s is a failure', (code, body, reason) => {
    const run = answer(code, body)
    expect(run.status('s.call')).toBe('Failed')
    expect(run.reason('s.call')).toContain(reason)
  })
  test('without an assertion the status decides', () => {
    const plain = pipeline([step('call', 'Http', { method: 'GET', url: 'https://example.org' })])
    const end = (httpResponseCode: number) =>
      new Run(plain).end('s.call', { outcome: 'success', output: { httpResponseCode, httpResponseBody: '' } })
    expect(end(302).status('s.call')).toBe('Success')
    expect(end(404).status('s.call')).toBe('Failed')
  })
  test('its own answer cannot be read before it is sent', () => {
    const early = step('call', 'Http', { method: 'GET', url: 'https://x/<+httpResponseCode>' })
    expect(findings(pipeline([early])).join()).toContain('has not run by then')
  })
})
