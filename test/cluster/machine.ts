// What the machine must have; said by name instead of passing silently.
import { accessSync, constants, existsSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Program → Debian package. */
const programs: Readonly<Record<string, string>> = {
  etcd: 'etcd-server',
  containerd: 'containerd',
  ctr: 'containerd',
  runc: 'runc',
  iptables: 'iptables',
  busybox: 'busybox-static',
  openssl: 'openssl',
  curl: 'curl',
  git: 'git',
  kubectl: 'kubernetes-client',
  psql: 'postgresql',
  perl: 'perl-base',
  'docker-registry': 'docker-registry',
  ip: 'iproute2',
  make: 'make',
  gcc: 'gcc',
  rsync: 'rsync',
  'dpkg-source': 'dpkg-dev',
  pip3: 'python3-pip',
}
const files: Readonly<Record<string, string>> = {
  '/usr/lib/cni/bridge': 'containernetworking-plugins',
  '/usr/lib/go-1.19/bin/go': 'golang-1.19-go',
}

function hasProgram(name: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin']
  return folders.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

export function missingPrograms(): string[] {
  const missing = [
    ...Object.entries(programs).filter(([name]) => !hasProgram(name)),
    ...Object.entries(files).filter(([path]) => !existsSync(path)),
  ].map(([name, from]) => `${name}, which Debian 12 has in the package ${from}`)
  if (process.getuid?.() !== 0) missing.push('the rights of root: a cluster makes containers and networks')
  return missing
}

/** Held while the tests run, and let go however they end. */
const lockPort = 16_440

/**
 * One run at a time: each has the same address, and its end takes that away from whoever else uses it. Waits for another one; gives
 * what lets the next one in.
 */
export async function holdMachine(): Promise<() => void> {
  for (let told = false; ; told = true) {
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen(lockPort, '127.0.0.1', () => resolve(true))
    })
    if (isFree) return () => void server.close()
    if (!told) console.log('Another run of these tests is at work on this machine; waiting for its end')
    await sleep(2000)
  }
}
