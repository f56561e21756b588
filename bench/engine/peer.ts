// The original engine as a peer to measure against: fetched by npm into a folder outside of the repository, without its
// commercial part, and started as its script starts it. Never part of the product.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Command } from './measure.ts'

const version = '4.28.1'

export type Peer = (command: string, changelog: string, more?: readonly string[]) => Command

/** Where it is; or why the comparison cannot be made. */
export function findPeer(): { readonly home: string } | { readonly missing: string } {
  if (spawnSync('java', ['-version']).status !== 0) return { missing: 'there is no Java on this machine' }
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sluice-bench', `liquibase-${version}`)
  const home = join(cache, 'node_modules/liquibase/dist/liquibase')
  if (!existsSync(join(home, 'internal/lib/liquibase-core.jar'))) {
    mkdirSync(cache, { recursive: true })
    writeFileSync(join(cache, 'package.json'), '{ "private": true }')
    const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', `liquibase@${version}`]
    const installed = spawnSync('npm', args, { cwd: cache, encoding: 'utf8' })
    if (installed.status !== 0) return { missing: `npm could not fetch liquibase@${version}` }
  }
  rmSync(join(home, 'internal/lib/liquibase-commercial.jar'), { force: true })
  return { home }
}

export function liquibase(home: string, folder: string, url: string, user: string, password: string): Peer {
  return (command, changelog, more = []) => ({
    program: 'java',
    args: [
      '-jar',
      join(home, 'internal/lib/liquibase-core.jar'),
      '--show-banner=false',
      `--search-path=${folder}`,
      command,
      `--url=${url}`,
      `--username=${user}`,
      `--password=${password}`,
      ...(changelog === '' ? [] : [`--changelog-file=${changelog}`]),
      ...more,
    ],
    cwd: folder,
    env: { LIQUIBASE_HOME: home, LIQUIBASE_ANALYTICS_ENABLED: 'false' },
  })
}
