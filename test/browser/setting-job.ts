// What people keep in order beside pipelines: freezes, triggers and input sets as YAML, notifications that were given up, keys and tokens.
import type { Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { findViolations } from './accessibility.ts'
import { expectNarrow } from './narrow.ts'

const project = '/orgs/default/projects/shop'

const freezeOf = (duration: string): string => `freeze:
  identifier: closing
  name: Closing
  status: Enabled
  entityConfigs:
    - name: every pipeline
      entities: [{ type: Pipeline, filterType: All }]
  windows:
    - timeZone: UTC
      startTime: 2035-12-20 06:00 PM
      duration: ${duration}
`

/** Replaces what stands in the editor of a dialog, and saves it. */
async function write(page: Page, editor: Locator, text: string): Promise<void> {
  await editor.click()
  await page.keyboard.press('ControlOrMeta+a')
  await page.keyboard.insertText(text)
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
}

interface Stage {
  /** Administrator, developer and approver. */
  readonly ada: Page
  readonly dana: Page
  readonly pat: Page
  readonly url: string
}

/** Registers the tests, as a part of the story of what people control: its pipeline `controlled` has run. */
export function tellSettings(stage: () => Stage): void {
  test('a freeze is written with its mistakes shown at their place, ended and deleted', async () => {
    const { ada } = stage()
    await ada.goto(project)
    await ada.getByRole('link', { name: 'Freezes' }).click()
    await ada.getByText('No freeze here').waitFor()
    await ada.getByRole('button', { name: 'New freeze' }).click()
    const dialog = ada.getByRole('dialog')
    const editor = dialog.getByRole('textbox', { name: 'YAML: New freeze' })
    await write(ada, editor, freezeOf('soon'))
    await dialog
      .getByRole('alert')
      .getByRole('button', { name: /:11:17$/ })
      .click()
    expect(await findViolations(ada)).toEqual([])
    await expectNarrow(ada)
    await write(ada, editor, freezeOf('12h'))
    await dialog.waitFor({ state: 'hidden' })
    const row = ada.getByRole('row').filter({ hasText: 'closing' })
    await row.getByText('On', { exact: true }).waitFor()
    expect(await findViolations(ada)).toEqual([])
    await expectNarrow(ada)
    for (const [action, then] of [
      ['End', 'Off'],
      ['Turn on', 'On'],
    ] as const) {
      await row.getByRole('button', { name: `${action} Closing` }).click()
      await dialog.getByRole('button', { name: action }).click()
      await row.getByText(then, { exact: true }).waitFor()
    }
    await row.getByRole('button', { name: 'Delete Closing' }).click()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await ada.getByText('No freeze here').waitFor()
  })

  test('a trigger and an input set are written, and their mistakes are shown at their place', async () => {
    const { dana } = stage()
    const dialog = dana.getByRole('dialog')
    await dana.goto(`${project}/pipelines/controlled?view=triggers`)
    await dana.getByRole('button', { name: 'New trigger' }).click()
    const trigger = dialog.getByRole('textbox', { name: 'YAML: New trigger' })
    await trigger.getByText('15 3 * * *').waitFor()
    const weekly = (day: string): string => `trigger:
  identifier: weekly
  name: Weekly
  pipelineIdentifier: controlled
  source:
    type: Scheduled
    spec: { type: Cron, spec: { type: UNIX, expression: "15 3 * * ${day}" } }
`
    await write(dana, trigger, weekly('someday'))
    await dialog
      .getByRole('alert')
      .getByRole('button', { name: /:7:\d+$/ })
      .first()
      .click()
    expect(await findViolations(dana)).toEqual([])
    await write(dana, trigger, weekly('1'))
    await dialog.waitFor({ state: 'hidden' })
    await dana
      .getByRole('listitem')
      .filter({ hasText: 'Weekly' })
      .getByText(/^next /)
      .waitFor()
    await dana.getByRole('button', { name: 'Delete Weekly' }).click()
    await dialog.getByRole('button', { name: 'Delete' }).click()
    await dana.getByRole('button', { name: 'Delete Weekly' }).waitFor({ state: 'detached' })

    await dana.getByRole('tab', { name: 'Input sets' }).click()
    await dana.getByRole('button', { name: 'New input set' }).click()
    await dialog.getByLabel('Identifier').fill('written')
    const set = dialog.getByRole('textbox', { name: 'YAML: New input set' })
    const values = (variable: string): string => `inputSet:
  pipeline:
    variables:
      - { name: ${variable}, value: dev }
`
    await write(dana, set, values('nope'))
    await dialog
      .getByRole('alert')
      .getByRole('button', { name: /:4:\d+$/ })
      .first()
      .click()
    await write(dana, set, values('env'))
    await dialog.waitFor({ state: 'hidden' })
    await dana.getByRole('button', { name: 'Edit written' }).click()
    await dialog.getByRole('textbox', { name: 'YAML: written' }).getByText('env').waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await expectNarrow(dana)
  })

  test('a notification that was given up says why, is sent again, and dropped', async () => {
    const { dana } = stage()
    const dialog = dana.getByRole('dialog')
    await dana.goto(`${project}/notifications`)
    const again = dana.getByRole('button', { name: 'Send again PipelineStart of mail' })
    await again.first().waitFor()
    await dana.getByText('No mail server is configured.').first().waitFor()
    const before = await again.count()
    expect(await findViolations(dana)).toEqual([])
    await expectNarrow(dana)
    await again.first().click()
    await dialog.getByRole('button', { name: 'Send again' }).click()
    await dialog.waitFor({ state: 'hidden' })
    // There is no mail server still.
    await again.nth(before - 1).waitFor()
    await dana.getByRole('button', { name: 'Drop PipelineStart of mail' }).first().click()
    await dialog.getByRole('button', { name: 'Drop' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await again.nth(before - 1).waitFor({ state: 'detached' })
  })

  test('a token of a service account is known to the API until it is revoked', async () => {
    const { ada, url } = stage()
    const dialog = ada.getByRole('dialog')
    await ada.goto(`${project}/service-accounts`)
    await ada.getByRole('button', { name: 'New account' }).click()
    await dialog.getByLabel('Identifier').fill('build_server')
    await dialog.getByRole('button', { name: 'Create' }).click()
    await ada.getByRole('button', { name: 'Tokens of build_server' }).click()
    await dialog.getByRole('button', { name: 'New token' }).click()
    const secret = ada.getByRole('dialog', { name: 'New token' })
    await secret.getByLabel('Identifier').fill('first')
    await secret.getByRole('button', { name: 'Create' }).click()
    const token = await ada.getByLabel('Value of the token').innerText()
    const ask = async () => (await fetch(`${url}/v1/orgs`, { headers: { 'x-api-key': token } })).status
    // It is known, and may do nothing, as no role is assigned to it.
    expect(await ask()).toBe(403)
    await ada.getByRole('button', { name: 'Done' }).click()
    await ada.getByText('Valid', { exact: true }).waitFor()
    expect(await findViolations(ada)).toEqual([])
    await ada.getByRole('button', { name: 'Revoke first' }).click()
    await ada.getByRole('dialog', { name: 'Revoke first?' }).getByRole('button', { name: 'Revoke' }).click()
    await ada.getByText('No token yet').waitFor()
    expect(await ask()).toBe(401)
    await ada.getByRole('button', { name: 'Close' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await expectNarrow(ada)
  })

  test('who is no administrator has keys as well', async () => {
    const { pat } = stage()
    const dialog = pat.getByRole('dialog')
    await pat.goto('/api-keys')
    await pat.getByRole('button', { name: 'New key' }).click()
    await dialog.getByLabel('Identifier').fill('mine')
    await dialog.getByRole('button', { name: 'Create' }).click()
    await dialog.getByRole('button', { name: 'Done' }).click()
    await pat.getByRole('button', { name: 'Revoke mine' }).waitFor()
  })
}
