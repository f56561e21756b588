// What people ask for outside of a run: connections tested, changes previewed, a history read, a snapshot compared.
import type { Browser } from 'playwright-core'
import { expect, test } from 'vitest'
import { admin } from '../../src/cli/demo/people.ts'
import { findViolations } from './accessibility.ts'
import { signIn, visit } from './browser.ts'
import type { Product } from './product.ts'

const project = '/orgs/default/projects/shop'
/** What a task needs seconds for on a quiet machine. */
const longTask = { timeout: 90_000 }

/** Registers the tests, as a part of the main job's story. */
export function tellTasks(stage: () => { readonly product: Product; readonly browser: Browser }): void {
  test('an administrator tests connections, previews changes, reads a history and compares a snapshot', async () => {
    const { page, context, trouble } = await visit(stage().browser, stage().product.url)
    const dialog = page.getByRole('dialog')
    const succeeded = async (): Promise<void> => {
      await dialog.getByText('Success', { exact: true }).waitFor(longTask)
    }
    const close = async (): Promise<void> => {
      await dialog.getByRole('button', { name: 'Close' }).last().click()
      await dialog.waitFor({ state: 'hidden' })
    }
    const testConnection = async (connector: string): Promise<void> =>
      await page.getByRole('button', { name: `Test connection of ${connector}`, exact: true }).click()

    await page.goto(`${project}/connectors`)
    await signIn(page, admin)
    // Nothing listens there: the delegate says so before it takes the task, and the person reads it at once.
    await testConnection('Nowhere')
    await dialog.getByText('No delegate can run this step', { exact: false }).waitFor(longTask)
    await dialog.getByText(/declined: the database is not reachable/).waitFor()
    expect(await findViolations(page)).toEqual([])
    await close()
    await testConnection('Shop dev')
    await succeeded()
    await dialog.getByText('The database can be reached').waitFor()
    await dialog
      .getByRole('region', { name: 'Log of the task' })
      .getByText(/Step ended: success/)
      .waitFor()
    expect(await findViolations(page)).toEqual([])
    await close()

    await page.goto(`${project}/schemas/shop`)
    await page.getByRole('tab', { name: /^Instances/ }).click()
    const act = async (item: string): Promise<void> => {
      await page
        .getByRole('button', { name: /Actions$/ })
        .first()
        .click()
      await page.getByRole('menuitem', { name: item, exact: true }).click()
      await dialog.waitFor()
    }
    await act('Test connection')
    await succeeded()
    await dialog.getByText('The repository can be reached').waitFor()
    await close()
    await act('Preview changes')
    await succeeded()
    await dialog.getByText('Nothing to do').waitFor()
    await close()
    await act('Sync history')
    await succeeded()
    await dialog.getByText(/^\d+ of \d+ change sets are deployed/).waitFor()
    await close()
    await act('Take snapshot')
    await succeeded()
    await close()
    await act('Snapshots')
    await dialog.getByRole('button', { name: 'Compare now' }).click()
    await dialog.getByText('Nothing differs.').waitFor(longTask)
    expect(await findViolations(page)).toEqual([])
    await close()
    expect(trouble).toEqual([])
    await context.close()
  })
}
