// Turns what git wrote when it failed into a fault that names the reason and what to do.
import { Fault, type FaultCode } from '#contract/fault'

interface Reason {
  readonly pattern: RegExp
  readonly code: FaultCode
  readonly message: (repository: string) => string
  readonly hint?: string
}

/** Messages of git and ssh in the C locale; the first that matches wins. */
const reasons: readonly Reason[] = [
  {
    pattern:
      /could not read (Username|Password)|Authentication failed|Invalid username or (password|token)|HTTP Basic: Access denied|returned error: 40[13]/i,
    code: 'source-authentication',
    message: (repository) => `${repository} refuses these credentials, or needs some.`,
  },
  {
    pattern: /Permission denied \(|Host key verification failed|Too many authentication failures/,
    code: 'source-authentication',
    message: (repository) => `ssh could not sign in at ${repository}.`,
    hint: 'Give the user of the delegate a key that may read the repository, and the host key in known_hosts.',
  },
  {
    pattern: /detected dubious ownership/,
    code: 'source-unreachable',
    message: (repository) => `${repository} belongs to another user of this machine, so git does not read it.`,
    hint: 'Let the delegate run as the owner of the folder, or read the repository by https or ssh.',
  },
  {
    pattern:
      /does not appear to be a git repository|repository '.*' not found|Repository not found|returned error: 404/i,
    code: 'source-unreachable',
    message: (repository) => `There is no repository at ${repository}, or these credentials may not see it.`,
    hint: 'Check the address for typing errors, and that the user may read the repository.',
  },
  {
    pattern: /returned error: 30\d|redirect/i,
    code: 'source-unreachable',
    message: (repository) => `${repository} leads to another address, and credentials are not sent there.`,
    hint: 'Put the final address of the repository into the connector.',
  },
  {
    pattern: /SSL certificate problem|certificate verify failed|server certificate/i,
    code: 'source-unreachable',
    message: (repository) => `The certificate of ${repository} is not trusted.`,
    hint: 'Set GIT_SSL_CAINFO of the delegate to a file with the certificate authority.',
  },
  {
    pattern: /transport '.*' not allowed/,
    code: 'source-unreachable',
    message: () => 'The repository address has a transport that is not offered.',
  },
]

/** The lines that say what went wrong, on one line. */
const essence = (output: string): string =>
  output
    .split('\n')
    .filter((line) => /^(fatal|error|remote|ssh):/.test(line.trim()))
    .map((line) => line.trim().replace(/^fatal: /, ''))
    .join('; ')
    .slice(0, 1000) || output.trim().slice(0, 1000)

export function explainGit(output: string, repository: string): Fault {
  const reason = reasons.find(({ pattern }) => pattern.test(output))
  if (!reason) return new Fault('source-unreachable', `${repository} could not be read: ${essence(output)}.`)
  const message = `${reason.message(repository)} Git says: ${essence(output)}`
  return new Fault(reason.code, message, reason.hint ? { hint: reason.hint } : {})
}
