import { expect, test } from 'vitest'
import { needsOf } from '#contract/delegate/capability'
import { systemClock } from '#contract/delegate/repeat'
import type { StepWork } from '#contract/delegate/step-spec'
import { createCapabilities } from './capability.ts'

const script: StepWork = { type: 'Run', shell: 'Pwsh', script: ['true'], environment: {}, outputs: [] }
const allowed = { PATH: '', SLUICE_ALLOW_SCRIPTS: 'true' }

test.each([
  ['a pod runs a script with the shell of its image', allowed, true, undefined],
  ['a process needs that of this machine', allowed, false, 'the program pwsh is not installed'],
  ['neither does without the word of the administrator', { PATH: '' }, true, 'it runs no scripts'],
] as const)('%s', async (_, environment, inPods, wanted) => {
  const pods = inPods ? async () => undefined : undefined
  const capabilities = createCapabilities({ clock: systemClock, outward: {} as never, environment, pods })
  const lacking = await capabilities.lacking(needsOf(script), new AbortController().signal)
  expect(lacking?.slice(0, wanted?.length)).toBe(wanted)
})
