// Opened secrets of a step: user names and passwords to try in turn, and texts with secrets in them.
import { replaceSecrets } from '#contract/delegate/secret-expression'
import type { StepDocument } from '#contract/delegate/step-document'
import { type AddressSpec, referenceList } from '#contract/delegate/step-spec'
import { Fault } from '#contract/fault'

/** What a delegate handed over. */
export type OpenedSecrets = Pick<StepDocument, 'secrets' | 'files'>

export interface Credentials {
  readonly username: string | undefined
  readonly password: string | undefined
  /** Of temporary keys of S3. */
  readonly sessionToken?: string | undefined
  /** Names of the secrets, for people. */
  readonly label: string
}

function unresolved(reference: string): Fault {
  return new Fault('secret-unresolved', `The secret ${reference} did not reach this step.`, {
    hint: 'The log of the delegate says why: which secret manager it asked, and what the answer was.',
  })
}

/** The text of a secret; a file counts as its text. Undefined when it did not come, `secret-unresolved` for bytes that are no text. */
function findText({ secrets, files }: OpenedSecrets, reference: string): string | undefined {
  if (Object.hasOwn(secrets, reference)) return secrets[reference]
  const file = Object.hasOwn(files, reference) ? files[reference] : undefined
  if (file === undefined) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.from(file, 'base64'))
  } catch {
    throw new Fault(
      'secret-unresolved',
      `The secret ${reference} is a file that holds no text, and a text is needed.`,
      {
        hint: 'Name another secret, or store the text.',
      },
    )
  }
}

/** Raises `secret-unresolved` for one that is not there. */
export function secretText(opened: OpenedSecrets, reference: string): string {
  const text = findText(opened, reference)
  if (text === undefined) throw unresolved(reference)
  return text
}

/** The bytes of a secret; a text counts as its bytes in UTF-8. */
export function secretBytes(opened: OpenedSecrets, reference: string): Buffer {
  const file = Object.hasOwn(opened.files, reference) ? opened.files[reference] : undefined
  return file === undefined ? Buffer.from(secretText(opened, reference), 'utf8') : Buffer.from(file, 'base64')
}

/** The values with every `<+secrets.getValue("…")>` replaced. */
export function openProperties(
  opened: OpenedSecrets,
  properties: Readonly<Record<string, string>>,
): Record<string, string> {
  const entries = Object.entries(properties)
  return Object.fromEntries(
    entries.map(([name, text]) => [name, replaceSecrets(text, (reference) => secretText(opened, reference))]),
  )
}

interface Named {
  readonly reference: string
  readonly text: string | undefined
}

const named = (opened: OpenedSecrets, references: string): Named[] =>
  referenceList(references).map((reference) => ({ reference, text: findText(opened, reference) }))

/**
 * What to try in turn. Lists of user names and passwords belong together by position; a shorter list goes on with its last entry.
 * One whose secret did not come is left out, unless none is left. Raises `secret-unresolved` then. Never empty.
 */
export function credentialChoices(
  opened: OpenedSecrets,
  from: Pick<AddressSpec, 'username' | 'usernameRef' | 'passwordRef' | 's3'>,
): readonly Credentials[] {
  const users: readonly Named[] =
    from.username !== undefined || from.usernameRef === undefined ? [] : named(opened, from.usernameRef)
  const passwords: readonly Named[] = from.passwordRef === undefined ? [] : named(opened, from.passwordRef)
  const count = Math.max(1, users.length, passwords.length)
  const choices: Credentials[] = []
  const sessionRef = from.s3?.sessionTokenRef
  const session = sessionRef === undefined ? {} : { sessionToken: secretText(opened, sessionRef) }
  let missing: string | undefined
  for (let index = 0; index < count; index++) {
    const used = [users[index] ?? users.at(-1), passwords[index] ?? passwords.at(-1)]
    const absent = used.find((one) => one !== undefined && one.text === undefined)
    missing ??= absent?.reference
    if (absent) continue
    const [user, password] = used
    const names = used.flatMap((one) => (one ? [one.reference] : []))
    choices.push({
      username: from.username ?? user?.text,
      password: password?.text,
      ...session,
      label: names.join(' and '),
    })
  }
  if (choices.length === 0) throw unresolved(missing ?? '')
  return choices
}

/** Faults that say: these credentials are not the ones, and others may be. */
const refusals: ReadonlySet<Fault['code']> = new Set<Fault['code']>([
  'database-authentication',
  'source-authentication',
])

/** Does something with the first credentials that are accepted. What is raised for the last ones is raised. */
export async function withFirstAccepted<T>(
  choices: readonly Credentials[],
  act: (credentials: Credentials) => Promise<T>,
  line: (text: string) => void,
): Promise<T> {
  for (const [index, choice] of choices.entries()) {
    const next = choices[index + 1]
    try {
      return await act(choice)
    } catch (error) {
      if (!next || !(error instanceof Fault) || !refusals.has(error.code)) throw error
      line(`${choice.label} was refused (${error.code}); trying ${next.label}`)
    }
  }
  throw new Error('There are no credentials to try.')
}
