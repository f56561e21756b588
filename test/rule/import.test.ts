// The house rule: imports run downwards only, drivers stand in one file, and the manager cannot reach target-database code.
import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { arrows, drivers, importsOf, roomOf, sourceFiles } from './room.ts'

const imports = sourceFiles().flatMap(importsOf)

/** Resolves a specifier to a source file of ours, or undefined for packages. */
function target(file: string, specifier: string): string | undefined {
  const base = specifier.startsWith('#')
    ? join('src', specifier.slice(1))
    : specifier.startsWith('.')
      ? normalize(join(dirname(file), specifier))
      : undefined
  if (base === undefined) return undefined
  return [base, `${base}.ts`, `${base}.tsx`].find((candidate) => existsSync(candidate) && /\.tsx?$/.test(candidate))
}

describe('imports', () => {
  test('every room is on the plan', () => {
    const rooms = new Set(sourceFiles().map(roomOf))
    expect([...rooms].filter((room) => !(room in arrows))).toEqual([])
  })

  test('run only along the arrows of the plan', () => {
    const wrong = imports
      .filter((one) => one.specifier.startsWith('#'))
      .map((one) => ({ ...one, from: roomOf(one.file), to: one.specifier.slice(1).split('/')[0] ?? '' }))
      // A room may name a file of its own by `#` to resolve the built one.
      .filter((one) => one.from !== one.to && !arrows[one.from]?.includes(one.to))
      .map((one) => `${one.file}:${one.line} ${one.from} → ${one.to}`)
      // The delegate starts the step by the name of the command's file; it loads nothing of it.
      .filter((text) => !text.endsWith('delegate → cli'))
    expect(wrong).toEqual([])
  })

  test('relative paths never leave their room', () => {
    const wrong = imports
      .filter((one) => one.specifier.startsWith('.'))
      .filter((one) => roomOf(normalize(join(dirname(one.file), one.specifier))) !== roomOf(one.file))
      .map((one) => `${one.file}:${one.line} ${one.specifier}`)
    expect(wrong).toEqual([])
  })

  test('drivers are named in one file of a room, and loaded lazily', () => {
    const wrong = imports
      // A type leaves nothing at run time.
      .filter((one) => !one.typeOnly && !one.file.endsWith('.test.ts'))
      .filter((one) =>
        Object.keys(drivers).some((driver) => one.specifier === driver || one.specifier.startsWith(`${driver}/`)),
      )
      .filter((one) => {
        const driver =
          Object.keys(drivers).find((name) => one.specifier === name || one.specifier.startsWith(`${name}/`)) ?? ''
        return !(drivers[driver] ?? []).some((place) => one.file.startsWith(place))
      })
      .map((one) => `${one.file}:${one.line} ${one.specifier}`)
    expect(wrong).toEqual([])
  })
})

describe('the manager', () => {
  /** Everything that can be loaded from the manager's files at run time, dynamic imports included. */
  const reach = (): { readonly files: Set<string>; readonly packages: Set<string> } => {
    const files = new Set<string>()
    const packages = new Set<string>()
    const todo = sourceFiles('src/manager').filter((file) => !file.endsWith('.test.ts'))
    for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
      if (files.has(file)) continue
      files.add(file)
      for (const one of importsOf(file)) {
        if (one.typeOnly) continue
        const next = target(file, one.specifier)
        if (next) todo.push(next)
        else packages.add(one.specifier)
      }
    }
    return { files, packages }
  }

  test('cannot load the code that opens a target database', () => {
    const { files, packages } = reach()
    const forbidden = ['database', 'engine', 'change', 'changelog', 'step', 'delegate']
    expect([...files].filter((file) => forbidden.includes(roomOf(file)))).toEqual([])
    expect(
      [...packages].filter((name) => ['libsql', 'mysql2', 'tedious', 'oracledb', 'mongodb'].includes(name)),
    ).toEqual([])
    // The walk is worth something only if it sees the manager's own store.
    expect(files.size).toBeGreaterThan(20)
    expect([...packages]).toContain('kysely')
  })
})
