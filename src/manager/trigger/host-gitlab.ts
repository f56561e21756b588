// The REST API of GitLab (docs.gitlab.com/api).
import { at, listAt, numberAt, textAt } from '#pipeline/trigger/event'
import type { GitHost, HostPlace } from './host.ts'

const states = { running: 'running', good: 'success', bad: 'failed', stopped: 'canceled' } as const
const PAGE = 100
const MOST_PAGES = 30

export function gitlabHost({ call }: HostPlace): GitHost {
  const pathsOf = (files: readonly unknown[]): string[] =>
    files.flatMap((file) => ['new_path', 'old_path'].flatMap((key) => textAt(file, key) ?? []))
  const pages = async function* (path: string): AsyncGenerator<readonly unknown[]> {
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const answer = await call('GET', `${path}?per_page=${PAGE}&page=${page}`)
      const rows = Array.isArray(answer) ? (answer as unknown[]) : []
      yield rows
      if (rows.length < PAGE) return
    }
  }
  return {
    changedFiles: async ({ pullRequest, baseCommit = '', commit = '' }) => {
      if (pullRequest === undefined) {
        const compared = await call('GET', `/repository/compare?from=${baseCommit}&to=${commit}&straight=true`)
        return [...new Set(pathsOf(listAt(compared, 'diffs')))]
      }
      const found = new Set<string>()
      for await (const rows of pages(`/merge_requests/${pullRequest}/diffs`))
        for (const path of pathsOf(rows)) found.add(path)
      return [...found]
    },
    // Its deliveries tell all.
    pullRequest: async () => ({}),
    setStatus: async ({ commit, name, state, description, url }) => {
      const body = { state: states[state], name, description: description.slice(0, 255) }
      try {
        await call('POST', `/statuses/${commit}`, { ...body, ...(url === undefined ? {} : { target_url: url }) })
      } catch (error) {
        // It refuses a state that the commit has already.
        if (!(error as Error).message.includes('Cannot transition status')) throw error
      }
    },
    longestComment: 500_000,
    marker: (name) => `<!-- ${name} -->`,
    comment: async (pullRequest, text, marker, known) => {
      const notes = `/merge_requests/${pullRequest}/notes`
      const id = known ?? (await find(notes, marker))
      const answer =
        id === undefined
          ? await call('POST', notes, { body: text })
          : await call('PUT', `${notes}/${id}`, { body: text })
      return String(numberAt(answer, 'id') ?? id ?? '')
    },
  }

  async function find(notes: string, marker: string): Promise<string | undefined> {
    for await (const rows of pages(notes)) {
      const own = rows.find((one) => textAt(one, 'body')?.startsWith(marker))
      if (own !== undefined) return String(at(own, 'id'))
    }
    return undefined
  }
}
