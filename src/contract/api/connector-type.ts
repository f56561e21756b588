// The types of connectors and what the spec of each holds. A spec is given back as it came, with fields that are not known here.
// Shapes: reference of the wire contract 2.5; credentials are references to secrets, never values.
import { z } from 'zod'
import { scopedReferenceSchema, secretReferencesSchema } from '../identifier.ts'

const url = z.string().min(1).max(4096)
const word = z.string().max(1024)
const common = {
  delegateSelectors: z.array(z.string().max(128)).max(64).optional(),
  executeOnDelegate: z.boolean().optional(),
  ignoreTestConnection: z.boolean().optional(),
}
const user = { username: z.string().max(256).optional(), usernameRef: secretReferencesSchema.optional() }
const anonymous = z.looseObject({ type: z.literal('Anonymous'), spec: z.unknown().optional() })
const userAndPassword = z.looseObject({
  type: z.literal('UsernamePassword'),
  spec: z.looseObject({ ...user, passwordRef: secretReferencesSchema }),
})
const inherited = z.looseObject({
  type: z.literal('InheritFromDelegate'),
  spec: z.looseObject(user).nullish(),
})

/** A database connector. `url` is JDBC-style and holds no password; refused if it does. */
export const jdbcSpecSchema = z.looseObject({
  url,
  auth: z.discriminatedUnion('type', [
    userAndPassword,
    inherited,
    z.looseObject({
      type: z.literal('ServiceAccount'),
      spec: z.looseObject({ serviceAccountTokenRef: scopedReferenceSchema }),
    }),
    z.looseObject({
      type: z.literal('KeyPair'),
      spec: z.looseObject({
        ...user,
        privateKeyFileRef: scopedReferenceSchema,
        privateKeyPassphraseRef: scopedReferenceSchema.optional(),
      }),
    }),
    z.looseObject({
      type: z.literal('Oidc'),
      spec: z.looseObject({
        type: z.literal('Gcp'),
        spec: z.looseObject({ projectNumber: word, workloadPoolId: word, providerId: word, serviceAccountEmail: word }),
      }),
    }),
  ]),
  ...common,
})

/** A plain Git connector: `connectionType` Repo has the whole address in `url`, Account appends the repository name. */
export const gitSpecSchema = z.looseObject({
  url,
  type: z.enum(['Http', 'Ssh']),
  connectionType: z.enum(['Account', 'Repo', 'Project']),
  branchName: z.string().max(256).optional(),
  validationRepo: z.string().max(256).optional(),
  /** Absent: anonymous. */
  spec: z
    .union([
      z.looseObject({ ...user, passwordRef: secretReferencesSchema }),
      z.looseObject({ sshKeyRef: scopedReferenceSchema }),
    ])
    .nullish(),
  ...common,
})

const tokenSpec = z.looseObject({ ...user, tokenRef: secretReferencesSchema })
/** A connector to a Git host: the account's or one repository's address, over HTTP with a token, or over SSH with a key. */
export const gitHostSpecSchema = z.looseObject({
  url,
  type: z.enum(['Account', 'Repo', 'Project']),
  validationRepo: z.string().max(256).nullish(),
  authentication: z.discriminatedUnion('type', [
    z.looseObject({
      type: z.literal('Http'),
      spec: z.discriminatedUnion('type', [
        z.looseObject({ type: z.literal('UsernameToken'), spec: tokenSpec }),
        userAndPassword,
        anonymous,
        z.looseObject({ type: z.literal('OAuth'), spec: z.looseObject({ tokenRef: scopedReferenceSchema }) }),
        z.looseObject({
          type: z.literal('GithubApp'),
          spec: z.looseObject({ privateKeyRef: scopedReferenceSchema }),
        }),
      ]),
    }),
    z.looseObject({ type: z.literal('Ssh'), spec: z.looseObject({ sshKeyRef: scopedReferenceSchema }) }),
  ]),
  apiAccess: z.looseObject({ type: z.string().max(64), spec: z.looseObject({}).nullish() }).nullish(),
  ...common,
})

const simpleAuth = z.discriminatedUnion('type', [userAndPassword, anonymous])
const region = z.string().regex(/^[a-z0-9-]{1,32}$/, 'Use the name of a region, such as eu-central-1.')
export const artifactorySpecSchema = z
  .looseObject({
    /** Of a bucket with the bucket in it, as host or as path. */
    artifactoryServerUrl: url,
    auth: simpleAuth,
    /** Requests are signed as S3 wants them; user name and password are access key and secret key. */
    s3: z.looseObject({ region, sessionTokenRef: scopedReferenceSchema.optional() }).optional(),
    ...common,
  })
  .refine(({ s3, auth }) => s3 === undefined || auth.type === 'UsernamePassword', {
    path: ['auth'],
    message: 'S3 signs with keys: use UsernamePassword, or leave out s3 for a bucket that everybody may read.',
  })
