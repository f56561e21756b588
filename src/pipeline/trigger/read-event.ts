// Reads a delivery: which Git host sent it is told by its headers, what happened by the reader of that host.
import { readAzure } from './azure.ts'
import { readBitbucket } from './bitbucket.ts'
import type { WebhookProvider } from './document.ts'
import { at, type Delivery, type ReadEvent } from './event.ts'
import { readGithub } from './github.ts'
import { readGitlab } from './gitlab.ts'

/** Undefined when nothing in it is of a Git host that is known. Azure Repos has no headers of its own. */
export function providerOf(headers: Delivery['headers'], payload: unknown): WebhookProvider | undefined {
  if (headers['x-github-event'] !== undefined) return 'Github'
  if (headers['x-gitlab-event'] !== undefined) return 'Gitlab'
  if (headers['x-event-key'] !== undefined) return 'Bitbucket'
  return typeof at(payload, 'eventType') === 'string' && at(payload, 'publisherId') === 'tfs' ? 'AzureRepo' : undefined
}

export function readEvent(delivery: Delivery): ReadEvent {
  switch (delivery.provider) {
    case 'Github':
      return readGithub(delivery)
    case 'Gitlab':
      return readGitlab(delivery)
    case 'Bitbucket':
      return readBitbucket(delivery)
    case 'AzureRepo':
      return readAzure(delivery)
    case 'Custom':
      break
  }
  return { provider: 'Custom', event: 'Custom' }
}
