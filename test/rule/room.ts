// The rooms of the house and which way imports may run; the picture is in ARCHITECTURE section 2.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** For each room of src the rooms that it may import. What is not listed is not allowed. */
export const arrows: Readonly<Record<string, readonly string[]>> = {
  contract: [],
  changelog: ['contract'],
  change: ['contract', 'changelog'],
  embedded: ['contract'],
  outward: ['contract'],
  database: ['contract', 'changelog', 'change', 'embedded'],
  engine: ['contract', 'changelog', 'change', 'database'],
  pipeline: ['contract', 'changelog'],
  step: ['contract', 'changelog', 'change', 'database', 'engine', 'outward'],
  delegate: ['contract', 'outward'],
  manager: ['contract', 'pipeline', 'embedded'],
  web: ['contract'],
  cli: [
    'contract',
    'changelog',
    'change',
    'embedded',
    'database',
    'engine',
    'pipeline',
    'step',
    'delegate',
    'manager',
    'outward',
  ],
}

/** Database drivers and heavy clients: the only file of each room that may name them. */
export const drivers: Readonly<Record<string, readonly string[]>> = {
  pg: ['src/database/postgres/connect.ts', 'src/manager/store/postgresql.ts'],
  '@electric-sql/pglite': ['src/embedded/'],
  libsql: ['src/database/sqlite/connect.ts'],
  undici: ['src/outward/fetch.ts'],
  nodemailer: ['src/outward/mail.ts'],
}

export interface Import {
  readonly file: string
  readonly line: number
  readonly specifier: string
  /** Types only: leaves nothing at run time. */
  readonly typeOnly: boolean
  readonly dynamic: boolean
}

const statement = /^\s*(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]/gm
const dynamic = /(?:\bimport|\.resolve)\(\s*['"]([^'"]+)['"]\s*\)/g

export function sourceFiles(folder = 'src'): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}

export function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8')
  const lineOf = (index: number): number => text.slice(0, index).split('\n').length
  const found: Import[] = []
  for (const match of text.matchAll(statement)) {
    found.push({
      file,
      line: lineOf(match.index),
      specifier: match[2] ?? '',
      typeOnly: match[1] !== undefined,
      dynamic: false,
    })
  }
  for (const match of text.matchAll(dynamic)) {
    found.push({ file, line: lineOf(match.index), specifier: match[1] ?? '', typeOnly: false, dynamic: true })
  }
  return found
}

/** `src/manager/http/server.ts` → `manager`. */
export function roomOf(file: string): string {
  return file.split('/')[1] ?? ''
}
