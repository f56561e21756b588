// The real engine as a peer: fetched by npm into a cache folder outside of the repository, run in one warm Java machine.
//
// Needs a JDK (`java` and `javac`), 17 or newer; Debian: openjdk-17-jdk-headless. The commercial jar of the package is never on the
// class path. `SLUICE_LIQUIBASE_CLASSPATH` names other jars instead, for example those of 4.33.0, to find out what changed between versions.
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { createInterface } from 'node:readline'

const version = '4.28.1'
const sources = 'test/differential/java'
/** Drivers and parts of the package that these databases do not need: the class path is searched from left to right. */
const needed =
  /^(?:commons-.*|jaxb-.*|liquibase-core|mariadb-java-client|opencsv|picocli|postgresql|snakeyaml|sqlite-jdbc)\.jar$/

export interface Answer {
  readonly ok: boolean
  /** What the command wrote, or why it failed. */
  readonly text: string
}

export interface Liquibase {
  /** One command at a time. `values` are the arguments in the spelling of its API, e.g. `changelogFile`. */
  run(folder: string, command: string, values: Readonly<Record<string, string>>): Promise<Answer>
  stop(): Promise<void>
}

/** Class path of engine and driver, or the reason why there is none. Downloads at most once for each machine. */
export function prepareLiquibase(): { readonly classPath: string } | { readonly missing: string } {
  if (spawnSync('javac', ['-version']).status !== 0) return { missing: 'a JDK 17 (java and javac)' }
  const given = process.env['SLUICE_LIQUIBASE_CLASSPATH']
  const library = given === undefined ? fetchPackage() : given.split(delimiter)
  if (library === undefined) return { missing: `the npm package liquibase@${version}` }
  const driver = compileDriver(library)
  return { classPath: [driver, ...library].join(delimiter) }
}

function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'sluice', 'differential')
}

function fetchPackage(): readonly string[] | undefined {
  const home = join(cacheFolder(), `liquibase-${version}`)
  const jars = join('node_modules', 'liquibase', 'dist', 'liquibase', 'internal', 'lib')
  if (!existsSync(join(home, jars))) {
    const fresh = `${home}.${process.pid}`
    mkdirSync(fresh, { recursive: true })
    const flags = ['--prefix', fresh, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel', 'error']
    const { status } = spawnSync('npm', ['install', ...flags, `liquibase@${version}`], {
      stdio: 'ignore',
      timeout: 240_000,
    })
    if (status !== 0) {
      rmSync(fresh, { recursive: true })
      return undefined
    }
    if (existsSync(home)) rmSync(fresh, { recursive: true })
    else renameSync(fresh, home)
  }
  return readdirSync(join(home, jars))
    .filter((name) => needed.test(name))
    .map((name) => join(home, jars, name))
}

/** Once for each state of the sources and of the library. */
function compileDriver(library: readonly string[]): string {
  const files = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.java'))
    .toSorted()
    .map((name) => join(sources, name))
  const hash = createHash('sha256').update(library.join())
  for (const file of files) hash.update(readFileSync(file))
  const folder = join(cacheFolder(), `driver-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(folder)) return folder
  const fresh = `${folder}.${process.pid}`
  const flags = ['-nowarn', '-proc:none', '-cp', library.join(delimiter), '-d', fresh]
  const { status, stderr } = spawnSync('javac', [...flags, ...files], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`javac: ${stderr}`)
  if (existsSync(folder)) rmSync(fresh, { recursive: true })
  else renameSync(fresh, folder)
  return folder
}

/**
 * Language and time zone are fixed: texts and dates of the original depend on them. The second compiler takes more than it gives.
 * Objects without a hash of their own all have the same: the original keeps the constraints of CREATE TABLE in sets in the order of
 * where they lie in memory, which differs from run to run; now it is the order in which they came.
 */
const machine = [
  '-Duser.timezone=UTC',
  '-Duser.language=en',
  '-Duser.country=US',
  '-Dfile.encoding=UTF-8',
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  '-Xmx512m',
  '-XX:+UnlockExperimentalVMOptions',
  '-XX:hashCode=2',
  '-Djavax.xml.parsers.SAXParserFactory=WarmParserFactory',
  '--add-exports=java.xml/com.sun.org.apache.xerces.internal.util=ALL-UNNAMED',
]

export function startLiquibase(classPath: string): Liquibase {
  const child: ChildProcessWithoutNullStreams = spawn('java', ['-cp', classPath, ...machine, 'LiquibaseDriver'], {
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], LIQUIBASE_ANALYTICS_ENABLED: 'false', TZ: 'UTC' },
  })
  let complaints = ''
  child.stderr.on('data', (chunk: Buffer) => (complaints = (complaints + chunk.toString('utf8')).slice(-4000)))
  let waiting: { resolve: (line: string) => void; reject: (error: Error) => void } | undefined
  createInterface({ input: child.stdout }).on('line', (line) => waiting?.resolve(line))
  const ended = new Promise<void>((resolve) => {
    child.on('close', (code) => {
      waiting?.reject(new Error(`The Java machine ended with ${code}:\n${complaints}`))
      resolve()
    })
  })
  return {
    async run(folder, command, values) {
      const words = [folder, command, ...Object.entries(values).flat()]
      const answer = new Promise<string>((resolve, reject) => (waiting = { resolve, reject }))
      child.stdin.write(`${words.map((word) => Buffer.from(word, 'utf8').toString('base64')).join(' ')}\n`)
      const [outcome, text] = (await answer).split(' ')
      return { ok: outcome === 'ok', text: Buffer.from(text ?? '', 'base64').toString('utf8') }
    },
    async stop() {
      child.stdin.end()
      await ended
    },
  }
}
