import { expect, test } from 'vitest'
import { needsOf } from '#contract/delegate/capability'
import { systemClock } from '#contract/delegate/repeat'
import { createCapabilities } from './capability.ts'

const script = { type: 'Run', shell: 'Sh', script: ['true'], environment: {}, outputs: [] } as const
const request = { type: 'Http', method: 'GET', url: ['https://a.example.org/'], headers: [] } as const
const environment = { PATH: process.env['PATH'], SLUICE_ALLOW_SCRIPTS: 'true' }

test.each([
  ['scripts', { ...script, script: ['true'], outputs: [] }],
  ['requests', { ...request, url: [...request.url], headers: [] }],
] as const)('%s are declined before they are accepted where steps are pods', async (_, work) => {
  const settings = {} as never
  const lacking = async (pods?: () => Promise<undefined>): Promise<string | undefined> =>
    await createCapabilities({ clock: systemClock, settings, environment, pods }).lacking(
      needsOf(work),
      new AbortController().signal,
    )
  expect(await lacking(async () => undefined)).toBe('its steps are pods, in which scripts and requests do not run yet')
  expect(await lacking()).toBeUndefined()
})
