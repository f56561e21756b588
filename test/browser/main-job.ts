// The main job in a real browser: the executor watches a release and may not approve it, a second person reviews the SQL with
// the keyboard and approves, and the matrix shows every change set on every instance.
import { mkdir } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { admin, approver, developer } from '../../src/cli/demo/people.ts'
import { findViolations } from './accessibility.ts'
import { tellControls } from './control-job.ts'
import { launch, signIn, visit, type Visit } from './browser.ts'
import { setUpGates } from './gate-setup.ts'
import { tabTo } from './keyboard.ts'
import { type Product, startProduct } from './product.ts'
import { tellTasks } from './task-job.ts'

const project = '/orgs/default/projects/shop'
/** A release of the demo up to its approval: seconds on a quiet machine, minutes when other suites share two cores. */
const longRun = { timeout: 240_000 }

/** Starts a pipeline from its page and waits for the page of the execution. */
async function run({ page }: Visit, pipeline: string): Promise<void> {
  await page.goto(`${project}/pipelines/${pipeline}`)
  await page.getByRole('button', { name: 'Run' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Run' }).click()
  await page.waitForURL('**/executions/*')
}

/** Registers the story; skipped, by name, without a browser. */
export function tellMainJob(chromium: string | undefined): void {
  describe.skipIf(!chromium)('the main job in a browser', { timeout: 300_000 }, () => {
    let product: Product
    let browser: Browser
    let executor: Visit
    let reviewer: Visit
    let broken: string | undefined

    // It is one story: what follows a failed part would only wait for things that never come.
    beforeEach(() => {
      if (broken) throw new Error(`not tried, because "${broken}" failed`)
    })
    afterEach(({ task }) => {
      if (task.result?.state === 'fail') broken ??= task.name
    })

    beforeAll(async () => {
      product = await startProduct(process.env)
      browser = await launch(chromium ?? '')
      executor = await visit(browser, product.url)
      reviewer = await visit(browser, product.url)
    }, 120_000)

    afterAll(async () => {
      await browser?.close()
      await product?.stop()
    }, 60_000)

    test('a wrong password is refused in words', async () => {
      const { page } = executor
      await page.goto('/')
      await signIn(page, { email: developer.email, password: 'not-the-password' })
      const alert = page.getByRole('alert')
      await alert.waitFor()
      expect(await alert.innerText()).toMatch(/password/i)
      expect(page.url()).toContain('/sign-in')
      expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('')
    })

    test('a sign-in leads to the page that was wanted', async () => {
      const { page } = executor
      await page.goto('/delegates')
      await page.waitForURL(/\/sign-in\?to=/)
      await signIn(page, developer)
      await page.waitForURL('**/delegates')
      await page.getByText('Connected', { exact: true }).waitFor()
    })

    test('the executor follows the release to its approval', async () => {
      const { page } = executor
      await page.getByRole('link', { name: 'Overview' }).click()
      await page.getByRole('link', { name: 'Release shop', exact: true }).first().click()
      await page.getByRole('heading', { level: 1, name: /^Release shop #1/ }).waitFor()
      const stages = page.getByRole('navigation', { name: 'Stages' })
      await stages.getByRole('link', { name: /^Approval Waiting for approval/ }).waitFor(longRun)
      expect(await stages.getByRole('link', { name: /^(?:Dev|Staging) Success/ }).count()).toBe(2)
      await stages.getByRole('link', { name: /^Prod Not started/ }).waitFor()
    })

    test('the log of a step is there, line by line', async () => {
      const { page } = executor
      await page
        .getByRole('navigation', { name: 'Steps' })
        .getByRole('link', { name: /Apply to dev/ })
        .click()
      await page.getByRole('tab', { name: 'Log' }).click()
      const log = page.getByRole('region', { name: /^Log of / })
      await page.getByText('Complete', { exact: true }).waitFor()
      expect(await log.innerText()).toMatch(/changelog/i)
      await page.getByLabel('Search the log').fill('change')
      await page.getByText(/^\d+ lines$/).waitFor()
      await page.getByRole('tab', { name: 'Change sets' }).click()
      await page.getByRole('table').getByText('Deployed').first().waitFor()
      expect(await page.getByRole('table').getByText('Deployed').count()).toBeGreaterThanOrEqual(40)
    })

    test('the executor sees the SQL, and why it is not theirs to approve', async () => {
      const { page } = executor
      await page
        .getByRole('navigation', { name: 'Steps' })
        .getByRole('link', { name: /Approve prod/ })
        .click()
      await page.getByRole('textbox', { name: /^SQL for shop_prod/ }).waitFor()
      await page.getByText('Somebody else has to review the SQL and decide.').waitFor()
      expect(await page.getByRole('button', { name: /Approve/ }).count()).toBe(0)
      expect(await page.getByRole('button', { name: 'Reject' }).count()).toBe(0)
    })

    test('a session that ended leads to the sign-in and back to the same page', async () => {
      const { page, context } = executor
      const before = page.url()
      await context.clearCookies()
      await page.getByRole('link', { name: 'Approvals' }).click()
      await page.waitForURL(/\/sign-in\?to=/)
      await signIn(page, developer)
      await page.waitForURL('**/approvals')
      await page.goto(before)
      await page.getByText('Somebody else has to review the SQL and decide.').waitFor()
    })

    test('the second person signs in, reviews and approves with the keyboard alone', async () => {
      const { page } = reviewer
      await page.goto('/')
      await tabTo(page, page.getByLabel('E-mail'))
      await page.keyboard.type(approver.email)
      await tabTo(page, page.getByLabel('Password', { exact: true }))
      await page.keyboard.type(approver.password)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
      await tabTo(page, page.getByRole('link', { name: 'Approvals', exact: false }).first())
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { level: 1, name: 'Approvals' }).waitFor()
      // The move to the new page has put the focus on its content, so the next Tab goes there.
      await tabTo(page, page.getByRole('link', { name: 'Review and decide' }), 5)
      await page.keyboard.press('Enter')
      const sql = page.getByRole('textbox', { name: /^SQL for shop_prod/ })
      await sql.waitFor()
      expect(await sql.innerText()).toMatch(/CREATE TABLE/i)
      if (process.env['SLUICE_SCREENSHOT'] === '1') {
        await mkdir('docs', { recursive: true })
        await page.screenshot({ path: 'docs/screenshot.png' })
      }
      await tabTo(page, page.getByLabel('Comment'))
      await page.keyboard.type('Read it all.')
      await tabTo(page, page.getByRole('button', { name: 'Approve this SQL' }), 5)
      await page.keyboard.press('Enter')
      await page.getByText('“Read it all.”').waitFor()
    })

    test('both watch the production stage succeed, live', async () => {
      const succeeded = /^Prod Success/
      for (const { page } of [executor, reviewer]) {
        await page.getByRole('navigation', { name: 'Stages' }).getByRole('link', { name: succeeded }).waitFor(longRun)
        await page.getByRole('heading', { level: 1 }).locator('..').getByText('Success').waitFor()
      }
    })

    test('the matrix shows everything deployed on three instances', async () => {
      const { page } = reviewer
      await page.goto(`${project}/schemas/shop`)
      const grid = page.getByRole('grid')
      await grid.waitFor()
      const heads = await grid.getByRole('columnheader').allInnerTexts()
      const progress = heads.flatMap((text) => {
        const found = /(\d+)\/(\d+)/.exec(text)
        return found ? [{ deployed: Number(found[1]), wanted: Number(found[2]) }] : []
      })
      expect(progress).toHaveLength(3)
      for (const { deployed, wanted } of progress) {
        expect(deployed, heads.join(' | ')).toBe(wanted)
        expect(wanted).toBeGreaterThanOrEqual(40)
      }
      await page.getByRole('combobox', { name: 'Filter by status' }).click()
      await page.getByRole('option', { name: 'Not deployed everywhere' }).click()
      await page.getByText('No change set passes the filter').waitFor()
    })

    test('the matrix is walked with the arrow keys, and a cell opens its SQL', async () => {
      const { page } = reviewer
      await page.goto(`${project}/schemas/shop`)
      const first = page.locator('[data-cell="1 0"]')
      await tabTo(page, first)
      await page.keyboard.press('ArrowRight')
      // The last rows are drawn when they are scrolled to; a person sees them before the next key.
      await page.keyboard.press('End')
      await page.waitForFunction(() => Number(document.activeElement?.getAttribute('data-cell')?.split(' ')[0]) > 30)
      await page.keyboard.press('Home')
      await page.locator('[data-cell="1 1"]:focus').waitFor()
      await page.keyboard.press('ArrowDown')
      expect(await page.evaluate(() => document.activeElement?.getAttribute('data-cell'))).toBe('2 1')
      await page.keyboard.press('Enter')
      const drawer = page.getByRole('dialog')
      await drawer.getByRole('textbox', { name: /^SQL of the change set/ }).waitFor()
      await drawer.getByRole('link', { name: 'release_shop' }).waitFor()
      expect(await findViolations(page)).toEqual([])
      await page.keyboard.press('Escape')
      await drawer.waitFor({ state: 'hidden' })
      expect(await page.evaluate(() => document.activeElement?.getAttribute('data-cell'))).toBe('2 1')
    })

    test('a mistake in a pipeline is shown at its place and not saved, and what is right is', async () => {
      const { page } = executor
      await page.goto(`${project}/pipelines/release_shop`)
      const editor = page.getByRole('textbox', { name: /^YAML of the pipeline/ })
      await editor.waitFor()
      await page.getByText('Valid', { exact: true }).waitFor()
      await editor.click()
      await page.keyboard.press('Control+Home')
      await page.keyboard.type('nonsense: [\n')
      const findings = page.getByRole('region', { name: 'Findings' })
      await findings.waitFor()
      await findings
        .getByRole('button', { name: /\d+:\d+/ })
        .first()
        .click()
      expect(await page.getByRole('button', { name: 'Save' }).isEnabled()).toBe(false)
      expect(await findViolations(page)).toEqual([])
      await page.getByRole('button', { name: 'Revert' }).click()
      await page.getByText('Valid', { exact: true }).waitFor()
      // What is right is saved, and there after a new reading.
      await editor.click()
      await page.keyboard.press('Control+Home')
      await page.keyboard.type('# Written in the browser.\n')
      await page.getByText('Not saved').waitFor()
      const save = page.getByRole('button', { name: 'Save' })
      await page.locator('button:enabled', { hasText: 'Save' }).waitFor()
      await save.click()
      await page.getByText('Saved', { exact: true }).waitFor()
      await page.reload()
      await editor.getByText('# Written in the browser.').waitFor()
    })

    test('another run is started, and aborted after a question', async () => {
      const { page } = executor
      await page.goto(`${project}/pipelines/release_shop`)
      await page.getByRole('button', { name: 'Run' }).click()
      await page.getByRole('dialog').getByLabel('Note for reviewers').fill('Only to be aborted')
      await page.getByRole('dialog').getByRole('button', { name: 'Run' }).click()
      await page.waitForURL('**/executions/*')
      await page.getByText('Only to be aborted').waitFor()
      await page.getByRole('button', { name: 'Abort' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Abort' }).click()
      await page.getByRole('heading', { level: 1 }).locator('..').getByText('Aborted').waitFor(longRun)
      expect(await page.getByRole('button', { name: 'Abort' }).count()).toBe(0)
    })

    test('a rejected approval ends the run, and what stands behind it does not begin', async () => {
      await setUpGates(product.url)
      await run(executor, 'gate')
      const address = executor.page.url()
      const { page } = reviewer
      await page.goto(address)
      await page.getByRole('navigation', { name: 'Steps' }).getByRole('link', { name: /Ask/ }).last().click()
      await page.getByText('May it go on?').waitFor()
      await page.getByLabel('Comment').fill('Not on a Friday.')
      await page.getByRole('button', { name: 'Reject' }).click()
      await page.getByText('“Not on a Friday.”').waitFor()
      for (const one of [executor.page, page]) {
        await one.getByRole('heading', { level: 1 }).locator('..').getByText('Rejected').waitFor(longRun)
        await one
          .getByRole('navigation', { name: 'Stages' })
          .getByRole('link', { name: /^After (?!Success|Running)/ })
          .waitFor()
      }
      expect(await findViolations(page)).toEqual([])
    })

    test('a step that fails says why, and a person decides how it goes on', async () => {
      const { page } = executor
      await run(executor, 'nowhere')
      const step = page.getByRole('navigation', { name: 'Steps' }).getByRole('link', { name: /Apply to nowhere/ })
      const form = page.getByRole('form', { name: 'Decide how this step goes on' })
      const decide = async (action: string, reason: string): Promise<void> => {
        await form.waitFor(longRun)
        await page
          .getByText(/127\.0\.0\.1/)
          .first()
          .waitFor()
        await form.getByRole('combobox', { name: 'How does this step go on?' }).click()
        await page.getByRole('option', { name: action }).click()
        await form.getByLabel('Reason').fill(reason)
        await form.getByRole('button', { name: 'Decide' }).click()
        // A step that fails at once asks again before anybody sees the form go, and then it is another one.
        await page.waitForFunction(
          (given) => [...document.querySelectorAll('input')].every(({ value }) => value !== given),
          reason,
        )
      }
      await step.click()
      await form.waitFor(longRun)
      expect(await findViolations(page)).toEqual([])
      await decide('Run the step again', 'It may have been a restart.')
      await decide('Count it as a failure', 'There is no such server.')
      await page.getByRole('heading', { level: 1 }).locator('..').getByText('Failed').waitFor(longRun)
    })

    tellControls(() => ({ product, browser }))
    tellTasks(() => ({ product, browser }))

    test('the value of a delegate token is shown once', async () => {
      const { page, context, trouble } = await visit(browser, product.url)
      await page.goto('/delegates')
      await signIn(page, admin)
      await page.getByRole('button', { name: 'New token' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByLabel('Identifier').fill('browser_test')
      await dialog.getByRole('button', { name: 'Create' }).click()
      const value = await dialog.getByLabel('Value of the token').innerText()
      expect(value.length).toBeGreaterThan(20)
      await dialog.getByRole('button', { name: 'Done' }).click()
      await dialog.waitFor({ state: 'hidden' })
      expect(await page.content()).not.toContain(value)
      await page.getByRole('button', { name: 'Revoke browser_test' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
      await page.getByText('Revoked', { exact: true }).waitFor()
      expect(trouble).toEqual([])
      await context.close()
    })

    test.each(['light', 'dark'] as const)('axe finds nothing serious on any page, %s', async (scheme) => {
      const { page, context, trouble } = await visit(browser, product.url, scheme)
      await page.goto('/sign-in')
      await page.getByRole('button', { name: 'Sign in' }).waitFor()
      const found = (await findViolations(page)).map((line) => `/sign-in ${line}`)
      await signIn(page, admin)
      await page.waitForURL(`**${project}`)
      const link = page.getByRole('link', { name: 'Release shop', exact: true }).last()
      await link.waitFor()
      const execution = (await link.getAttribute('href')) ?? ''
      // Page → what must be on the screen before it is judged.
      const pages: readonly (readonly [string, string])[] = [
        [project, 'Latest executions'],
        [`${project}/schemas`, 'Changelog'],
        [`${project}/schemas/shop`, 'Change set'],
        [`${project}/connectors`, 'Address'],
        [`${project}/pipelines`, 'Description'],
        [`${project}/pipelines/release_shop`, 'Valid'],
        [`${project}/executions`, 'Started by'],
        [execution, 'Outputs'],
        [`${execution}?show=log`, 'Complete'],
        [`${execution}?show=change-sets`, 'Duration'],
        [`${execution}?show=output`, 'preStartTag'],
        [`${project}/approvals`, 'Decided by'],
        [`${project}/freezes`, 'No freeze here'],
        [`${project}/notifications`, 'Given up'],
        [`${project}/service-accounts`, 'build_server'],
        ['/delegates', 'Tokens'],
        ['/nowhere', 'Nothing here'],
      ]
      for (const [path, text] of pages) {
        await page.goto(path)
        await page.getByText(text, { exact: true }).first().waitFor()
        found.push(...(await findViolations(page)).map((line) => `${path} ${line}`))
      }
      expect(found).toEqual([])
      expect(trouble).toEqual([])
      await context.close()
    })

    test('axe finds nothing serious in menus', async () => {
      const { page } = reviewer
      await page.goto(project)
      for (const name of [/^Project:/, /^Signed in as/]) {
        await page.getByRole('button', { name }).click()
        await page.getByRole('menu').waitFor()
        expect(await findViolations(page)).toEqual([])
        await page.keyboard.press('Escape')
        await page.getByRole('menu').waitFor({ state: 'hidden' })
      }
    })

    test('after signing out nothing can be seen', async () => {
      const { page } = reviewer
      await page.goto(project)
      await page.getByRole('button', { name: /^Signed in as/ }).click()
      await page.getByRole('menuitem', { name: 'Sign out' }).click()
      await page.waitForURL('**/sign-in')
      await page.getByLabel('E-mail').waitFor()
      await page.goto(`${project}/schemas`)
      await page.waitForURL(/\/sign-in\?to=/)
    })

    test('nothing went wrong behind the scenes', () => {
      expect([...executor.trouble, ...reviewer.trouble]).toEqual([])
    })
  })
}
