// The REST API of Bitbucket Cloud (developer.atlassian.com/cloud/bitbucket/rest).
import { createHash } from 'node:crypto'
import { at, listAt, numberAt, textAt } from '#pipeline/trigger/event'
import type { GitHost, HostPlace } from './host.ts'

const states = { running: 'INPROGRESS', good: 'SUCCESSFUL', bad: 'FAILED', stopped: 'STOPPED' } as const
const MOST_PAGES = 20

export function bitbucketHost({ call }: HostPlace): GitHost {
  const pages = async function* (path: string): AsyncGenerator<readonly unknown[]> {
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const answer = await call('GET', `${path}${path.includes('?') ? '&' : '?'}page=${page}`)
      yield listAt(answer, 'values')
      if (textAt(answer, 'next') === undefined) return
    }
  }
  return {
    changedFiles: async ({ baseCommit = '', commit = '' }) => {
      const found = new Set<string>()
      for await (const rows of pages(`/diffstat/${commit}..${baseCommit}?pagelen=500`))
        for (const row of rows)
          for (const side of ['new', 'old']) {
            const path = textAt(row, side, 'path')
            if (path !== undefined) found.add(path)
          }
      return [...found]
    },
    pullRequest: async () => ({}),
    setStatus: async ({ commit, name, state, description, url }) => {
      // At most 40 characters, and it is the name of the status.
      const key = createHash('sha256').update(name).digest('hex').slice(0, 40)
      const body = { key, name, state: states[state], description: description.slice(0, 255) }
      // It takes no status without an address.
      await call('POST', `/commit/${commit}/statuses/build`, { ...body, url: url ?? 'https://bitbucket.org' })
    },
    longestComment: 30_000,
    // A comment of HTML would be shown.
    marker: (name) => `[//]: # (${name})`,
    comment: async (pullRequest, text, marker, known) => {
      const comments = `/pullrequests/${pullRequest}/comments`
      const id = known ?? (await find(comments, marker))
      const body = { content: { raw: text } }
      const answer =
        id === undefined ? await call('POST', comments, body) : await call('PUT', `${comments}/${id}`, body)
      return String(numberAt(answer, 'id') ?? id ?? '')
    },
  }

  async function find(comments: string, marker: string): Promise<string | undefined> {
    for await (const rows of pages(`${comments}?pagelen=100`)) {
      const own = rows.find((one) => at(one, 'deleted') !== true && textAt(one, 'content', 'raw')?.startsWith(marker))
      if (own !== undefined) return String(at(own, 'id'))
    }
    return undefined
  }
}
