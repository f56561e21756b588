// What GitLab sends (docs.gitlab.com, webhook events).
import {
  at,
  changedIn,
  type Delivery,
  known,
  listAt,
  noCommit,
  numberAt,
  type ReadEvent,
  refOf,
  textAt,
} from './event.ts'

const actions: Readonly<Record<string, string>> = {
  open: 'Open',
  close: 'Close',
  reopen: 'Reopen',
  merge: 'Merge',
  update: 'Update',
}

export function readGitlab({ headers, payload }: Delivery): ReadEvent {
  const name = headers['x-gitlab-event'] ?? ''
  const common = {
    provider: 'Gitlab' as const,
    repository: textAt(payload, 'project', 'web_url'),
    repositoryName: textAt(payload, 'project', 'path_with_namespace'),
    sender: textAt(payload, 'user_username') ?? textAt(payload, 'user', 'username'),
  }
  switch (name) {
    case 'Push Hook':
    case 'Tag Push Hook': {
      const { branch, tag } = refOf(textAt(payload, 'ref'))
      const after = textAt(payload, 'after')
      if (after === undefined || noCommit.test(after)) return { ignored: 'The push deleted a branch or tag.' }
      // Of an annotated tag `after` is the tag itself.
      const commit = textAt(payload, 'checkout_sha') ?? after
      const before = textAt(payload, 'before')
      return known({
        ...common,
        event: name === 'Push Hook' ? 'Push' : 'Tag',
        sourceBranch: branch,
        targetBranch: branch,
        tag,
        commit,
        baseCommit: before && noCommit.test(before) ? undefined : before,
        changedFiles: changedIn(listAt(payload, 'commits'), numberAt(payload, 'total_commits_count')),
      })
    }
    case 'Merge Request Hook': {
      const request = at(payload, 'object_attributes')
      const action = textAt(request, 'action') ?? ''
      const pushed = action === 'update' && textAt(request, 'oldrev') !== undefined
      return known({
        ...common,
        ...mergeRequest(request),
        event: 'MergeRequest',
        action: pushed ? 'Sync' : (actions[action] ?? action),
      })
    }
    case 'Note Hook': {
      const request = at(payload, 'merge_request')
      if (request === undefined) return { ignored: 'The comment is not on a merge request.' }
      const action = textAt(payload, 'object_attributes', 'action') === 'update' ? 'Edit' : 'Create'
      return known({ ...common, ...mergeRequest(request), event: 'MRComment', action })
    }
    default:
      return { ignored: `GitLab events of type ${name.slice(0, 64) || '(none)'} start nothing here.` }
  }
}

const mergeRequest = (request: unknown) => ({
  sourceBranch: textAt(request, 'source_branch'),
  targetBranch: textAt(request, 'target_branch'),
  commit: textAt(request, 'last_commit', 'id'),
  pullRequest: numberAt(request, 'iid'),
  title: textAt(request, 'title'),
  fork: numberAt(request, 'source_project_id') !== numberAt(request, 'target_project_id'),
})
