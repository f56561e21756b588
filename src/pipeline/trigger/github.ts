// What GitHub sends (docs.github.com, webhook events and payloads).
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

const pullRequestActions: Readonly<Record<string, string>> = {
  opened: 'Open',
  closed: 'Close',
  edited: 'Edit',
  reopened: 'Reopen',
  labeled: 'Label',
  unlabeled: 'Unlabel',
  synchronize: 'Synchronize',
  ready_for_review: 'ReadyForReview',
  assigned: 'Assign',
  unassigned: 'Unassign',
}
const commentActions: Readonly<Record<string, string>> = { created: 'Create', edited: 'Edit', deleted: 'Delete' }
const releaseActions: Readonly<Record<string, string>> = {
  ...commentActions,
  prereleased: 'Prerelease',
  published: 'Publish',
  released: 'Release',
  unpublished: 'Unpublish',
}

export function readGithub({ headers, payload }: Delivery): ReadEvent {
  const name = headers['x-github-event'] ?? ''
  if (name === 'ping') return { ignored: 'GitHub only tried whether it is reached.' }
  const common = {
    provider: 'Github' as const,
    repository: textAt(payload, 'repository', 'html_url'),
    repositoryName: textAt(payload, 'repository', 'full_name'),
    sender: textAt(payload, 'sender', 'login'),
  }
  const action = textAt(payload, 'action') ?? ''
  switch (name) {
    case 'push': {
      const { branch, tag } = refOf(textAt(payload, 'ref'))
      const commit = textAt(payload, 'after')
      if (at(payload, 'deleted') === true || commit === undefined || noCommit.test(commit))
        return { ignored: 'The push deleted a branch or tag.' }
      const changedFiles = changedIn(listAt(payload, 'commits'), undefined)
      const before = textAt(payload, 'before')
      const baseCommit = before && noCommit.test(before) ? undefined : before
      const title = textAt(payload, 'head_commit', 'message')?.split('\n')[0]
      const branches = { sourceBranch: branch, targetBranch: branch, tag }
      return known({ ...common, event: 'Push', ...branches, commit, baseCommit, changedFiles, title })
    }
    case 'pull_request': {
      const request = at(payload, 'pull_request')
      const head = textAt(request, 'head', 'repo', 'full_name')
      return known({
        ...common,
        event: 'PullRequest',
        action: pullRequestActions[action] ?? action,
        sourceBranch: textAt(request, 'head', 'ref'),
        targetBranch: textAt(request, 'base', 'ref'),
        commit: textAt(request, 'head', 'sha'),
        baseCommit: textAt(request, 'base', 'sha'),
        pullRequest: numberAt(request, 'number'),
        title: textAt(request, 'title'),
        fork: head !== textAt(request, 'base', 'repo', 'full_name'),
      })
    }
    case 'issue_comment': {
      if (at(payload, 'issue', 'pull_request') === undefined)
        return { ignored: 'The comment is on an issue and not on a pull request.' }
      return known({
        ...common,
        event: 'IssueComment',
        action: commentActions[action] ?? action,
        pullRequest: numberAt(payload, 'issue', 'number'),
        title: textAt(payload, 'issue', 'title'),
      })
    }
    case 'release': {
      const tag = textAt(payload, 'release', 'tag_name')
      const targetBranch = textAt(payload, 'release', 'target_commitish')
      const title = textAt(payload, 'release', 'name')
      return known({ ...common, event: 'Release', action: releaseActions[action] ?? action, tag, targetBranch, title })
    }
    case 'create':
    case 'delete': {
      const ref = textAt(payload, 'ref')
      const what = textAt(payload, 'ref_type') === 'tag' ? { tag: ref } : { sourceBranch: ref, targetBranch: ref }
      return known({ ...common, event: name === 'create' ? 'Create' : 'Delete', ...what })
    }
    default:
      return { ignored: `GitHub events of type ${name.slice(0, 64) || '(none)'} start nothing here.` }
  }
}
