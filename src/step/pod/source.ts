// `sluice pod source`: brings the changelog into the pod before the step starts, with credentials that the step never sees.
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { podPaths, sourceDocumentSchema, sourceFiles } from '#contract/delegate/pod-folder'
import { credentialsOf } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'
import { openFetch } from '#outward/fetch'
import { readOutward, withoutCertificate } from '#outward/setting'
import { createMasking } from '../log/mask.ts'
import { fetchSource } from '../source/fetch.ts'
import { type Credentials, credentialChoices, withFirstAccepted } from '../work/credential.ts'
import { type PodPorts, readPodDocument } from './document.ts'
import { writePodResult } from './result.ts'

/** Exit code: 0 when the files are there, 1 when not; then the delegate can read why. */
export async function fetchPodSource(ports: PodPorts, environment: NodeJS.ProcessEnv): Promise<number> {
  const { root, signal } = ports
  const document = sourceDocumentSchema.parse(JSON.parse(await readPodDocument('source', ports)))
  const files = Object.values(document.files).map((base64) => Buffer.from(base64, 'base64'))
  const masking = createMasking([...Object.values(document.secrets), ...files])
  const { source } = document
  if (source === undefined) return 0
  const folder = join(root, podPaths.source)
  const lines: string[] = []
  const line = (text: string): void => void lines.push(masking.text(text))
  try {
    const fetch = await openFetch(withoutCertificate(readOutward(environment)), environment['NODE_EXTRA_CA_CERTS'])
    const place = { source, folder: join(folder, sourceFiles.fetched), environment, line, fetch }
    const bring = (credentials: Credentials) => fetchSource({ ...place, credentials }, signal)
    await withFirstAccepted(credentialChoices(document, credentialsOf(source)), bring, line)
    return 0
  } catch (error) {
    const code = error instanceof Fault ? error.code : 'source-unreachable'
    const message = masking.text(error instanceof Error ? error.message : String(error))
    writePodResult(root, { code, message: message.slice(0, 1000) })
    return 1
  } finally {
    // The step tells them in its log.
    await appendFile(join(folder, sourceFiles.log), lines.map((text) => `${text}\n`).join(''))
  }
}
