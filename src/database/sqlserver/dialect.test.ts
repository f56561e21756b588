import { expect, test } from 'vitest'
import { dialectFor } from '../dialect.ts'
import { encryptionOf } from './encrypted.ts'

const table = (tableName: string, schemaName?: string, catalogName?: string) => ({ catalogName, schemaName, tableName })
const written = (outputSchemaName: string | undefined, name: ReturnType<typeof table>): string | undefined =>
  dialectFor('mssql', { outputSchemaName }).write({ type: 'drop-table', table: name, cascade: true }, 'LEGACY')[0]?.sql

test('names with catalog and schema', () => {
  expect(written(undefined, table('t', 'sch', 'cat'))).toBe('DROP TABLE cat.sch.t')
  expect(written(undefined, table('t', undefined, 'cat'))).toBe('DROP TABLE cat..t')
  expect(written('dbo', table('t'))).toBe('DROP TABLE t')
  expect(written('app', table('order'))).toBe('DROP TABLE app.[order]')
  expect(written('app', table('a]b', 'my schema'))).toBe('DROP TABLE [my schema].[a]]b]')
})

test('a large file of data becomes statements that the server takes', () => {
  const rows = Array.from({ length: 1001 }, (_, index) => [{ kind: 'numeric', text: String(index) } as const])
  const texts = dialectFor('mssql').write({ type: 'load-data', table: table('t'), columns: ['a'], rows }, 'LEGACY')
  expect(texts.map(({ sql }) => sql.split('),(').length)).toEqual([500, 500, 1])
})

test('batches of a script end with GO', () => {
  const { script } = dialectFor('mssql')
  expect(script?.finish?.('select 1', ';', 'apply')).toBe('select 1;\nGO')
  expect(script?.finish?.('select 1', '//', 'apply')).toBe('select 1\nGO')
  expect(script?.finish?.('DROP TABLE t', ';', 'rollback')).toBe('DROP TABLE t\nGO')
  expect(script?.use?.('my shop')).toBe('USE [my shop]')
})

test('what a server says about encryption', () => {
  const answer = (encryption: number): Buffer =>
    Buffer.from([4, 1, 0, 26, 0, 0, 1, 0, 0, 0, 11, 0, 6, 1, 0, 17, 0, 1, 0xff, 16, 0, 0, 0, 0, 0, encryption])
  expect([0, 1, 2, 3].map((encryption) => encryptionOf(answer(encryption)))).toEqual([0, 1, 2, 3])
  expect(encryptionOf(Buffer.from('HTTP/1.1 400 Bad Request'))).toBeUndefined()
  expect(encryptionOf(answer(1).subarray(0, 12))).toBeUndefined()
})
