import { describe, expect, test } from 'vitest'
import type { MigrationStateOut } from '#contract/api/migration-state'
import type { ChangeSetDeploymentStatus } from '#contract/change-set'
import { joinPages, type MatrixRow, matrixRows, summarizeInstance } from './matrix.ts'

const cell = (instance: string, status: ChangeSetDeploymentStatus, tag?: string) => ({
  instance,
  status,
  updated: 0,
  pipeline: 'p',
  planExecutionId: '1',
  stageExecutionId: 's',
  ...(tag ? { tag } : {}),
})
const changeSet = (id: string, fileName: string, ...instances: ReturnType<typeof cell>[]) => ({
  changeSet: id,
  author: 'ann',
  fileName,
  changeSetFQN: `${fileName}::${id}::ann`,
  synced: false,
  updated: 0,
  instances,
})
const state: MigrationStateOut = {
  schema: 'shop',
  instances: [
    { identifier: 'dev', name: 'Dev' },
    { identifier: 'prod', name: 'Prod' },
  ],
  changeSets: [
    changeSet('001', 'a.yaml', cell('dev', 'Successfully_Deployed', 'v1'), cell('prod', 'Successfully_Deployed')),
    changeSet('002', 'a.yaml', cell('dev', 'Successfully_Deployed'), cell('prod', 'Not_Deployed')),
    changeSet('003', 'b.sql', cell('dev', 'Deployment_Failed')),
    changeSet('004', 'a.yaml', cell('dev', 'Rolled_Back'), cell('prod', 'Not_Deployed')),
  ],
}
const shape = (rows: readonly MatrixRow[]) =>
  rows.map((row) => (row.kind === 'file' ? `${row.fileName} ${row.count}` : row.changeSet.changeSet))

describe('the matrix', () => {
  test('stands in changelog order under its files', () => {
    expect(shape(matrixRows(state, { text: '', status: 'all' }))).toEqual([
      'a.yaml 2',
      '001',
      '002',
      'b.sql 1',
      '003',
      'a.yaml 1',
      '004',
    ])
  })

  test('keeps the place in the changelog under a filter', () => {
    const rows = matrixRows(state, { text: 'B.SQL', status: 'all' })
    expect(rows).toMatchObject([{ kind: 'file', count: 1 }, { position: 3 }])
  })

  test('is found by id, author, file and tag', () => {
    expect(shape(matrixRows(state, { text: 'v1', status: 'all' }))).toEqual(['a.yaml 1', '001'])
    expect(shape(matrixRows(state, { text: 'ANN', status: 'all' }))).toHaveLength(7)
    expect(shape(matrixRows(state, { text: 'nobody', status: 'all' }))).toEqual([])
  })

  test('is filtered by status', () => {
    const ids = (status: Parameters<typeof matrixRows>[1]['status']) =>
      shape(matrixRows(state, { text: '', status })).filter((one) => one.startsWith('00'))
    expect(ids('differs')).toEqual(['002', '003', '004'])
    expect(ids('Deployment_Failed')).toEqual(['003'])
    expect(ids('Not_Deployed')).toEqual(['002', '004'])
  })

  test('tells how far an instance is', () => {
    expect(summarizeInstance(state, 'dev')).toEqual({ deployed: 2, failed: 1, total: 4 })
    expect(summarizeInstance(state, 'prod')).toEqual({ deployed: 1, failed: 0, total: 4 })
  })

  test('does not miss what an instance does not want', () => {
    const excluded = { ...cell('prod', 'Not_Deployed'), filteredBy: 'context dev' }
    const sample = changeSet('005', 'sample.yaml', cell('dev', 'Successfully_Deployed'), excluded)
    const more = { ...state, changeSets: [...state.changeSets, sample] }
    expect(summarizeInstance(more, 'prod')).toEqual({ deployed: 1, failed: 0, total: 4 })
    expect(summarizeInstance(more, 'dev')).toEqual({ deployed: 3, failed: 1, total: 5 })
    const ids = (status: Parameters<typeof matrixRows>[1]['status']) =>
      shape(matrixRows(more, { text: '', status })).filter((one) => one.startsWith('00'))
    expect(ids('differs')).not.toContain('005')
    expect(ids('Not_Deployed')).not.toContain('005')
    expect(ids('excluded')).toEqual(['005'])
  })

  test('joins pages', () => {
    const half = (from: number, to: number) => ({ ...state, changeSets: state.changeSets.slice(from, to) })
    expect(joinPages([half(0, 2), half(2, 4)])).toEqual(state)
    expect(joinPages([])).toEqual({ schema: '', instances: [], changeSets: [] })
  })
})