export const dockerRegistrySpecSchema = z.looseObject({
  dockerRegistryUrl: url,
  providerType: z.string().max(64).optional(),
  auth: simpleAuth,
  ...common,
})
/** How a connector signs in to a cluster by itself. Certificates and keys are PEM, also in base64. */
const clusterAuth = z.discriminatedUnion('type', [
  z.looseObject({
    type: z.literal('ServiceAccount'),
    spec: z.looseObject({
      serviceAccountTokenRef: scopedReferenceSchema,
      /** The authority of the API; absent: those that the delegate trusts. */
      caCertRef: scopedReferenceSchema.optional(),
    }),
  }),
  z.looseObject({
    type: z.literal('ClientKeyCert'),
    spec: z.looseObject({
      clientCertRef: scopedReferenceSchema,
      clientKeyRef: scopedReferenceSchema,
      clientKeyPassphraseRef: scopedReferenceSchema.optional(),
      caCertRef: scopedReferenceSchema.optional(),
    }),
  }),
  z.looseObject({ type: z.enum(['UsernamePassword', 'OpenIdConnect']), spec: z.looseObject({}) }),
])
/** A cluster with credentials of its own, as a delegate gets it. */
export const ownClusterSpecSchema = z.looseObject({
  credential: z.looseObject({ spec: z.looseObject({ masterUrl: url, auth: clusterAuth }) }),
})
export type OwnClusterSpec = z.output<typeof ownClusterSpecSchema>

export const kubernetesSpecSchema = z.looseObject({
  credential: z.discriminatedUnion('type', [
    inherited,
    z.looseObject({
      type: z.literal('ManualConfig'),
      spec: z.looseObject({ masterUrl: url, auth: clusterAuth }),
    }),
  ]),
  ...common,
})

/** HashiCorp Vault or OpenBao. Without `accessType` the field that is there says how the delegate signs in. */
export const vaultSpecSchema = z.looseObject({
  vaultUrl: url,
  /** Prefix of every path in the engine. */
  basePath: word.optional(),
  /** Mount of the key-value engine; `secret` unless told. */
  secretEngineName: word.optional(),
  secretEngineVersion: z.union([z.literal(1), z.literal(2)]).optional(),
  namespace: word.optional(),
  accessType: z.enum(['TOKEN', 'APP_ROLE', 'K8s_AUTH', 'VAULT_AGENT']).optional(),
  authToken: scopedReferenceSchema.optional(),
  appRoleId: word.optional(),
  secretId: scopedReferenceSchema.optional(),
  /** Mount of AppRole; `approle` unless told. */
  appRolePath: word.optional(),
  useK8sAuth: z.boolean().optional(),
  vaultK8sAuthRole: word.optional(),
  serviceAccountTokenPath: word.optional(),
  /** Mount of the Kubernetes auth method; `kubernetes` unless told. */
  k8sAuthEndpoint: word.optional(),
  useVaultAgent: z.boolean().optional(),
  sinkPath: word.optional(),
  default: z.boolean().optional(),
  readOnly: z.boolean().optional(),
  ...common,
})
export type VaultSpec = z.output<typeof vaultSpecSchema>

export const awsSecretManagerSpecSchema = z.looseObject({
  region,
  secretNamePrefix: word.optional(),
  /** Absent: the public address of the service in the region. */
  endpoint: url.optional(),
  credential: z.discriminatedUnion('type', [
    /** Environment of the delegate, or the role of its service account (IRSA). */
    z.looseObject({ type: z.literal('AssumeIAMRole'), spec: z.unknown().optional() }),
    z.looseObject({
      type: z.literal('ManualConfig'),
      spec: z.looseObject({ accessKey: scopedReferenceSchema, secretKey: scopedReferenceSchema }),
    }),
    z.looseObject({
      type: z.literal('AssumeSTSRole'),
      spec: z.looseObject({ roleArn: word, externalId: word.optional() }),
    }),
  ]),
  default: z.boolean().optional(),
  ...common,
})
export type AwsSecretManagerSpec = z.output<typeof awsSecretManagerSpecSchema>

export const googleSecretManagerSpecSchema = z.looseObject({
  /** A JSON key of a service account. Absent: the identity of the machine or pod of the delegate. */
  credentialsRef: scopedReferenceSchema.optional(),
  assumeCredentialsOnDelegate: z.boolean().optional(),
  /** Absent: the project of the key. */
  project: word.optional(),
  endpoint: url.optional(),
  default: z.boolean().optional(),
  ...common,
})
export type GoogleSecretManagerSpec = z.output<typeof googleSecretManagerSpecSchema>

export const azureKeyVaultSpecSchema = z.looseObject({
  clientId: word.optional(),
  /** The client secret. */
  secretKey: scopedReferenceSchema.optional(),
  tenantId: word.optional(),
  vaultName: z.string().regex(/^[0-9A-Za-z-]{1,127}$/, 'Use the name of a key vault.'),
  azureEnvironmentType: z.enum(['AZURE', 'AZURE_US_GOVERNMENT']).optional(),
  useManagedIdentity: z.boolean().optional(),
  managedClientId: word.optional(),
  /** Absent: the public addresses of the cloud. */
  endpoint: url.optional(),
  loginEndpoint: url.optional(),
  default: z.boolean().optional(),
  ...common,
})
export type AzureKeyVaultSpec = z.output<typeof azureKeyVaultSpecSchema>

/** Types whose secrets the delegate reads for a step. */
export const secretManagerTypes = ['Vault', 'AwsSecretManager', 'GcpSecretManager', 'AzureKeyVault'] as const
export type SecretManagerType = (typeof secretManagerTypes)[number]
/** Types that a changelog can come from by Git. */
export const gitTypes = ['Git', 'Github', 'Gitlab', 'Bitbucket', 'AzureRepo'] as const
