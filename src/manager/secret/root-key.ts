// The key file of the built-in secret store: made once, readable by its owner only. Whoever has it and the store can read all.
import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, fstatSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { Fault } from '#contract/fault'
import type { RandomBytes } from '../access/token.ts'

const keyBytes = 32
const othersMayRead = 0o077

function create(path: string, random: RandomBytes): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  // `wx`: two processes that start at once must not each make a key.
  const file = openSync(path, 'wx', 0o600)
  try {
    writeSync(file, `${Buffer.from(random(keyBytes)).toString('base64')}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function createUnlessThere(path: string, random: RandomBytes): void {
  if (existsSync(path)) return
  try {
    create(path, random)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** 32 bytes from base64, as they stand in a key file or an environment variable. Raises `usage`, without the text. */
export function parseRootKey(text: string, where: string): Uint8Array {
  const key = Buffer.from(text.trim(), 'base64')
  if (key.length === keyBytes && /^[A-Za-z0-9+/]{43}=$/.test(text.trim())) return new Uint8Array(key)
  throw new Fault('usage', `The root key in ${where} is not 32 bytes in base64.`, {
    hint: 'Restore the key that belongs to this store. A new one (openssl rand -base64 32) cannot open the secrets in it.',
  })
}

/** Reads the key file, and makes it when it is missing. Raises `usage` when others may read it or it holds no key. */
export function loadRootKey(path: string, random: RandomBytes = randomBytes): Uint8Array {
  createUnlessThere(path, random)
  const file = openSync(path, 'r')
  try {
    const others = fstatSync(file).mode & othersMayRead
    if (others !== 0 && process.platform !== 'win32')
      throw new Fault('usage', `The key file ${path} can be read by other users of this machine.`, {
        hint: `chmod 600 ${path}`,
      })
    return parseRootKey(readFileSync(file, 'utf8'), path)
  } finally {
    closeSync(file)
  }
}
