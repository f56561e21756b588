// Credentials in turn, secrets in texts, files as texts and texts as files.
import { describe, expect, test } from 'vitest'
import { Fault } from '#contract/fault'
import { credentialChoices, openProperties, secretBytes, secretText, withFirstAccepted } from './credential.ts'

const opened = {
  secrets: { old: 'pw-old', new: 'pw-new', user: 'app', 'account.key': 'k' },
  files: {
    text: Buffer.from('from a file').toString('base64'),
    bytes: Buffer.from([0xff, 0, 0x80]).toString('base64'),
  },
}

describe('credentials', () => {
  test.each([
    [{}, [[undefined, undefined, '']]],
    [{ username: 'u', passwordRef: 'old' }, [['u', 'pw-old', 'old']]],
    [
      { usernameRef: 'user', passwordRef: 'new, old' },
      [
        ['app', 'pw-new', 'user and new'],
        ['app', 'pw-old', 'user and old'],
      ],
    ],
    [{ username: 'u', passwordRef: 'absent,old' }, [['u', 'pw-old', 'old']]],
    [{ username: 'u', passwordRef: 'text' }, [['u', 'from a file', 'text']]],
  ])('%j', (from, expected) => {
    const choices = credentialChoices(opened, from)
    expect(choices.map(({ username, password, label }) => [username, password, label])).toEqual(expected)
  })

  test('when none came, the first that is missing is named', () => {
    expect(() => credentialChoices(opened, { passwordRef: 'gone,lost' })).toThrow(/secret gone did not reach/)
  })

  test('the next is tried after a refusal only, and the last refusal is told', async () => {
    const choices = credentialChoices(opened, { passwordRef: 'old,new' })
    const lines: string[] = []
    const refuse = (text: string) => new Fault('database-authentication', text)
    const seen: unknown[] = []
    const act = async ({ password }: { password: string | undefined }): Promise<unknown> => {
      seen.push(password)
      if (password !== 'pw-new') throw refuse('no')
      return password
    }
    expect(await withFirstAccepted(choices, act, (line) => void lines.push(line))).toBe('pw-new')
    expect(seen).toEqual(['pw-old', 'pw-new'])
    expect(lines).toEqual(['old was refused (database-authentication); trying new'])
    const always = (fault: Fault) =>
      withFirstAccepted(
        choices,
        () => Promise.reject(fault),
        () => {},
      )
    await expect(always(refuse('last'))).rejects.toThrow('last')
    let calls = 0
    const other = withFirstAccepted(
      choices,
      () => {
        calls++
        return Promise.reject(new Fault('database-unreachable', 'down'))
      },
      () => {},
    )
    await expect(other).rejects.toThrow('down')
    expect(calls).toBe(1)
  })
})

test('secrets in texts; a text without one is left alone', () => {
  const properties = { a: 'x<+secrets.getValue("old")>y<+secrets.getValue(\'account.key\')>', b: '${plain} <+other>' }
  expect(openProperties(opened, properties)).toEqual({ a: 'xpw-oldyk', b: '${plain} <+other>' })
  expect(() => openProperties(opened, { a: '<+secrets.getValue("absent")>' })).toThrow(/absent/)
  expect(() => openProperties(opened, { a: '<+secrets.getValue(old)>' })).toThrow(/cannot be read/)
})

test('files are texts where a text is needed, and texts are files', () => {
  expect(secretText(opened, 'text')).toBe('from a file')
  expect(() => secretText(opened, 'bytes')).toThrow(/holds no text/)
  expect([...secretBytes(opened, 'bytes')]).toEqual([0xff, 0, 0x80])
  expect(secretBytes(opened, 'old').toString()).toBe('pw-old')
})
