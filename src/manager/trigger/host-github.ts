// The REST API of GitHub and GitHub Enterprise Server (docs.github.com/rest).
import { at, listAt, numberAt, textAt } from '#pipeline/trigger/event'
import type { GitHost, HostPlace } from './host.ts'

const states = { running: 'pending', good: 'success', bad: 'failure', stopped: 'error' } as const
const PAGE = 100
const MOST_PAGES = 30

export function githubHost({ call }: HostPlace): GitHost {
  const filesOf = (answer: unknown): string[] =>
    (Array.isArray(answer) ? answer : listAt(answer, 'files')).flatMap((file) =>
      ['filename', 'previous_filename'].flatMap((key) => textAt(file, key) ?? []),
    )
  return {
    changedFiles: async ({ pullRequest, baseCommit, commit }) => {
      if (pullRequest === undefined) return filesOf(await call('GET', `/compare/${baseCommit ?? ''}...${commit ?? ''}`))
      const found: string[] = []
      for (let page = 1; page <= MOST_PAGES; page += 1) {
        const answer = await call('GET', `/pulls/${pullRequest}/files?per_page=${PAGE}&page=${page}`)
        found.push(...filesOf(answer))
        if (!Array.isArray(answer) || answer.length < PAGE) break
      }
      return found
    },
    pullRequest: async (number) => {
      const found = await call('GET', `/pulls/${number}`)
      const [sourceBranch, targetBranch] = [textAt(found, 'head', 'ref'), textAt(found, 'base', 'ref')]
      const [commit, baseCommit] = [textAt(found, 'head', 'sha'), textAt(found, 'base', 'sha')]
      return {
        ...(sourceBranch === undefined ? {} : { sourceBranch }),
        ...(targetBranch === undefined ? {} : { targetBranch }),
        ...(commit === undefined ? {} : { commit }),
        ...(baseCommit === undefined ? {} : { baseCommit }),
        fork: textAt(found, 'head', 'repo', 'full_name') !== textAt(found, 'base', 'repo', 'full_name'),
      }
    },
    setStatus: async ({ commit, name, state, description, url }) => {
      const body = { state: states[state], context: name, description: description.slice(0, 140) }
      await call('POST', `/statuses/${commit}`, { ...body, ...(url === undefined ? {} : { target_url: url }) })
    },
    longestComment: 65_000,
    marker: (name) => `<!-- ${name} -->`,
    comment: async (pullRequest, text, marker, known) => {
      const id = known ?? (await find(pullRequest, marker))
      const answer =
        id === undefined
          ? await call('POST', `/issues/${pullRequest}/comments`, { body: text })
          : await call('PATCH', `/issues/comments/${id}`, { body: text })
      return String(numberAt(answer, 'id') ?? id ?? '')
    },
  }

  async function find(pullRequest: number, marker: string): Promise<string | undefined> {
    for (let page = 1; page <= MOST_PAGES; page += 1) {
      const answer = await call('GET', `/issues/${pullRequest}/comments?per_page=${PAGE}&page=${page}`)
      const comments = Array.isArray(answer) ? (answer as unknown[]) : []
      const own = comments.find((one) => textAt(one, 'body')?.startsWith(marker))
      if (own !== undefined) return String(at(own, 'id'))
      if (comments.length < PAGE) return undefined
    }
    return undefined
  }
}
