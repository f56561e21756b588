// Refuses addresses of connectors that hold a credential: it would be shown to everyone who may read the connector.
import type { ConnectorInfo } from '#contract/api/connector'
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
const webUser: Rule = { pattern: /^https?:\/\/[^/?#\s]*@/i, finding: 'holds a user name or token before the host' }

/** Fields with an address, by whatever types have them. */
const addressFields = ['url', 'artifactoryServerUrl', 'dockerRegistryUrl', 'vaultUrl', 'endpoint', 'loginEndpoint']
const places: Partial<Record<ConnectorInfo['type'], string>> = {
  JDBC: 'connector.spec.auth.spec.passwordRef',
  Git: 'connector.spec.spec.passwordRef',
  Github: 'connector.spec.authentication.spec.spec.tokenRef',
  Gitlab: 'connector.spec.authentication.spec.spec.tokenRef',
  Bitbucket: 'connector.spec.authentication.spec.spec.tokenRef',
  AzureRepo: 'connector.spec.authentication.spec.spec.tokenRef',
}

/** Raises `invalid-input` when an address of a connector holds a credential. Never repeats the address. */
export function refuseInlineCredentials(type: ConnectorInfo['type'], spec: ConnectorInfo['spec']): void {
  const rules = type === 'JDBC' ? [...anywhere, oracle] : [...anywhere, webUser]
  const fields: Readonly<Record<string, unknown>> = spec
  for (const field of addressFields) {
    const address = fields[field]
    const broken = typeof address === 'string' ? rules.find(({ pattern }) => pattern.test(address)) : undefined
    if (!broken) continue
    const place = places[type] ?? 'the field for its reference'
    throw invalidField(
      `connector.spec.${field}`,
      `The address ${broken.finding}. Take it out, put the password into a secret, and name that secret in ${place}.`,
    )
  }
}
