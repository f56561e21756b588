// A request of a step to a server that asks for a certificate: it shows the one of the step and no other.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { outgoingFetch } from '#cli/process/manager'
import { readPipeline } from '#pipeline/read/pipeline'
import { createMasking } from '#step/log/mask'
import { sendRequest } from '#step/program/http'
import { type Certificate, createAuthority } from './certificate.ts'
import { pipeline, stage, step } from './document.ts'

const folder = mkdtempSync(join(tmpdir(), 'sluice-certificate-'))
const authority = createAuthority(folder)
const other = createAuthority(folder, 'other')
let server: Server
beforeAll(async () => {
  const { cert, key } = authority.issue('server')
  const settings = { cert, key, ca: readFileSync(authority.caFile), requestCert: true, rejectUnauthorized: true }
  server = createServer(settings, (request, answer) => {
    answer.end(String((request.socket as TLSSocket).getPeerCertificate().subject.CN))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

const send = (shown: Pick<Certificate, 'cert' | 'key'> | undefined, own?: Certificate) => {
  const line = (): void => {}
  const certificate = shown ? { certificate: [shown.cert], certificateKey: [{ secret: 'key' }] } : {}
  return sendRequest({
    work: {
      type: 'Http',
      method: 'GET',
      url: [`https://127.0.0.1:${(server.address() as AddressInfo).port}/`],
      headers: [],
      ...certificate,
    },
    document: { folder, secrets: shown ? { key: shown.key } : {}, files: {} },
    line,
    channel: { line, write: line, end: () => {} },
    masking: createMasking([]),
    outbox: { payload: () => {} },
    environment: {
      NODE_EXTRA_CA_CERTS: authority.caFile,
      ...(own ? { SLUICE_CLIENT_CERTIFICATE: own.certFile, SLUICE_CLIENT_KEY: own.keyFile } : {}),
    },
    begin: async () => {},
    signal: AbortSignal.timeout(20_000),
  })
}

test('the certificate of the step is shown, that of the delegate never', async () => {
  const [client, delegate] = [authority.issue('client'), authority.issue('delegate')]
  expect((await send(client, delegate)).output).toMatchObject({ httpResponseCode: 200, httpResponseBody: 'client' })
  await expect(send(undefined, delegate)).rejects.toMatchObject({ code: 'request-failed' })
  await expect(send(other.issue('stranger'))).rejects.toMatchObject({ code: 'request-failed' })
})

test('nor is it shown to those whom a manager in the same environment calls', async () => {
  const { certFile, keyFile } = authority.issue('delegate')
  const fetch = outgoingFetch({
    NODE_EXTRA_CA_CERTS: authority.caFile,
    SLUICE_CLIENT_CERTIFICATE: certFile,
    SLUICE_CLIENT_KEY: keyFile,
    SLUICE_ALLOWED_HOSTS: '127.0.0.1',
  })
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`
  // It asks for one and was shown none, which ends the connection.
  await expect(fetch(url, { method: 'GET', headers: {} })).rejects.toMatchObject({
    cause: { code: expect.stringMatching(/CERTIFICATE_REQUIRED|ECONNRESET|EPIPE|UND_ERR_SOCKET/) as string },
  })
})

test('a key of another certificate is told before anything is sent, and not quoted', async () => {
  const [one, two] = [authority.issue('one'), authority.issue('two')]
  const wrong = send({ cert: one.cert, key: two.key })
  await expect(wrong).rejects.toMatchObject({ code: 'invalid-input' })
  await expect(wrong).rejects.not.toMatchObject({ message: expect.stringContaining('PRIVATE KEY') })
})

test.each([
  [{ certificate: 'x' }, /has no `certificateKey`/],
  [{ certificateKey: '<+secrets.getValue("k")>' }, /has no `certificate`/],
  [{ certificate: 'x', certificateKey: '-----BEGIN PRIVATE KEY-----' }, /A key is a secret/],
])('%j is refused at save', (more, message) => {
  const request = step('r', 'Http', { method: 'GET', url: 'https://example.org', ...more })
  const errors = readPipeline(pipeline('p', [stage('s', request)])).diagnostics
  expect(errors.map((error) => error.message).join()).toMatch(message)
})
