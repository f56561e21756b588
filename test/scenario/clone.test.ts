// GitClone with real git and real processes: the steps of a group work in one folder, with whichever delegate began.
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isFinal } from '#contract/pipeline/status'
import { here, indent, openRealWorld, processRunner, type RealWorld } from './real-world.ts'

let world: RealWorld
let first = ''
const git = (...args: readonly string[]): string =>
  execFileSync('git', [
    '-C',
    join(world.folder, 'work'),
    '-c',
    'user.name=t',
    '-c',
    'user.email=t@example.com',
    ...args,
  ])
    .toString()
    .trim()
beforeAll(async () => {
  world = await openRealWorld()
  first = git('rev-parse', 'HEAD')
  git('tag', 'v1')
  git('commit', '--quiet', '--allow-empty', '--message=second')
  git('push', '--quiet', '--tags', join(world.folder, 'shop.git'), 'main')
  const environment = { ...process.env, SLUICE_ALLOW_SCRIPTS: 'true' }
  const able = { runner: processRunner(environment), environment, checks: { hasDriver: async () => true } }
  for (const name of ['one', 'two']) await world.delegate(name, await world.token(), able)
})
afterAll(() => world.close())

const clone = (identifier: string, more: string): string => `- step:
    identifier: ${identifier}
    name: ${identifier}
    type: GitClone
    spec: { connectorRef: git, ${more} }
`
const run = (identifier: string, command: string): string => `- step:
    identifier: ${identifier}
    name: ${identifier}
    type: Run
    spec:
      command: ${JSON.stringify(command)}
      outputVariables: [{ name: found }]
`
const wait = (identifier: string, duration: string): string => `- step:
    identifier: ${identifier}
    name: ${identifier}
    type: Wait
    spec: { duration: ${duration} }
`
const group = (identifier: string, steps: string): string => `- stepGroup:
    identifier: ${identifier}
    name: ${identifier}
    steps:
${indent(steps, 6)}`

async function play(steps: string) {
  const ended = await world.until(await world.runSteps(steps), ({ status }) => isFinal(status))
  return new Map(ended.nodes.map((node) => [node.id, node]))
}

const found = (node: { readonly output: Readonly<Record<string, unknown>> } | undefined): string | undefined =>
  (node?.output['outputVariables'] as { readonly found?: string } | undefined)?.found

