import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { problemOfProof } from './proof.ts'

test.each(['', 'whsec_', 'whsec_!'])('a secret of no bytes (%s) proves nothing, whoever sends it', (secret) => {
  const body = Buffer.from('{}')
  const hex = createHmac('sha256', '').update(body).digest('hex')
  const sum = createHmac('sha256', '').update('m.1000.').update(body).digest('base64')
  const signed = { 'webhook-id': 'm', 'webhook-timestamp': '1000', 'webhook-signature': `v1,${sum}` }
  const problem = 'The secret of the trigger is empty, so that it proves nothing.'
  for (const headers of [signed, { 'x-sluice-token': secret }])
    expect(problemOfProof('Custom', secret, { headers, body, payload: {} }, 1000)).toBe(problem)
  const github = { 'x-hub-signature-256': `sha256=${hex}` }
  expect(problemOfProof('Github', secret, { headers: github, body, payload: {} }, 1000)).toBe(problem)
})
