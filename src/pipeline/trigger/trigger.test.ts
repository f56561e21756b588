import { describe, expect, test } from 'vitest'
import { nextRuns, problemOfCron } from './cron.ts'
import type { WebhookEvent } from './event.ts'
import { readFact, supplyFacts, webhookFacts } from './fact.ts'
import { matchConditions, matchRepository } from './match.ts'
import { readTrigger } from './read.ts'

const now = new Date('2026-03-01T00:00:00Z')
const git = (spec: string, more = '') => `trigger:
  identifier: on_push
  name: On push
  pipelineIdentifier: release
  encryptedWebhookSecretIdentifier: hook
${more}  source:
    type: Webhook
    spec:
      type: Github
      spec:
        type: Push
        spec:
          connectorRef: git
          repoName: shop
${spec}`
const told = (yaml: string) =>
  readTrigger(yaml, 't.yaml', now).diagnostics.map(
    ({ severity, message, span }) => `${severity} ${span?.line}:${span?.column} ${message}`,
  )

describe('the document', () => {
  test('is read as the compatible product writes it', () => {
    const yaml = git(
      `          autoAbortPreviousExecutions: false
          payloadConditions: [{ key: targetBranch, operator: Equals, value: main }]
          headerConditions: []
          actions: []
`,
      '  enabled: true\n  description: ""\n  tags: {}\n  inputYaml: "pipeline: {}\\n"\n  stagesToExecute: []\n',
    )
    const { trigger, diagnostics } = readTrigger(yaml, 't.yaml', now)
    expect(diagnostics).toEqual([])
    expect(trigger?.source).toEqual({
      type: 'Webhook',
      provider: 'Github',
      event: 'Push',
      connectorRef: 'git',
      repoName: 'shop',
      actions: [],
      abortsPrevious: false,
      headers: [],
      payload: [{ key: 'targetBranch', operator: 'Equals', value: 'main' }],
    })
  })

  test.each([
    ['', 'error 1:1 The document is empty.'],
    ['trigger: [', 'error 1:11'],
    [git('          actions: [Open]\n'), 'error 15:21 Push of Github has no action `Open`.'],
    [git('          jexlCondition: <+trigger.branch> ==\n'), 'error 15:45 The condition cannot be understood'],
    [
      git('          payloadConditions: [{ key: a, operator: Regex, value: "(" }]\n'),
      'error 15:65 The value is wrong: `(` is no pattern',
    ],
    [
      git('          payloadConditions: [{ key: a, operator: Like, value: b }]\n'),
      'error 15:51 `operator` of a condition',
    ],
    [git('', '  stagesToExecute: [one]\n'), 'error 6:3 `stagesToExecute` of the trigger is not offered yet.'],
    [git('', '  pipelineBranchName: <+trigger.branch>\n'), 'info 6:23 `pipelineBranchName` has no effect'],
    [
      git('', '  pipelineBranchName: main\n'),
      'error 6:23 `pipelineBranchName` asks for the pipeline of the branch `main`',
    ],
    [git('').replace('type: Push', 'type: MergeQueue'), 'error 11:15 `type` of the webhook cannot be `MergeQueue`'],
    [git('').replace('  encryptedWebhookSecretIdentifier: hook\n', ''), 'warning 2:3 The trigger has no `encrypted'],
    [git('').replace('type: Webhook', 'type: Artifact'), 'error 7:11 Triggers of type Artifact are not offered.'],
  ])('%#: what is wrong is told where it stands', (yaml, expected) => {
    expect(told(yaml)[0]).toContain(expected)
  })
})

describe('cron', () => {
  const runs = (expression: string, after: string, form: 'UNIX' | 'QUARTZ' = 'UNIX', count = 2) =>
    nextRuns({ expression, form, timezone: 'Europe/Berlin' }, new Date(after), count).map((time) => time.toISOString())
  test('a time that the clocks skip is due when they have jumped, one that they pass twice is due once', () => {
    expect(runs('30 2 * * *', '2026-03-28T12:00:00Z')).toEqual(['2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z'])
    expect(runs('30 2 * * *', '2026-10-24T12:00:00Z')).toEqual(['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z'])
  })
  test('QUARTZ counts weekdays from Sunday = 1 and writes ? and 0/30', () => {
    expect(runs('0 0/30 9 ? * 2', '2026-03-01T12:00:00Z', 'QUARTZ')).toEqual([
      '2026-03-02T08:00:00.000Z',
      '2026-03-02T08:30:00.000Z',
    ])
    expect(runs('0 0 12 ? * 6#3 2027', '2026-03-01T12:00:00Z', 'QUARTZ', 1)).toEqual(['2027-01-15T11:00:00.000Z'])
  })
  test.each([
    ['61 * * * *', 'UNIX', 'UTC', 'cannot be read'],
    ['0 0 30 2 *', 'UNIX', 'UTC', 'never due'],
    ['0 0 12 * * ?', 'UNIX', 'UTC', 'cannot be read'],
    ['0 0 12 * *', 'QUARTZ', 'UTC', 'cannot be read'],
    ['0 0 12 * * ? 2020', 'QUARTZ', 'UTC', 'never due'],
    ['0 0 * * *', 'UNIX', 'Mars/Olympus', 'no time zone'],
  ] as const)('%s as %s in %s is refused', (expression, form, timezone, problem) => {
    expect(problemOfCron({ expression, form, timezone }, now)).toContain(problem)
  })
})