describe('GitClone', { timeout: 90_000 }, () => {
  test('gives the steps of its group a repository to work in, and those of another group another folder', async () => {
    const nodes = await play(
      group(
        'g',
        [
          clone('fetch', 'build: { type: branch, spec: { branch: main } }'),
          run('change', 'cd shop && echo more >> changelog.sql; found=$(git branch --show-current)'),
          run('look', 'cd shop; found="$(git status --short) after $(git log --oneline | wc -l)"'),
        ].join(''),
      ) +
        group(
          'h',
          [
            run('empty', 'found=$(ls)'),
            clone('old', 'build: { type: tag, spec: { tag: v1 } }, cloneDirectory: /harness/db'),
            run('there', 'found="$(ls) $(git -C db rev-parse HEAD)"'),
          ].join(''),
        ) +
        clone('alone', 'depth: 1') +
        run('apart', 'found=$(ls)'),
    )
    expect([...nodes].map(([id, { status, fault }]) => [id, status, fault?.message])).toEqual(
      [...nodes.keys()].map((id) => [id, 'Success', undefined]),
    )
    expect(nodes.get('s.g.fetch')?.output).toMatchObject({ branch: 'main', directory: 'shop' })
    expect(found(nodes.get('s.g.change'))).toBe('main')
    expect(found(nodes.get('s.g.look'))).toBe(' M changelog.sql after 2')
    expect(found(nodes.get('s.h.empty'))).toBe('')
    expect(found(nodes.get('s.h.there'))).toBe(`db ${first}`)
    expect(nodes.get('s.alone')?.output).toMatchObject({ branch: 'main' })
    expect(found(nodes.get('s.apart'))).toBe('')
  })

  test('with submodules: those of the repository, those of them as well, and none of another place', async () => {
    const made = (name: string, inside: readonly (readonly [string, string])[]): string => {
      const folder = join(world.folder, name)
      const run = (...args: readonly string[]): void =>
        void execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args])
      mkdirSync(folder)
      run('init', '--quiet', '--initial-branch=main')
      writeFileSync(join(folder, `${name}.txt`), name)
      // As `git submodule add` writes it, for an address that need not answer.
      const commit = (path: string, from: string): void => {
        const [at = ''] = execFileSync('git', ['-C', from, 'rev-parse', 'HEAD']).toString().split('\n')
        run('update-index', '--add', '--cacheinfo', `160000,${at},${path}`)
      }
      for (const [path, url] of inside) {
        appendFileSync(join(folder, '.gitmodules'), `[submodule "${path}"]\n\tpath = ${path}\n\turl = ${url}\n`)
        commit(path, url.startsWith('/') ? url : folderOf('leaf'))
      }
      run('add', `${name}.txt`, ...(inside.length > 0 ? ['.gitmodules'] : []))
      run('commit', '--quiet', '--message=first')
      return folder
    }
    const folderOf = (name: string): string => join(world.folder, name)
    const leaf = made('leaf', [])
    const branch = made('branch', [['leaf', leaf]])
    const tree = made('tree', [['branch', branch]])
    const stray = made('stray', [['far', 'https://example.org/far.git']])
    for (const [identifier, url] of [
      ['tree', tree],
      ['stray', stray],
    ] as const) {
      const spec = { url, type: 'Http', connectionType: 'Repo' } as const
      const connector = { identifier, name: identifier, type: 'Git', spec } as const
      await world.client.createConnector({ params: here, body: { connector } })
    }
    const from = (identifier: string, ref: string, more: string): string =>
      clone(identifier, `${more}, cloneDirectory: ${identifier}`).replace('connectorRef: git', `connectorRef: ${ref}`)
    const nodes = await play(
      group(
        'g',
        [
          from('one', 'tree', 'submoduleStrategy: true'),
          from('all', 'tree', 'submoduleStrategy: recursive'),
          run('look', 'found=$(ls one/branch all/branch/leaf 2>&1 | tr "\\n" " ")'),
          from('wrong', 'stray', 'submoduleStrategy: true'),
        ].join(''),
      ),
    )
    expect(['one', 'all', 'look'].map((id) => nodes.get(`s.g.${id}`)?.fault)).toEqual([undefined, undefined, undefined])
    expect(found(nodes.get('s.g.look'))).toBe('all/branch/leaf: leaf.txt  one/branch: branch.txt leaf ')
    expect(nodes.get('s.g.wrong')?.fault).toMatchObject({
      code: 'forbidden',
      message: 'A submodule is at https://example.org/, and the repository is not.',
    })
  })

  test('steps of a group wait for the delegate that has its folder, and say so', async () => {
    await world.dismiss()
    const environment = { ...process.env, SLUICE_ALLOW_SCRIPTS: 'true' }
    const able = { runner: processRunner(environment), environment, checks: { hasDriver: async () => true } }
    await world.delegate('three', await world.token(), able)
    const execution = await world.runSteps(
      group('g', clone('fetch', '') + wait('pause', '1h') + run('look', 'found=$(ls)')),
    )
    await world.until(execution, ({ nodes }) =>
      nodes.some(({ id, status }) => id === 's.g.pause' && status === 'Running'),
    )
    await world.dismiss()
    await world.delegate('four', await world.token(), able)
    await sql`update execution_timer set due_at = now() where kind = 'wait'`.execute(world.store.db)
    const stuck = await world.until(execution, ({ nodes }) =>
      nodes.some(({ id, statusReason }) => id === 's.g.look' && statusReason?.includes('folder') === true),
    )
    expect(stuck.nodes.find(({ id }) => id === 's.g.look')?.statusReason).toContain(
      'four has not the folder that earlier steps of the group left',
    )
    await world.delegate('three', undefined, able)
    const ended = await world.until(execution, ({ status }) => isFinal(status))
    expect(found(ended.nodes.find(({ id }) => id === 's.g.look'))).toBe('shop')
  })
})
