import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { GitSource } from '#contract/delegate/git-source'
import { parseGitAddress } from './address.ts'
import { explainGit } from './explain.ts'
import { type FetchedSource, fetchGit } from './git.ts'

let base: string
let bare: string
let firstCommit: string
const lines: string[] = []
const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH: process.env['PATH'], HOME: base, GIT_CONFIG_NOSYSTEM: '1' },
  }).trim()

beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'sluice-git-'))
  bare = join(base, 'shop.git')
  const work = join(base, 'work')
  git(base, 'init', '--quiet', '--bare', bare)
  git(base, 'init', '--quiet', '--initial-branch=main', work)
  mkdirSync(join(work, 'db'))
  writeFileSync(join(work, 'db/changelog.yaml'), 'one\n')
  git(work, 'add', '.')
  git(work, 'commit', '--quiet', '--message=one')
  firstCommit = git(work, 'rev-parse', 'HEAD')
  git(work, 'tag', 'v1')
  writeFileSync(join(work, 'db/changelog.yaml'), 'two\n')
  symlinkSync('changelog.yaml', join(work, 'db/link.yaml'))
  git(work, 'add', '.')
  git(work, 'commit', '--quiet', '--message=two')
  git(work, 'push', '--quiet', bare, 'main', 'v1')
  git(work, 'checkout', '--quiet', '-b', 'evil/link')
  symlinkSync('/etc/passwd', join(work, 'db/passwd.sql'))
  git(work, 'add', '.')
  git(work, 'commit', '--quiet', '--message=evil')
  git(work, 'push', '--quiet', bare, 'evil/link')
})
afterAll(() => rmSync(base, { recursive: true }))
beforeEach(() => {
  lines.length = 0
})

const never = new AbortController().signal
function get(
  reference: GitSource['reference'],
  url = bare,
  password?: string,
  environment = process.env,
): Promise<FetchedSource> {
  return fetchGit(
    {
      source: { type: 'git', url, reference, path: 'db/changelog.yaml' },
      credentials: { username: password ? 'reader' : undefined, password },
      folder: join(base, 'fetched'),
      environment,
      line: (text) => lines.push(text),
    },
    never,
  )
}
const read = ({ root }: FetchedSource): string => readFileSync(join(root, 'db/changelog.yaml'), 'utf8')

describe('git source', () => {
  test('a branch, a tag, a commit and a short commit', async () => {
    expect(read(await get({ branch: 'main' }))).toBe('two\n')
    expect(read(await get({ tag: 'v1' }, `file://${bare}`))).toBe('one\n')
    expect(await get({ commit: firstCommit })).toMatchObject({ commit: firstCommit })
    expect(await get({ commit: firstCommit.slice(0, 9) })).toMatchObject({ commit: firstCommit })
    expect(lines[0]).toBe(`Fetching branch main of ${bare}`)
  })

  test.each([
    [{ branch: 'no-such' }, 'branch no-such'],
    [{ tag: 'v9' }, 'tag v9'],
    [{ commit: 'f'.repeat(40) }, `commit ${'f'.repeat(40)}`],
    [{ commit: 'fffffff' }, 'commit fffffff'],
    [{ commit: '--upload-pack=x' }, 'commit --upload-pack=x'],
  ])('says which reference is missing: %j', async (reference, named) => {
    await expect(get(reference)).rejects.toMatchObject({
      code: 'source-reference-not-found',
      message: expect.stringContaining(named),
    })
  })

  test('a name that would be a refspec is refused', async () => {
    await expect(get({ branch: 'main:refs/heads/x' })).rejects.toMatchObject({ code: 'source-reference-not-found' })
  })

  test('a symbolic link that leaves the repository is refused, one inside is fine', async () => {
    await expect(get({ branch: 'evil/link' })).rejects.toMatchObject({
      code: 'changelog-invalid',
      message: expect.stringContaining('db/passwd.sql'),
    })
    const { root } = await get({ branch: 'main' })
    expect(readdirSync(join(root, 'db'))).toEqual(['changelog.yaml', 'link.yaml'])
  })

  test('no repository, no host, no git', async () => {
    await expect(get({ branch: 'main' }, join(base, 'none.git'))).rejects.toMatchObject({
      code: 'source-unreachable',
      message: expect.stringContaining('There is no repository'),
    })
    await expect(get({ branch: 'main' }, 'http://127.0.0.1:1/x.git')).rejects.toMatchObject({
      code: 'source-unreachable',
    })
    await expect(get({ branch: 'main' }, bare, undefined, { PATH: '/nowhere' })).rejects.toMatchObject({
      code: 'git-missing',
    })
    await expect(get({ branch: 'main' }, 'ext::sh -c id')).rejects.toMatchObject({ code: 'source-unreachable' })
  })

  test('an abort stops it', async () => {
    const controller = new AbortController()
    controller.abort(new Error('stop'))
    const options = {
      source: { type: 'git' as const, url: bare, reference: { branch: 'main' }, path: 'x' },
      credentials: { username: undefined, password: undefined },
      folder: join(base, 'aborted'),
      environment: process.env,
      line: () => {},
    }
    await expect(fetchGit(options, controller.signal)).rejects.toThrow('stop')
  })
})

