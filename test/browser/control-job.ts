// What people control in the browser beside the main job: the values of a run, approvals that ask for values, and how a run goes on.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { admin, approver, type DemoPerson, developer } from '../../src/cli/demo/people.ts'
import { findViolations } from './accessibility.ts'
import { signIn, visit, type Visit } from './browser.ts'
import { hookSecret, setUpControls } from './control-setup.ts'
import { expectNarrow } from './narrow.ts'
import { tabTo } from './keyboard.ts'
import type { Product } from './product.ts'
import { tellSettings } from './setting-job.ts'

const project = '/orgs/default/projects/shop'
/** What a run needs seconds for on a quiet machine. */
const longRun = { timeout: 60_000 }

/** Registers the tests, as a part of the main job's story. */
export function tellControls(stage: () => { readonly product: Product; readonly browser: Browser }): void {
  describe('what people control', () => {
    const open: Visit[] = []
    let dana: Page
    let pat: Page
    let ada: Page
    /** Address of the execution of `controlled`. */
    let execution = ''
    let webhook = ''
    /** Beside the title of an execution. */
    const status = (page: Page, text: RegExp | string) =>
      page.getByRole('heading', { level: 1 }).locator('..').getByText(text)

    async function enter(person: DemoPerson): Promise<Page> {
      const window = await visit(stage().browser, stage().product.url)
      open.push(window)
      await window.page.goto('/')
      await signIn(window.page, person)
      await window.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
      return window.page
    }

    beforeAll(async () => {
      webhook = stage().product.url + (await setUpControls(stage().product.url))
      ;[dana, pat, ada] = await Promise.all([enter(developer), enter(approver), enter(admin)])
    }, 120_000)
    afterAll(async () => {
      for (const { context } of open) await context.close()
    })

    test('a run asks for its values, says what is wrong with them, and shows what would run', async () => {
      await dana.goto(`${project}/pipelines/controlled`)
      await dana.getByRole('button', { name: 'Run' }).click()
      const dialog = dana.getByRole('dialog')
      const preview = dialog.getByRole('region', { name: 'What would run' })
      await preview.getByText('Fill in what is required to see what would run.').waitFor()
      // Nothing is marked before anybody had a chance; what is missing is when the run is started anyway.
      expect(await dialog.locator('[aria-invalid="true"]').count()).toBe(0)
      await dialog.getByRole('button', { name: 'Run' }).click()
      await dialog.getByText('The input variables.ticket.value was not given and has no default.').waitFor()
      await dialog.getByText('The input variables.regions.value was not given and has no default.').waitFor()
      expect(await dana.evaluate(() => document.activeElement?.getAttribute('aria-invalid'))).toBe('true')
      const ticket = dialog.getByRole('textbox', { name: 'ticket' })
      await ticket.fill('ops-12')
      await dialog.getByText('cannot be `ops-12`: it does not match [A-Z]+-[0-9]+.').waitFor()
      expect(await findViolations(dana)).toEqual([])
      await ticket.fill('OPS-12')
      // The overlay gives the rest.
      await dialog.getByLabel('Input sets').click()
      await dana.getByRole('option', { name: 'Everything' }).click()
      await preview.getByText('Two people').waitFor()
      await preview.getByText('DBSchemaApply · shop → shop_dev').waitFor()
      expect(await findViolations(dana)).toEqual([])
      await expectNarrow(dana)
      await tabTo(dana, dialog.getByRole('button', { name: 'Run' }))
      await dana.keyboard.press('Enter')
      await dana.waitForURL('**/executions/*')
      execution = dana.url()
      await dana.getByText('Ticket OPS-12').waitFor(longRun)
    })

    test('an approval asks for values, and says how many people have given them', async () => {
      const decide = (page: Page) => page.getByRole('button', { name: 'Approve this SQL' })
      await pat.goto(execution)
      await pat.getByText('0 of 2 approvals').waitFor(longRun)
      await pat.getByText(/^about plan [0-9a-f]{12} of shop_dev$/).waitFor()
      await decide(pat).click()
      await pat.getByText('The input window is missing.').waitFor()
      expect(await pat.evaluate(() => document.activeElement?.getAttribute('aria-invalid'))).toBe('true')
      await pat.getByRole('combobox', { name: 'window' }).click()
      await pat.getByRole('option', { name: 'night' }).click()
      const reference = pat.getByLabel('reference')
      await reference.fill('nothing')
      await decide(pat).click()
      await pat.getByText('The input reference cannot be `nothing`: it does not match [A-Z]+-[0-9]+.').waitFor()
      expect(await findViolations(pat)).toEqual([])
      await expectNarrow(pat)
      await reference.fill('CHG-7')
      await pat.getByLabel('Comment').fill('At night, please.')
      await decide(pat).click()
      await pat.getByText('1 of 2 approvals').waitFor()
      await pat.getByText('You have decided already; one decision a person counts.').waitFor()
      // The second person sees who decided and what they gave, and refuses.
      await ada.goto(execution)
      await ada.getByText('“At night, please.”').waitFor()
      await ada.getByText('Pat Approver').waitFor()
      expect(await ada.getByLabel('reference').inputValue()).toBe('CHG-7')
      await ada.getByLabel('Comment').fill('Not this week.')
      await ada.getByRole('button', { name: 'Reject' }).click()
      await ada.getByText('“Not this week.”').waitFor()
      await status(dana, 'Rejected').waitFor(longRun)
    })

    test('the values that a step told are there to be read', async () => {
      await dana.goto(execution)
      await dana.getByRole('navigation', { name: 'Steps' }).getByRole('link', { name: /Call/ }).click()
      await dana.getByRole('tab', { name: 'Outputs' }).click()
      await dana.getByRole('heading', { name: 'Output variables' }).waitFor()
      await dana.getByRole('button', { name: 'Copy answered' }).waitFor()
      expect(await dana.getByRole('definition').first().innerText()).toMatch(/^200/)
      expect(await findViolations(dana)).toEqual([])
    })

    test('a run that failed is gone on with, held up, let go on, and aborted', async () => {
      await dana.getByRole('button', { name: 'Retry' }).click()
      const dialog = dana.getByRole('dialog')
      await dialog.getByRole('combobox', { name: 'Begin with the stage' }).waitFor()
      expect(await dialog.getByRole('combobox', { name: 'Begin with the stage' }).inputValue()).toBe('Ask')
      expect(await findViolations(dana)).toEqual([])
      await dialog.getByRole('button', { name: 'Go on' }).click()
      await dana.waitForURL((url) => /executions/.test(url.href) && !url.href.startsWith(execution.replace(/\?.*/, '')))
      await dana
        .getByRole('navigation', { name: 'Stages' })
        .getByRole('link', { name: /^First Success/ })
        .waitFor()
      await status(dana, 'Waiting for approval').waitFor(longRun)
      await dana.getByRole('button', { name: 'Pause' }).click()
      await dana.getByRole('button', { name: 'Resume' }).waitFor(longRun)
      await status(dana, /^Paus(?:ing|ed)$/).waitFor()
      await expectNarrow(dana)
      await dana.getByRole('button', { name: 'Resume' }).click()
      await status(dana, 'Waiting for approval').waitFor(longRun)
      await dana.getByRole('button', { name: 'Abort' }).click()
      await dialog.getByRole('button', { name: 'Abort' }).click()
      await status(dana, 'Aborted').waitFor(longRun)
    })

    test('triggers are turned on and off, and each delivery says what was decided and why', async () => {
      const deliver = (token: string) =>
        fetch(webhook, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-sluice-token': token },
          body: '{}',
        })
      await deliver('not the secret')
      await deliver(hookSecret)
      await dana.goto(`${project}/pipelines/controlled`)
      await dana.getByRole('tab', { name: 'Triggers' }).click()
      expect(await dana.getByLabel('Address of Hook').innerText()).toBe(webhook)
      const nightly = dana.getByRole('listitem').filter({ hasText: 'Nightly' })
      await nightly.getByText(/^next /).waitFor()
      const turn = nightly.getByRole('switch', { name: 'Trigger Nightly' })
      await tabTo(dana, turn)
      await dana.keyboard.press('Space')
      await nightly.getByText('Starts nothing while it is off.').waitFor()
      expect(await turn.isChecked()).toBe(false)
      const history = dana.getByRole('region', { name: 'Deliveries' })
      await history.getByText('Not proved').waitFor()
      await history.getByText('Started a run').waitFor()
      expect(await findViolations(dana)).toEqual([])
      await expectNarrow(dana)
      await history.getByRole('link', { name: /Open/ }).first().click()
      // The run says what started it, and with whose rights.
      await dana.getByRole('link', { name: 'trigger hook' }).waitFor()
      await dana.getByText('Ada Admin').waitFor()
    })

    test('an API key is shown once, opens the API, and no more once it is revoked', async () => {
      await ada.goto('/')
      await ada.getByRole('button', { name: /^Signed in as/ }).click()
      await ada.getByRole('menuitem', { name: 'API keys' }).click()
      await ada.getByRole('button', { name: 'New key' }).click()
      const dialog = ada.getByRole('dialog')
      await dialog.getByLabel('Identifier').fill('from_the_browser')
      await dialog.getByRole('button', { name: 'Create' }).click()
      const key = await dialog.getByLabel('Value of the key').innerText()
      const ask = async () =>
        (await fetch(`${stage().product.url}/v1/session`, { headers: { 'x-api-key': key } })).status
      expect(await ask()).toBe(200)
      await dialog.getByRole('button', { name: 'Done' }).click()
      await dialog.waitFor({ state: 'hidden' })
      expect(await ada.content()).not.toContain(key)
      expect(await findViolations(ada)).toEqual([])
      await expectNarrow(ada)
      await ada.getByRole('button', { name: 'Revoke from_the_browser' }).click()
      await dialog.getByRole('button', { name: 'Revoke' }).click()
      await ada.getByText('No key yet').waitFor()
      expect(await ask()).toBe(401)
    })

    test('a list is filtered by what its rows are called', async () => {
      await dana.goto(`${project}/pipelines`)
      const other = dana.getByRole('link', { name: 'Release shop', exact: true })
      await other.waitFor()
      const filter = dana.getByRole('searchbox', { name: 'Filter' })
      await filter.fill('CONTROL')
      await other.waitFor({ state: 'detached' })
      await dana.getByRole('link', { name: 'Controlled', exact: true }).waitFor()
      await filter.fill('no such pipeline')
      await dana.getByText('Nothing of that name').waitFor()
      expect(await findViolations(dana)).toEqual([])
      await expectNarrow(dana)
      await dana.getByRole('button', { name: /^Show all/ }).click()
      await other.waitFor()
    })

    tellSettings(() => ({ ada, dana, pat, url: stage().product.url }))

    test('the audit trail says who turned the trigger off', async () => {
      await ada.goto(`${project}/audit`)
      const event = ada.getByRole('row').filter({ hasText: 'nightly' }).filter({ hasText: developer.email }).first()
      await event.waitFor()
      await event.getByRole('button', { name: /^Details of/ }).click()
      await ada.getByRole('dialog').getByText('nightly').first().waitFor()
      expect(await findViolations(ada)).toEqual([])
      await ada.keyboard.press('Escape')
      await ada.getByRole('dialog').waitFor({ state: 'hidden' })
      await expectNarrow(ada)
    })

    test('nothing went wrong behind the scenes', () => {
      expect(open.flatMap(({ trouble }) => trouble)).toEqual([])
    })
  })
}
