// Sign-in with OpenID Connect in a real browser: manager, web and provider are real, each at an address of its own.
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningServer, startServer } from '#manager/http/server'
import { identityHandlers } from '#manager/identity/handlers'
import { createPasswordHasher } from '#manager/identity/password'
import { callbackPath, createProvider } from '#manager/identity/provider'
import { openWorld, type World } from '../api/world.ts'
import { findViolations } from './accessibility.ts'
import { launch, visit } from './browser.ts'

const accounts = {
  anna: { email: 'anna@example.com', email_verified: true, name: 'Anna Other', groups: [] },
  bert: { email: 'bert@example.com', email_verified: false, name: 'Bert', groups: [] },
}

/** The provider must know where we are before we are there. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Registers the tests; skipped, by name, without a browser. */
export function tellProvider(chromium: string | undefined): void {
  describe.skipIf(!chromium)('sign-in with a provider in a browser', { timeout: 60_000 }, () => {
    let browser: Browser
    let world: World
    let provider: ChildProcess
    let server: RunningServer

    beforeAll(async () => {
      const port = await freePort()
      const publicUrl = `http://127.0.0.1:${port}`
      const script = fileURLToPath(new URL('../api/oidc-provider.mjs', import.meta.url))
      const args = [script, JSON.stringify(accounts), `${publicUrl}${callbackPath}`]
      provider = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
      ;[browser, world] = await Promise.all([launch(chromium ?? ''), openWorld()])
      const [line] = (await once(provider.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
      const handlers = identityHandlers({
        store: world.store,
        passwords: createPasswordHasher(randomBytes, 10),
        random: randomBytes,
        account: 'a',
        secure: false,
        provider: createProvider({
          issuer: line.toString().trim(),
          clientId: 'sluice',
          clientSecret: 'a secret of the client',
          name: 'Example login',
          scopes: 'openid email profile groups',
          groupsClaim: 'groups',
          publicUrl,
        }),
      })
      server = await startServer({
        ...world.options,
        handlers: { ...world.options.handlers, ...handlers },
        webDirectory: 'dist/web',
        host: '127.0.0.1',
        port,
      })
    }, 60_000)
    afterAll(async () => {
      await browser?.close()
      await server?.close()
      provider?.stdin?.end()
      provider?.kill()
      await world?.close()
    }, 60_000)

    async function signInAs(login: string, page: Page, context: BrowserContext): Promise<void> {
      // The pages of the provider ask for fonts of the internet.
      await context.route(/^https:/, (route) => route.abort())
      await page.goto('/delegates')
      const button = page.getByRole('link', { name: 'Sign in with Example login' })
      await button.waitFor()
      expect(await findViolations(page)).toEqual([])
      await button.click()
      await page.locator('input[name=login]').fill(login)
      await page.locator('input[name=password]').fill('x')
      await page.locator('button[type=submit]').click()
      await page.locator('input[name=prompt][value=consent]').waitFor({ state: 'attached' })
      await page.locator('button[type=submit]').click()
    }

    test('who is refused is back at the sign-in, and told why', async () => {
      const { page, context } = await visit(browser, server.url)
      await signInAs('bert', page, context)
      await page.getByRole('alert').getByText('did not say a verified e-mail address').waitFor()
      await page.getByRole('link', { name: 'Sign in with Example login' }).waitFor()
      expect(await findViolations(page)).toEqual([])
      await context.close()
    })

    test('a button leads to the provider, and back to the page that was wanted', async () => {
      const { page, context } = await visit(browser, server.url)
      await signInAs('anna', page, context)
      await page.waitForURL(`${server.url}/delegates`)
      await page.getByRole('button', { name: 'Signed in as Anna Other' }).waitFor()
      await context.close()
    })

    test('without a provider there is no button', async () => {
      const plain = await startServer({ ...world.options, webDirectory: 'dist/web', host: '127.0.0.1', port: 0 })
      const { page, context } = await visit(browser, plain.url)
      await page.goto('/sign-in')
      await page.getByRole('button', { name: 'Sign in' }).waitFor()
      expect(await page.getByRole('link').count()).toBe(0)
      await context.close()
      await plain.close()
    })
  })
}
