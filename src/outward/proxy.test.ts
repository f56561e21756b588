import { describe, expect, test } from 'vitest'
import { proxyFor } from './proxy.ts'
import { isPlain, readOutward } from './setting.ts'

const settings = (noProxy: string) => ({ httpProxy: 'proxy:3128', httpsProxy: 'http://proxy:3129', noProxy })
const direct = (noProxy: string, host: string, port = 443): boolean =>
  proxyFor(settings(noProxy), { by: 'https', host, port }) === undefined

describe('proxyFor', () => {
  test.each<[string, string, number | undefined, boolean]>([
    ['', 'git.example.org', undefined, false],
    ['*', 'git.example.org', undefined, true],
    ['example.org', 'git.example.org', undefined, true],
    ['.example.org', 'git.example.org', undefined, true],
    ['*.example.org', 'git.example.org', undefined, true],
    ['EXAMPLE.org', 'Git.Example.ORG', undefined, true],
    ['example.org', 'notexample.org', undefined, false],
    ['git.example.org:8443', 'git.example.org', 443, false],
    ['git.example.org:8443', 'git.example.org', 8443, true],
    ['a, b c', 'c', undefined, true],
    ['10.0.0.0/8', '10.1.2.3', undefined, true],
    ['10.0.0.0/8', '11.1.2.3', undefined, false],
    ['10.0.0.0/8', 'ten.example.org', undefined, false],
    ['fd00::/8', '[fd12::1]', undefined, true],
    ['10.0.0.0/99', '10.1.2.3', undefined, false],
    ['192.168.1.1', '192.168.1.1', undefined, true],
    ['[fd12::1]:443', '[fd12::1]', 443, true],
    ['168.1.1', '192.168.1.1', undefined, false],
    ['', 'localhost', undefined, true],
    ['', '127.0.0.1', undefined, true],
    ['', '[::1]', undefined, true],
    ['', '169.254.169.254', undefined, true],
    ['', 'metadata.google.internal', undefined, true],
    ['', '[fd00:ec2::23]', undefined, true],
    ['', '127.0.0.1.example.org', undefined, false],
    ['', 'localhost.example.org', undefined, false],
  ])('NO_PROXY=%j, %s:%s', (noProxy, host, port, expected) => expect(direct(noProxy, host, port)).toBe(expected))

  test('each scheme has its own, an address without a scheme is HTTP', () => {
    expect(proxyFor(settings(''), { by: 'http', host: 'a', port: 80 })).toBe('http://proxy:3128')
    expect(proxyFor(settings(''), { by: 'https', host: 'a', port: 443 })).toBe('http://proxy:3129')
  })
})

describe('readOutward', () => {
  test('lower case wins, empty is none, ALL_PROXY stands in', () => {
    const environment = { https_proxy: 'http://a', HTTPS_PROXY: 'http://b', HTTP_PROXY: ' ', ALL_PROXY: 'http://c' }
    expect(readOutward(environment)).toMatchObject({ httpsProxy: 'http://a', httpProxy: 'http://c', noProxy: '' })
  })

  test('what Node does by itself needs nothing of ours', () => {
    const extra = { NODE_EXTRA_CA_CERTS: '/ca.pem' }
    expect(isPlain(readOutward({}), undefined)).toBe(true)
    expect(isPlain(readOutward(extra), '/ca.pem')).toBe(true)
    expect(isPlain(readOutward(extra), undefined)).toBe(false)
    expect(isPlain(readOutward({ HTTP_PROXY: 'http://a' }), undefined)).toBe(false)
  })
})