const event: WebhookEvent = {
  provider: 'Github',
  event: 'Push',
  repository: 'https://github.com/Acme/Shop',
  repositoryName: 'Acme/Shop',
  sourceBranch: 'main',
  targetBranch: 'main',
  commit: 'c0ffee',
}
const payload = { head: { message: 'say <+secrets.getValue("prod")>', ids: [1, 2] }, forced: false }
const headers = { 'x-github-event': 'push', 'x-hub-signature-256': 'sha256=1', authorization: 'Basic x' }
const facts = webhookFacts({ identifier: 't', name: 'T' }, event, { provider: 'Github', headers, payload })

describe('what expressions read', () => {
  test('names of the reference, any case of headers, and the payload', () => {
    const read = (...path: string[]) => readFact(facts, path)
    expect(read('trigger', 'commitSha')).toBe('c0ffee')
    expect(read('trigger', 'event')).toBe('PUSH')
    expect(read('trigger', 'header', 'X-GitHub-Event')).toBe('push')
    expect(read('eventPayload', 'forced')).toBe(false)
    expect(read('trigger', 'payload', 'head', 'ids', '1')).toBe(2)
  })
  test('proofs are not among them, and nothing that was sent is an expression', () => {
    expect(JSON.stringify(facts)).not.toMatch(/sha256=1|Basic/)
    expect(readFact(facts, ['trigger', 'payload', 'head', 'message'])).toBe('say < +secrets.getValue("prod")>')
  })
  test('a payload that is too large loses its ends', () => {
    const large = { list: Array.from({ length: 9000 }, (_, number) => ({ number, text: 'x'.repeat(100) })), ref: 'r' }
    const kept = webhookFacts({ identifier: 't', name: 'T' }, event, { provider: 'Github', headers, payload: large })
    expect(readFact(kept, ['trigger', 'payload', 'ref'])).toBe('r')
    expect(readFact(kept, ['trigger', 'payload', 'list'])).toHaveLength(50)
  })
  test('inputs get the values; what is no value of the trigger waits for the run', () => {
    const yaml =
      'pipeline: { variables: [{ name: b, value: "v-<+trigger.branch>" }, { name: c, value: <+pipeline.name> }] }'
    expect(supplyFacts(yaml, facts)).toBe(
      'pipeline: { variables: [ { name: b, value: "v-main" }, { name: c, value: <+pipeline.name> } ] }\n',
    )
    const evil = supplyFacts('a: <+trigger.t>\nb: 1', { t: '"\nb: 2 # {{' })
    expect(evil).toBe('a: "\\"\\nb: 2 # {{"\nb: 1\n')
  })
})

describe('conditions', () => {
  const met = (condition: object, files?: readonly string[]) =>
    matchConditions({ headers: [], payload: [condition as never] }, { ...facts, payload }, headers, files).met
  test.each([
    ['targetBranch', 'Equals', 'main', true],
    ['targetBranch', 'NotEquals', 'main', false],
    ['targetBranch', 'In', 'dev, main', true],
    ['targetBranch', 'NotIn', 'dev, main', false],
    ['targetBranch', 'Regex', 'ma.*', true],
    ['targetBranch', 'Regex', 'a', false],
    ['<+trigger.payload.forced>', 'Equals', 'false', true],
    ['forced', 'StartsWith', 'f', true],
    ['head.message', 'EndsWith', ')>', true],
    ['<+eventPayload.head.message>', 'Contains', 'say', true],
    ['head.message', 'DoesNotContain', 'say', false],
    ['no.such', 'Equals', '', true],
    ['no.such', 'Equals', 'x', false],
  ])('%s %s %s', (key, operator, value, expected) => {
    expect(met({ key, operator, value })).toBe(expected)
  })
  test.each([
    ['Equals', 'schemas/*.sql', true],
    ['Equals', '*.sql', false],
    ['In', 'docs/**, schemas/**', true],
    ['Regex', 'schemas/.*', true],
    ['NotIn', 'docs/*', false],
    ['DoesNotContain', '.java', true],
    ['Equals', 'schemas/(a).sql', false],
    ['Equals', '**/b.md', true],
  ])('changed files %s %s', (operator, value, expected) => {
    expect(met({ key: 'changedFiles', operator, value }, ['schemas/a.sql', 'docs/b.md'])).toBe(expected)
  })
  test('JEXL, and headers', () => {
    const jexl = (text: string) =>
      matchConditions({ headers: [], payload: [], jexl: text }, { ...facts, payload }, headers, undefined).met
    expect(jexl('<+trigger.branch> == "main" && <+trigger.payload.head.ids>.size() == 2')).toBe(true)
    expect(jexl('<+trigger.payload.missing.x> == "main"')).toBe(false)
    const header = { key: 'X-GitHub-Event', operator: 'Equals', value: 'ping' } as const
    expect(matchConditions({ headers: [header], payload: [] }, facts, headers, undefined)).toEqual({
      met: false,
      because: 'The header x-github-event is `push`: Equals ping is not met.',
    })
  })
  test.each([
    ['https://github.com/acme', false, 'shop', true],
    ['https://github.com/acme/', false, 'shop.git', true],
    ['https://github.com', false, 'acme/shop', true],
    ['git@github.com:acme/shop.git', true, undefined, true],
    ['https://bot@github.com/acme/shop.git', true, undefined, true],
    ['https://github.com/acme', false, 'shop2', false],
    ['https://ghe.example.org/acme', false, 'shop', false],
    ['https://github.com/acme', false, undefined, false],
  ])('the repository of %s %s %s', (url, isRepository, repoName, expected) => {
    expect(matchRepository(repoName === undefined ? {} : { repoName }, { url, isRepository }, event).met).toBe(expected)
  })
})
