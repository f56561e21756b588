import { expect, test } from 'vitest'
import { needsOf } from '#contract/delegate/capability'
import { systemClock } from '#contract/delegate/repeat'
import type { StepWork } from '#contract/delegate/step-spec'
import { createCapabilities } from './capability.ts'

const script: StepWork = { type: 'Run', shell: 'Sh', script: ['true'], environment: {}, outputs: [] }
const request: StepWork = { type: 'Http', method: 'GET', url: ['https://a.example.org/'], headers: [] }
const environment = { PATH: process.env['PATH'], SLUICE_ALLOW_SCRIPTS: 'true' }

test.each([
  ['scripts', script],
  ['requests', request],
] as const)('%s are declined before they are accepted where steps are pods', async (_, work) => {
  const outward = {} as never
  const lacking = async (pods?: () => Promise<undefined>): Promise<string | undefined> =>
    await createCapabilities({ clock: systemClock, outward, environment, pods }).lacking(
      needsOf(work),
      new AbortController().signal,
    )
  expect(await lacking(async () => undefined)).toBe('its steps are pods, in which scripts and requests do not run yet')
  expect(await lacking()).toBeUndefined()
})
