// Which rights a step needs, where it is more than its type says.
import { expect, test } from 'vitest'
import { permissionsFor } from './right.ts'

test.each([
  [{ type: 'DBSchemaApply' }, 'instance.apply'],
  [{ type: 'DBSchemaApply', testRollback: true }, 'instance.apply instance.rollback'],
  [{ type: 'DBSchemaRollback' }, 'instance.rollback'],
  [{ type: 'LiquibaseCommand', command: 'status' }, 'instance.preview'],
  [{ type: 'LiquibaseCommand', command: 'drop-all-sql' }, 'instance.preview'],
  [{ type: 'LiquibaseCommand', command: 'execute-sql' }, 'instance.apply'],
  [{ type: 'LiquibaseCommand', command: 'drop-all' }, 'instance.apply instance.rollback'],
] as const)('%j needs %s', (work, permissions) => {
  expect(permissionsFor(work).join(' ')).toBe(permissions)
})
