// Refuses addresses of connectors that hold a credential: it would be shown to everyone who may read the connector.
import { invalidField } from './change.ts'

interface Rule {
  readonly pattern: RegExp
  readonly finding: string
}

const credentialParameter = /[?&;:](?:password|passwd|pwd|passphrase|sslpassword|accesstoken|secret)\s*=/i
const anywhere: readonly Rule[] = [
  // scheme://user:password@host
  { pattern: /^[^?]*:\/\/[^/?#\s]*:[^/?#\s]*@/, finding: 'holds a password before the host' },
  { pattern: credentialParameter, finding: 'holds a password as a parameter' },
]
/** jdbc:oracle:thin:user/password@host */
const oracle: Rule = { pattern: /^jdbc:oracle:\w+:[^@/\s]+\/[^@\s]+@/i, finding: 'holds a password before the host' }
/** https://token@host: Git hosts take a token as the user name. */
const gitUser: Rule = { pattern: /^https?:\/\/[^/?#\s]*@/i, finding: 'holds a user name or token before the host' }

/** Raises `invalid-input` when the URL of a connector holds a credential. Never repeats the URL. */
export function refuseInlineCredential(type: 'JDBC' | 'Git', url: string): void {
  const rules = type === 'JDBC' ? [...anywhere, oracle] : [...anywhere, gitUser]
  const broken = rules.find(({ pattern }) => pattern.test(url))
  if (!broken) return
  const place = type === 'JDBC' ? 'connector.spec.auth.spec' : 'connector.spec.spec'
  throw invalidField(
    'connector.spec.url',
    `The address ${broken.finding}. Take it out, put the password into a secret, and name that secret in ${place}.passwordRef.`,
  )
}
