// What Azure Repos sends by its service hooks (learn.microsoft.com, service hook events).
import { at, type Delivery, known, listAt, noCommit, numberAt, type ReadEvent, refOf, textAt } from './event.ts'

const actions: Readonly<Record<string, string>> = {
  'git.pullrequest.created': 'Create',
  'git.pullrequest.updated': 'Update',
  'git.pullrequest.merged': 'Merge',
}

export function readAzure({ payload }: Delivery): ReadEvent {
  const name = textAt(payload, 'eventType') ?? ''
  const resource = at(payload, 'resource')
  if (name === 'git.push') {
    const update = listAt(resource, 'refUpdates').findLast((one) => !noCommit.test(textAt(one, 'newObjectId') ?? '0'))
    const commit = textAt(update, 'newObjectId')
    if (commit === undefined) return { ignored: 'The push deleted a branch or tag.' }
    const { branch, tag } = refOf(textAt(update, 'name'))
    const before = textAt(update, 'oldObjectId')
    return known({
      ...placeOf(at(resource, 'repository')),
      event: 'Push',
      sourceBranch: branch,
      targetBranch: branch,
      tag,
      commit,
      baseCommit: before && noCommit.test(before) ? undefined : before,
      sender: textAt(resource, 'pushedBy', 'uniqueName'),
    })
  }
  if (name === 'ms.vss-code.git-pullrequest-comment-event') {
    const comment = at(resource, 'comment')
    const action = at(comment, 'isDeleted') === true ? 'Delete' : isEdited(comment) ? 'Edit' : 'Create'
    const sender = textAt(comment, 'author', 'uniqueName')
    return known({ ...pullRequest(at(resource, 'pullRequest')), event: 'IssueComment', action, sender })
  }
  const action = actions[name]
  if (action === undefined)
    return { ignored: `Azure Repos events of type ${name.slice(0, 64) || '(none)'} start nothing here.` }
  return known({
    ...pullRequest(resource),
    event: 'PullRequest',
    action,
    sender: textAt(resource, 'createdBy', 'uniqueName'),
  })
}

const isEdited = (comment: unknown): boolean =>
  textAt(comment, 'lastUpdatedDate') !== undefined &&
  textAt(comment, 'lastUpdatedDate') !== textAt(comment, 'publishedDate')

function placeOf(repository: unknown) {
  // With a user name in front where it was copied for cloning.
  const url = textAt(repository, 'remoteUrl')?.replace(/^(https?:\/\/)[^@/]*@/, '$1')
  return { provider: 'AzureRepo' as const, repository: url, repositoryName: textAt(repository, 'name') }
}

function pullRequest(request: unknown) {
  return {
    ...placeOf(at(request, 'repository')),
    sourceBranch: refOf(textAt(request, 'sourceRefName')).branch,
    targetBranch: refOf(textAt(request, 'targetRefName')).branch,
    commit: textAt(request, 'lastMergeSourceCommit', 'commitId'),
    baseCommit: textAt(request, 'lastMergeTargetCommit', 'commitId'),
    pullRequest: numberAt(request, 'pullRequestId'),
    title: textAt(request, 'title'),
    fork: at(request, 'forkSource') !== undefined && at(request, 'forkSource') !== null,
  }
}
