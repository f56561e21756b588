// The REST API of Azure Repos (learn.microsoft.com/rest/api/azure/devops/git).
import { at, listAt, numberAt, textAt } from '#pipeline/trigger/event'
import type { GitHost, HostPlace } from './host.ts'

const states = { running: 'pending', good: 'succeeded', bad: 'failed', stopped: 'error' } as const
const version = 'api-version=7.1'
/** Of a thread: nothing has to be answered. */
const closed = 4

export function azureHost({ call }: HostPlace): GitHost {
  return {
    changedFiles: async ({ baseCommit = '', commit = '' }) => {
      const range = `baseVersion=${baseCommit}&baseVersionType=commit&targetVersion=${commit}&targetVersionType=commit`
      const answer = await call('GET', `/diffs/commits?${range}&$top=2000&${version}`)
      return listAt(answer, 'changes').flatMap((change) => {
        const path = textAt(change, 'item', 'path')
        return path === undefined || at(change, 'item', 'isFolder') === true ? [] : [path.replace(/^\//, '')]
      })
    },
    pullRequest: async () => ({}),
    setStatus: async ({ commit, name, state, description, url }) => {
      const context = { genre: 'sluice', name }
      const body = { state: states[state], description: description.slice(0, 255), context }
      const where = url === undefined ? {} : { targetUrl: url }
      await call('POST', `/commits/${commit}/statuses?${version}`, { ...body, ...where })
    },
    longestComment: 140_000,
    marker: (name) => `<!-- ${name} -->`,
    comment: async (pullRequest, text, marker, known) => {
      const threads = `/pullRequests/${pullRequest}/threads`
      const id = known ?? (await find(threads, marker))
      if (id !== undefined) {
        const [thread, comment] = id.split('/')
        await call('PATCH', `${threads}/${thread}/comments/${comment}?${version}`, { content: text, commentType: 1 })
        return id
      }
      const comments = [{ parentCommentId: 0, content: text, commentType: 1 }]
      const answer = await call('POST', `${threads}?${version}`, { comments, status: closed })
      return `${numberAt(answer, 'id')}/${numberAt(listAt(answer, 'comments')[0], 'id') ?? 1}`
    },
  }

  async function find(threads: string, marker: string): Promise<string | undefined> {
    const answer = await call('GET', `${threads}?${version}`)
    for (const thread of listAt(answer, 'value')) {
      const own = listAt(thread, 'comments').find((one) => textAt(one, 'content')?.startsWith(marker))
      if (own !== undefined) return `${numberAt(thread, 'id')}/${numberAt(own, 'id')}`
    }
    return undefined
  }
}
