// The web alone in a real browser: with 200,000 lines of log it stays quick, draws only what is on the screen, and finds
// text; and it needs nothing but files of its own origin.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launch, visit, type Visit } from './browser.ts'
import { serveWeb, type WebServer } from './canned-manager.ts'

const lines = 200_000

/** Registers the tests; skipped, by name, without a browser. */
export function tellWebAlone(chromium: string | undefined): void {
  describe.skipIf(!chromium)('the web alone in a browser', { timeout: 60_000 }, () => {
    let browser: Browser
    let server: WebServer
    let window: Visit

    beforeAll(async () => {
      ;[browser, server] = await Promise.all([launch(chromium ?? ''), serveWeb({ logLines: lines })])
      window = await visit(browser, server.url)
    }, 60_000)

    afterAll(async () => {
      await browser?.close()
      await server?.close()
    })

    test('a log of 200,000 lines arrives without freezing the page', async () => {
      const { page } = window
      // The longest time between two frames, from the first script on.
      await page.addInitScript(() => {
        const seen = globalThis as unknown as { longestFrame: number }
        seen.longestFrame = 0
        let before = performance.now()
        const look = (now: number): void => {
          seen.longestFrame = Math.max(seen.longestFrame, now - before)
          before = now
          requestAnimationFrame(look)
        }
        addEventListener('DOMContentLoaded', () => requestAnimationFrame(look))
      })
      await page.goto('/orgs/o/projects/p/executions/1?show=log')
      await page.getByRole('region', { name: `Log of stage.step, ${lines} lines` }).waitFor({ timeout: 30_000 })
      await page.getByText('Complete', { exact: true }).waitFor()
      await page.getByText(`line ${lines - 1} of a long log`).waitFor()
      const longest = await page.evaluate(() => (globalThis as unknown as { longestFrame: number }).longestFrame)
      expect(longest, 'longest frame in ms').toBeLessThan(1500)
      expect(await page.locator('[class*=line_], [class*=_line_]').count()).toBeLessThan(200)
    })

    test('it is searched in a moment', async () => {
      const { page } = window
      const started = Date.now()
      await page.getByLabel('Search the log').fill('line 123456 ')
      await page.getByText('1 line', { exact: true }).waitFor()
      await page.getByRole('button', { name: 'Next' }).click()
      await page.locator('mark', { hasText: 'line 123456' }).waitFor()
      expect(Date.now() - started).toBeLessThan(3000)
      // A reader who jumped into the middle is no longer taken to the end.
      expect(await page.getByRole('button', { name: 'Follow' }).getAttribute('aria-pressed')).toBe('false')
    })

    test('needs nothing that the strictest content security policy forbids', async () => {
      const { page, trouble } = window
      await page.goto('/orgs/o/projects/p/executions/1?step=stage.preview')
      const editor = page.getByRole('textbox', { name: 'SQL for i' })
      await editor.waitFor()
      // Its style sheet was adopted, not written into the page: the keyword has the colour of keywords.
      const colours = await editor.evaluate((element) => {
        const keyword = [...element.querySelectorAll('span')].find((span) => span.textContent === 'CREATE')
        return keyword ? [getComputedStyle(keyword).color, getComputedStyle(element).color] : []
      })
      expect(new Set(colours).size).toBe(2)
      await page.getByRole('button', { name: /^Signed in as/ }).click()
      await page.getByRole('menuitem', { name: 'Dark' }).click()
      await page.locator('html[data-mantine-color-scheme=dark]').waitFor()
      expect(trouble).toEqual([])
    })
  })
}
