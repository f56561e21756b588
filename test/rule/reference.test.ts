// The reference pages say what the contract says.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { pages } from './reference.ts'

describe('generated reference', () => {
  test.each(Object.entries(pages))('%s is up to date', async (file, make) => {
    const page = await make()
    if (process.env['SLUICE_WRITE_REFERENCE']) writeFileSync(file, page)
    expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(page)
  })
})
