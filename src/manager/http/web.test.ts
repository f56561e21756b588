// The web is served with the right caching, the page answers for every address of the browser, and no other file ever does.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from './app.ts'

describe('web', () => {
  let directory = ''
  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'sluice-web-'))
    mkdirSync(join(directory, 'assets'))
    writeFileSync(join(directory, 'index.html'), '<!doctype html><title>Sluice</title>')
    writeFileSync(join(directory, 'assets', 'main-abc.js'), 'export const x = 1\n'.repeat(200))
  })
  afterAll(() => rmSync(directory, { recursive: true }))
  const get = (path: string, headers: Record<string, string> = {}) =>
    createApp({
      handlers: { getHealth: async () => ({ status: 'ok', version: '1', store: 'embedded' }) },
      authenticate: async () => undefined,
      log: pino({ level: 'silent' }),
      version: '9.9.9',
      createId: () => 'c',
      webDirectory: directory,
    }).app.request(path, { headers })
  const page = { accept: 'text/html,*/*' }

  test.each(['/', '/index.html', '/orgs/default/projects/shop/executions/e_1/dev.deploy.apply'])(
    'the page answers at %s',
    async (path) => {
      const response = await get(path, page)
      expect(await response.text()).toContain('<title>Sluice')
      expect(response.headers.get('cache-control')).toBe('no-cache')
      expect(response.headers.get('content-security-policy')).toContain("script-src 'self'")
      expect(response.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    },
  )

  test('assets may be kept for ever, are compressed, and unchanged files are 304', async () => {
    const response = await get('/assets/main-abc.js', { 'accept-encoding': 'gzip' })
    expect(response.headers.get('cache-control')).toContain('immutable')
    expect(response.headers.get('content-type')).toContain('text/javascript')
    expect(response.headers.get('content-encoding')).toBe('gzip')
    const again = await get('/', { ...page, 'if-none-match': (await get('/', page)).headers.get('etag') ?? '' })
    expect(again.status).toBe(304)
  })

  test.each(['/v1/nothing', '/d/v1/nothing', '/assets/none.js', '/../package.json', '/%2e%2e/package.json'])(
    'no page and no other file at %s',
    async (path) => {
      const response = await get(path, path.startsWith('/v1') || path.startsWith('/d/') ? page : {})
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ status: 'ERROR', code: 'not-found' })
    },
  )

  test('the API answers beside it', async () => {
    expect((await get('/v1/health', page)).headers.get('content-type')).toContain('json')
    expect(await (await get('/v1/docs', page)).text()).toContain('Sluice API 9.9.9')
  })
})
