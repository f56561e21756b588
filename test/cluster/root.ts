// Files of this machine, Debian 12 as the images' base is, that stand in for what a build would install: a program comes with the
// libraries that it loads.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

const done = new Set<string>()
/** Root, device and number of a file → where its copy is. */
const copied = new Map<string, string>()

/** A file of the machine at the same place in `root`, links followed. */
function bring(root: string, path: string): void {
  const target = join(root, path)
  if (existsSync(target)) return
  mkdirSync(dirname(target), { recursive: true })
  // Packages have one program under many names (git: 150).
  const { ino, dev } = statSync(path)
  const key = `${root}:${dev}:${ino}`
  const first = copied.get(key)
  if (first !== undefined) return linkSync(first, target)
  cpSync(realpathSync(path), target)
  copied.set(key, target)
}

/** The libraries that a program needs, by the loader's own word. */
function libraries(program: string): string[] {
  try {
    const text = execFileSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return [...text.matchAll(/(?:=> |^\s)(\/\S+) \(0x/gm)].map(([, path]) => path ?? '')
  } catch {
    return []
  }
}

export function bringProgram(root: string, path: string, at = path): void {
  if (at === path) bring(root, path)
  else {
    mkdirSync(dirname(join(root, at)), { recursive: true })
    cpSync(realpathSync(path), join(root, at))
  }
  for (const library of libraries(path)) bring(root, library)
}

/** Of the C library, which programs load while they run: for names, and for drivers of databases. */
const loaded = ['nss_dns.so.2', 'nss_files.so.2', 'resolv.so.2', 'rt.so.1', 'pthread.so.0', 'dl.so.2'].map(
  (name) => `lib${name}`,
)

/** What stands in for `node:20-bookworm-slim`. */
export function makeNodeRoot(root: string): void {
  mkdirSync(join(root, 'tmp'), { recursive: true, mode: 0o1777 })
  for (const folder of ['bin', 'usr/bin', 'usr/local/bin', 'etc', 'proc', 'sys', 'dev', 'root'])
    mkdirSync(join(root, folder), { recursive: true })
  bringProgram(root, process.execPath, '/usr/local/bin/node')
  for (const library of loaded)
    for (const folder of ['/lib/x86_64-linux-gnu', '/lib/aarch64-linux-gnu'])
      if (existsSync(join(folder, library))) bring(root, join(folder, library))
  bringProgram(root, '/bin/busybox')
  for (const name of nodeWords) symlinkSync('busybox', join(root, 'bin', name))
  bringProgram(root, realpathSync('/bin/bash'), '/bin/bash')
  symlinkSync('/bin/busybox', join(root, 'usr/bin/env'))
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n')
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\n')
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'hosts: files dns\n')
}

/** An image of somebody else: a shell and what scripts use, as an Alpine image has them, and perhaps a program to start. */
export function makeShellRoot(root: string, entrypoint?: string): void {
  for (const folder of ['bin', 'usr/local/bin', 'etc', 'proc', 'sys', 'dev', 'tmp'])
    mkdirSync(join(root, folder), { recursive: true })
  bringProgram(root, '/bin/busybox')
  for (const name of words) symlinkSync('busybox', join(root, 'bin', name))
  if (entrypoint !== undefined) {
    cpSync(entrypoint, join(root, 'usr/local/bin/entrypoint.sh'))
    chmodSync(join(root, 'usr/local/bin/entrypoint.sh'), 0o755)
  }
}
const nodeWords = 'sh cat head tail ls sleep ps id grep mkfifo mv rm cp wc'.split(' ')
const words = 'sh cat cp echo env head id kill ls mkdir mkfifo mv rm sed sleep tail test touch wc yes'.split(' ')

/** A database server, as an image of PostgreSQL has it. */
export function makePostgreSqlRoot(root: string): void {
  makeShellRoot(root)
  const version = readdirSync('/usr/lib/postgresql').toSorted((a, b) => Number(b) - Number(a))[0] ?? ''
  const [own, shared] = [`/usr/lib/postgresql/${version}`, `/usr/share/postgresql/${version}`]
  for (const name of ['postgres', 'initdb']) {
    bringProgram(root, `${own}/bin/${name}`)
    symlinkSync(`${own}/bin/${name}`, join(root, 'bin', name))
  }
  for (const name of ['plpgsql.so', 'dict_snowball.so']) bring(root, `${own}/lib/${name}`)
  cpSync(shared, join(root, shared), { recursive: true, dereference: true })
  cpSync('/usr/share/zoneinfo', join(root, 'usr/share/zoneinfo'), { recursive: true })
  // Nothing is mounted there.
  chmodSync(join(root, 'tmp'), 0o1777)
  writeFileSync(join(root, 'etc/passwd'), 'postgres:x:10001:10001::/tmp:/bin/sh\n')
  writeFileSync(join(root, 'etc/nsswitch.conf'), 'passwd: files\n')
}

/** The files of Debian packages that are installed here, without documentation. */
export function bringPackages(root: string, names: readonly string[]): void {
  for (const name of names) {
    const key = `${root}:${name}`
    if (done.has(key)) continue
    done.add(key)
    const checked = new Set<number>()
    const files = execFileSync('dpkg', ['-L', name], { encoding: 'utf8' }).split('\n')
    for (const file of files) {
      if (!/^\/(usr\/(s?bin|lib|share\/git-core|share\/ca-certificates)|etc|s?bin|lib)\//.test(file)) continue
      if (!existsSync(file) || !statSync(file).isFile()) continue
      if (checked.has(statSync(file).ino)) {
        bring(root, file)
        continue
      }
      checked.add(statSync(file).ino)
      const program =
        (statSync(file).mode & 0o111) !== 0 && readFileSync(file).subarray(0, 4).toString('latin1') === '\x7fELF'
      if (program) bringProgram(root, file)
      else bring(root, file)
    }
  }
  const bundle = '/etc/ssl/certs/ca-certificates.crt'
  if (names.includes('ca-certificates') && existsSync(bundle)) bring(root, bundle)
}
