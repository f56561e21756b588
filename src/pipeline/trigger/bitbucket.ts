// What Bitbucket Cloud sends (support.atlassian.com, event payloads).
import { at, type Delivery, known, listAt, numberAt, type ReadEvent, textAt } from './event.ts'

const pullRequestActions: Readonly<Record<string, string>> = {
  'pullrequest:created': 'Create',
  'pullrequest:updated': 'Update',
  'pullrequest:fulfilled': 'Merge',
  'pullrequest:rejected': 'Decline',
}
const commentActions: Readonly<Record<string, string>> = {
  'pullrequest:comment_created': 'Create',
  'pullrequest:comment_updated': 'Edit',
  'pullrequest:comment_deleted': 'Delete',
}

export function readBitbucket({ headers, payload }: Delivery): ReadEvent {
  const name = headers['x-event-key'] ?? ''
  const common = {
    provider: 'Bitbucket' as const,
    repository: textAt(payload, 'repository', 'links', 'html', 'href'),
    repositoryName: textAt(payload, 'repository', 'full_name'),
    sender: textAt(payload, 'actor', 'nickname') ?? textAt(payload, 'actor', 'display_name'),
  }
  if (name === 'repo:push') {
    // A push of several branches is one delivery; the last change that left something is taken.
    const change = listAt(payload, 'push', 'changes').findLast((one) => at(one, 'new') !== null)
    const ref = at(change, 'new')
    const isTag = textAt(ref, 'type') === 'tag'
    const commit = textAt(ref, 'target', 'hash')
    if (commit === undefined) return { ignored: 'The push deleted a branch or tag.' }
    const refName = textAt(ref, 'name')
    const baseCommit = textAt(change, 'old', 'target', 'hash')
    const where = isTag ? { tag: refName } : { sourceBranch: refName, targetBranch: refName }
    return known({ ...common, event: 'Push', ...where, commit, baseCommit })
  }
  const request = at(payload, 'pullrequest')
  const action = pullRequestActions[name] ?? commentActions[name]
  if (action === undefined || request === undefined)
    return { ignored: `Bitbucket events of type ${name.slice(0, 64) || '(none)'} start nothing here.` }
  const source = textAt(request, 'source', 'repository', 'full_name')
  return known({
    ...common,
    event: name in commentActions ? 'PRComment' : 'PullRequest',
    action,
    sourceBranch: textAt(request, 'source', 'branch', 'name'),
    targetBranch: textAt(request, 'destination', 'branch', 'name'),
    commit: textAt(request, 'source', 'commit', 'hash'),
    baseCommit: textAt(request, 'destination', 'commit', 'hash'),
    pullRequest: numberAt(request, 'id'),
    title: textAt(request, 'title'),
    fork: source !== common.repositoryName,
  })
}