describe('git over http', () => {
  let server: Server
  let origin: string
  const seen: (string | undefined)[] = []
  beforeAll(async () => {
    git(bare, 'update-server-info')
    server = createServer((request, response) => {
      seen.push(request.headers.authorization)
      if (request.headers.authorization !== `Basic ${Buffer.from('reader:p@ss').toString('base64')}`) {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end()
        return
      }
      // The "dumb" protocol: plain files.
      const path = join(bare, new URL(request.url ?? '', 'http://x').pathname.replace('/shop.git', ''))
      try {
        response.writeHead(200).end(readFileSync(path))
      } catch {
        response.writeHead(404).end()
      }
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    origin = `127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  afterAll(() => server.close())

  test('credentials go to git through a pipe, and are taken out of the address', async () => {
    // The dumb protocol has no shallow fetch; that git got so far shows that it was let in.
    await expect(get({ branch: 'main' }, `http://${origin}/shop.git`, 'p@ss')).rejects.toThrow(/shallow/)
    await expect(get({ branch: 'main' }, `http://reader:p%40ss@${origin}/shop.git`)).rejects.toThrow(/shallow/)
    expect(lines.join()).not.toContain('p@ss')
    expect(lines.join()).not.toContain('p%40ss')
    expect(seen).toContain(`Basic ${Buffer.from('reader:p@ss').toString('base64')}`)
  })

  test('wrong and missing credentials', async () => {
    for (const password of [undefined, 'wrong'])
      await expect(get({ branch: 'main' }, `http://${origin}/shop.git`, password)).rejects.toMatchObject({
        code: 'source-authentication',
      })
  })
})

describe('addresses', () => {
  test.each([
    ['git@host.example:team/shop.git', 'ssh'],
    ['ssh://git@host.example:2222/team/shop.git', 'ssh'],
    ['https://host.example/team/shop.git', 'http'],
    ['/srv/git/shop.git', 'file'],
    ['file:///srv/git/shop.git', 'file'],
  ])('%s', (text, transport) => expect(parseGitAddress(text)).toMatchObject({ url: text, transport }))

  test.each(['ext::sh', '--upload-pack=x', 'ftp://host/x', 'relative/path', 'https://x/\ny', 'ssh://u:p@host/x'])(
    'refuses %s',
    (text) => expect(() => parseGitAddress(text)).toThrow(expect.objectContaining({ code: 'source-unreachable' })),
  )

  test('messages of git become faults', () => {
    expect(explainGit("fatal: Authentication failed for 'https://x/'", 'x').code).toBe('source-authentication')
    expect(explainGit('git@x: Permission denied (publickey).\nfatal: Could not read', 'x').code).toBe(
      'source-authentication',
    )
    expect(explainGit('fatal: something new', 'x')).toMatchObject({
      code: 'source-unreachable',
      message: 'x could not be read: something new.',
    })
  })
})
