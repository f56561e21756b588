// A real Chromium for the tests: where it is, how it is started, and a page that remembers everything that went wrong in it.
import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** Undefined when this machine has none. */
export function findChromium(environment: NodeJS.ProcessEnv): string | undefined {
  const told = environment['SLUICE_CHROMIUM']
  return [...(told ? [told] : []), ...places].find((path) => existsSync(path))
}

export async function launch(executablePath: string): Promise<Browser> {
  return await chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}

export interface Visit {
  readonly page: Page
  readonly context: BrowserContext
  /** Errors of scripts, refused by the content security policy, or requests to elsewhere. */
  readonly trouble: string[]
}

export type Scheme = 'light' | 'dark'

/** A person's own browser window: no cookie of anybody else. */
export async function visit(browser: Browser, baseUrl: string, scheme: Scheme = 'light'): Promise<Visit> {
  const context = await browser.newContext({
    baseURL: baseUrl,
    viewport: { width: 1280, height: 800 },
    colorScheme: scheme,
    reducedMotion: 'reduce',
  })
  context.setDefaultTimeout(30_000)
  const page = await context.newPage()
  const trouble: string[] = []
  // Chromium does not write every refusal to the console; the event always comes.
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      console.error(`refused: ${event.violatedDirective} ${event.blockedURI} in ${event.sourceFile}`)
    })
  })
  page.on('pageerror', (error) => trouble.push(`script error: ${error.message}`))
  page.on('console', (message) => {
    // A refused request is an answer that the page handles; Chromium writes it to the console all the same.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      trouble.push(`console: ${message.text()}`)
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(baseUrl) && !/^(?:blob|data):/.test(request.url()))
      trouble.push(`request to elsewhere: ${request.url()}`)
  })
  return { page, context, trouble }
}

export interface Person {
  readonly email: string
  readonly password: string
}

/** Fills the form that is on the screen. */
export async function signIn(page: Page, person: Person): Promise<void> {
  await page.getByLabel('E-mail').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(person.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}
