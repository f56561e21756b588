// Whether a page can be read in a narrow window.
import type { Page } from 'playwright-core'

/** Nothing of the page stands outside of a window of 320 px, the width at which a page of 1280 px is read at 400 %. */
export async function expectNarrow(page: Page): Promise<void> {
  const before = page.viewportSize()
  await page.setViewportSize({ width: 320, height: 800 })
  await page.waitForFunction(() => document.documentElement.scrollWidth <= 320)
  if (before) await page.setViewportSize(before)
}
