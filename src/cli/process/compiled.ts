// Loads the bundled parts of the program together with the code that V8 made of them when they were built. Compiling it again took
// a tenth of the processor time of a command that finds nothing to do (17 of 167 ms). A part is named by the digest of its
// content, and the file with the code by the very V8 it is for, so that nothing can come from another program or another V8; what
// V8 does not take it compiles as if there were none.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { cachedDataVersionTag } from 'node:v8'
import { Script } from 'node:vm'

export interface Parts {
  /** The exports of a part by its path. */
  readonly load: (path: string) => unknown
  /** Of all parts that were loaded: the code of every function that has run so far. */
  readonly code: () => Uint8Array
}

interface Part {
  readonly exports: unknown
}

/** `code`: what `code()` gave in the process that made it; undefined where there is none. */
export function partsOf(code: Uint8Array | undefined): Parts {
  const compiled = code === undefined ? new Map<string, Buffer>() : entriesOf(code)
  const scripts = new Map<string, Script>()
  const loaded = new Map<string, Part>()
  const outside = createRequire(import.meta.url)
  const load = (path: string): unknown => {
    const known = loaded.get(path)
    if (known !== undefined) return known.exports
    const script = scriptOf(path, compiled.get(basename(path)))
    scripts.set(basename(path), script)
    const part: Part = { exports: {} }
    // Before it runs: parts may need one another.
    loaded.set(path, part)
    const folder = dirname(path)
    const require = (name: string): unknown => (name.startsWith('.') ? load(join(folder, name)) : outside(name))
    const run = script.runInThisContext() as (...given: readonly unknown[]) => void
    run(part.exports, require, part, path, folder, importPackage)
    return part.exports
  }
  return { load, code: () => codeOf(scripts) }
}

/** In the parts `import()` was written as a call of this: a script has none of its own without an experimental option. */
const importPackage = async (name: string): Promise<unknown> => (await import(name)) as unknown

function scriptOf(path: string, cachedData: Buffer | undefined): Script {
  const names = 'exports, require, module, __filename, __dirname, importPackage'
  const text = `(function (${names}) {'use strict';${readFileSync(path, 'utf8')}\n})`
  return new Script(text, { filename: path, ...(cachedData === undefined ? {} : { cachedData }) })
}

/** Where the code for this V8 lies, if it was built with the same. */
export function codeFile(folder: string): string {
  return join(folder, `code-${cachedDataVersionTag()}.bin`)
}

/** Undefined when it is not there. */
export function readCode(folder: string): Uint8Array | undefined {
  try {
    return readFileSync(codeFile(folder))
  } catch {
    return undefined
  }
}

/** Four bytes: length of a list of names and lengths as JSON; the list; then as many pieces. */
function codeOf(scripts: ReadonlyMap<string, Script>): Uint8Array {
  const pieces = [...scripts].map(([name, script]) => ({ name, data: script.createCachedData() }))
  const list = Buffer.from(JSON.stringify(pieces.map(({ name, data }) => [name, data.length])))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(list.length)
  return Buffer.concat([length, list, ...pieces.map(({ data }) => data)])
}

function entriesOf(code: Uint8Array): Map<string, Buffer> {
  const bytes = Buffer.from(code.buffer, code.byteOffset, code.byteLength)
  let offset = 4 + bytes.readUInt32LE(0)
  const list = JSON.parse(bytes.toString('utf8', 4, offset)) as readonly (readonly [name: string, length: number])[]
  const entries = new Map<string, Buffer>()
  for (const [name, length] of list) {
    entries.set(name, bytes.subarray(offset, offset + length))
    offset += length
  }
  return entries
}
