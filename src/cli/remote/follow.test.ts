import { Fault } from '#contract/fault'
import { expect, test } from 'vitest'
import { exitCodeOf, follow, type FollowOptions } from './follow.ts'

const node = (status: string, attempt: string | null, statusReason?: string) => ({
  id: 'a.x',
  status,
  attempt,
  rollback: false,
  ...(statusReason === undefined ? {} : { statusReason }),
})
const execution = (status: string, ...nodes: object[]) => ({ status, nodes })

/** A manager that tells one state after the other; the log is what of `log` has been written by then. */
function play(states: readonly object[], log: readonly { text: string; closed: boolean }[] = []) {
  const lines: string[] = []
  let look = 0
  const client = {
    getExecution: async () => {
      const state = states[Math.min(look, states.length - 1)]
      look += 1
      if (state instanceof Fault) throw state
      return state
    },
    getLog: async ({ query }: { query: { offset: number } }) => {
      const { text, closed } = log[Math.min(look - 1, log.length - 1)] ?? { text: '', closed: false }
      const bytes = Buffer.from(text)
      // At most four bytes an answer, so that lines and characters are cut.
      const part = bytes.subarray(query.offset, query.offset + 64)
      return { text: part.toString('utf8'), nextOffset: query.offset + part.length, committed: bytes.length, closed }
    },
  } as unknown as FollowOptions['client']
  const params = { org: 'o', project: 'p', execution: 'e' }
  const options = {
    client,
    params,
    line: (text: string) => void lines.push(text),
    withLogs: true,
    sleep: async () => {},
  }
  return { done: follow(options, new AbortController().signal), lines }
}

test('each status once, each whole line of the log once, and the rest of the log before the end', async () => {
  const running = execution('Running', node('Running', 't1'))
  const { done, lines } = play(
    [
      execution('Running', node('Queued', 't1', 'queued: No delegate')),
      running,
      running,
      execution('Success', node('Success', 't1')),
    ],
    [
      { text: '', closed: false },
      { text: 'one\ntw', closed: false },
      { text: 'one\ntwo €\nthr', closed: false },
      { text: 'one\ntwo €\nthree', closed: true },
    ],
  )
  expect(exitCodeOf(await done)).toBe(0)
  expect(lines).toEqual([
    'a.x: Queued: queued: No delegate',
    'a.x: Running',
    '[a.x] one',
    '[a.x] two €',
    'a.x: Success',
    '[a.x] three',
  ])
})

test('a manager that is away for a while is waited for, and said once; any other trouble is raised', async () => {
  const away = new Fault('manager-unreachable', 'refused')
  const { done, lines } = play([away, away, execution('Failed', node('Failed', null))])
  expect(exitCodeOf(await done)).toBe(1)
  expect(lines).toEqual(['The manager does not answer (refused); still trying', 'a.x: Failed'])
  await expect(play([new Fault('forbidden', 'no')]).done).rejects.toMatchObject({ code: 'forbidden' })
  await expect(play([away]).done).rejects.toMatchObject({ code: 'manager-unreachable' })
})
