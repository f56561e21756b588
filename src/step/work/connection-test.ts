// ConnectionTest: does with each address what a step would do before its work. All are tried; the first trouble is the outcome.
import type { Fetch } from '#contract/client'
import type { AddressSpec, ConnectionSpec, StepWork } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { openRegistry } from '#outward/registry'
import { archiveRequest } from '../source/archive.ts'
import { readRefusal, type Refusal } from '../source/s3.ts'
import type { WorkResult } from './context.ts'
import { type Credentials, credentialChoices, withFirstAccepted } from './credential.ts'
import { type LookContext, productOf, withTarget } from './look.ts'

export type TestConnections = Extract<StepWork, { type: 'ConnectionTest' }>

export interface TestContext extends LookContext<TestConnections> {
  readonly fetch: Fetch
  /** Folder with the files of the source. */
  readonly fetchSource: () => Promise<string>
  readonly isPod: boolean
  /** Whether the folder has this file. */
  readonly hasFile: (root: string, path: string) => Promise<boolean>
}

interface Check {
  readonly what: 'database' | 'repository' | 'artifacts' | 'registry' | 'secret manager' | 'cluster'
  readonly milliseconds: number
  readonly detail: string
}

async function testDatabase(context: TestContext, connection: ConnectionSpec): Promise<string> {
  // Opening asks the server for its version and the default schema, with the rights of the user.
  return withTarget(context, connection, async ({ database }) => productOf(database))
}

async function testSource({ work, fetchSource, hasFile }: TestContext): Promise<string> {
  const root = await fetchSource()
  const path = work.source?.path ?? '.'
  if (path === '.') return 'The files could be fetched'
  if (await hasFile(root, path)) return `It has the changelog ${path}`
  throw new Fault('changelog-not-found', `The repository could be fetched, but has no file ${path}.`)
}

/** The server answers, and takes the credentials: what it says about the address itself does not matter. */
async function testArtifacts({ document, fetch, line, signal }: TestContext, artifacts: AddressSpec): Promise<string> {
  const { url, s3 } = artifacts
  const ask = async (credentials: Credentials): Promise<string> => {
    const response = await send(fetch, url, { ...archiveRequest(url, s3, credentials), signal })
    const { status } = response
    if (s3 && !response.ok) return judgeS3(await readRefusal(response, url))
    await response.body?.cancel()
    if (status === 401 || status === 403)
      throw new Fault('source-authentication', `${url} refused the credentials (${status}).`)
    if (status >= 500) throw new Fault('source-unreachable', `${url} answered ${status}.`)
    return `The server answered ${status}`
  }
  return withFirstAccepted(credentialChoices(document, artifacts), ask, line)
}

/** Keys that may read objects and not list them are as good as any: S3 looks at the signature before the rights. */
function judgeS3({ code, fault }: Refusal): string {
  if (code === 'AccessDenied') return 'It took the keys, which may not list the bucket'
  throw fault
}

/** The address that every registry answers, with the token that it sells for the credentials. */
async function testRegistry({ document, fetch, line, signal }: TestContext, registry: ConnectionSpec): Promise<string> {
  const ask = async (credentials: Credentials): Promise<string> => {
    await openRegistry({ server: registry.url, repository: '', credentials, fetch, signal }).ping()
    return credentials.username === undefined ? 'It answers without a sign-in' : 'It took the credentials'
  }
  return withFirstAccepted(credentialChoices(document, registry), ask, line)
}

/** The delegate has asked already: what signs in to a secret manager or a cluster comes to no step. */
async function testSignIn({ document }: TestContext, reference: string): Promise<string> {
  const tested = document.tested[reference]
  if (!tested)
    throw new Fault('secret-manager-refused', `The delegate did not test ${reference}.`, {
      hint: 'The manager of Sluice is newer than it: update the delegate.',
    })
  if ('detail' in tested) return tested.detail
  const { code, message, hint } = tested.fault
  throw new Fault(code, message, hint === undefined ? {} : { hint })
}

/** That this step is a pod is the whole proof. */
async function testCluster({ isPod }: TestContext): Promise<string> {
  if (isPod) return 'A pod could be made: this test ran in it'
  throw new Fault('no-delegate', 'The test ran as a process of the delegate, not in a pod.', {
    hint: 'Select a delegate that was started with --runner kubernetes.',
  })
}

async function send(
  fetch: Fetch,
  url: string,
  request: Parameters<Fetch>[1] & { readonly signal: AbortSignal },
): Promise<Response> {
  try {
    return await fetch(url, request)
  } catch (error) {
    request.signal.throwIfAborted()
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new Fault('source-unreachable', `${url} cannot be reached: ${words}`, { cause: error })
  }
}

export async function testConnections(context: TestContext): Promise<WorkResult> {
  const { work, line, wire, signal } = context
  const { connection, source, artifacts, registry, secretManager, clusterApi, cluster } = work
  const checks: Check[] = []
  const troubles: unknown[] = []
  const check = async (what: Check['what'], test: () => Promise<string>): Promise<void> => {
    signal.throwIfAborted()
    const begun = wire.clock.elapsed()
    try {
      const detail = await test()
      checks.push({ what, milliseconds: Math.round(wire.clock.elapsed() - begun), detail })
      line(`${what}: ${detail}`)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof Fault)) throw error
      troubles.push(error)
      line(`${what}: ${error.message} (${error.code})`)
    }
  }
  if (connection) await check('database', () => testDatabase(context, connection))
  if (source) await check('repository', () => testSource(context))
  if (artifacts) await check('artifacts', () => testArtifacts(context, artifacts))
  if (registry) await check('registry', () => testRegistry(context, registry))
  if (secretManager) await check('secret manager', () => testSignIn(context, secretManager))
  if (clusterApi) await check('cluster', () => testSignIn(context, clusterApi))
  if (cluster) await check('cluster', () => testCluster(context))
  if (troubles.length > 0) throw troubles[0]
  return { output: { checks } }
}
