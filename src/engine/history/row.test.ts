import { describe, expect, test } from 'vitest'
import { historyKey, inHistoryOrder, parseTimestamp, toHistoryRow, zoneOffset } from './row.ts'
import { historyOf } from './table.ts'

const row = (more: Record<string, unknown>) =>
  toHistoryRow({
    ID: '1',
    AUTHOR: 'amy',
    FILENAME: 'a.xml',
    DATEEXECUTED: '2026-01-02 03:04:05',
    ORDEREXECUTED: 1,
    ...more,
  })

describe('rows of the history', () => {
  test('are read whatever case and columns the driver gives', () => {
    expect(row({ EXECTYPE: 'RERAN', MD5SUM: '9:abc', TAG: null })).toMatchObject({
      id: '1',
      execType: 'RERAN',
      checksum: '9:abc',
      tag: undefined,
      executedAt: Date.UTC(2026, 0, 2, 3, 4, 5),
      labels: undefined,
    })
    expect(toHistoryRow({ id: 'x', filename: 'f' })).toMatchObject({ id: 'x', fileName: 'f', execType: 'EXECUTED' })
  })

  test('know a change set however its path is written', () => {
    expect(historyKey('classpath:db/./x.sql', '1', 'Amy')).toBe(historyKey('db/x.sql', '1', 'amy'))
  })

  test('of one second are told apart by their number', () => {
    const rows = [row({ ORDEREXECUTED: 10 }), row({ ORDEREXECUTED: 9 }), row({ DATEEXECUTED: '2026-01-02 03:04:04' })]
    expect(rows.sort(inHistoryOrder).map((one) => one.orderExecuted)).toEqual([1, 9, 10])
  })

  test('of one change set count by the latest, of one moment by the lower number', () => {
    const rows = [
      row({ ORDEREXECUTED: 1, MD5SUM: '9:old', DATEEXECUTED: '2026-01-01 00:00:00' }),
      row({ ORDEREXECUTED: 2, MD5SUM: '9:low' }),
      row({ ORDEREXECUTED: 3, MD5SUM: '9:high' }),
    ]
    const history = historyOf(rows, true)
    expect(history.find({ path: 'a.xml', id: '1', author: 'amy' })?.checksum).toBe('9:low')
  })

  test('are dated in the zone that the database tells', () => {
    expect(zoneOffset('2026-11-21 11:04:07.123+01')).toBe(3_600_000)
    expect(zoneOffset('2026-11-21 11:04:07-03:30')).toBe(-12_600_000)
    expect(zoneOffset('2026-11-21 11:04:07')).toBe(0)
    const zoned = row({ DATEEXECUTED: '2026-01-02 05:04:05', SLUICE_NOW: '2026-01-02 06:00:00+02' })
    expect(zoned.executedAt).toBe(Date.UTC(2026, 0, 2, 3, 4, 5))
  })

  test('may hold the time as a number, as one SQLite driver writes it', () => {
    expect(parseTimestamp('1763000000123')).toBe(1_763_000_000_123)
    expect(parseTimestamp('2026-11-21 09:44:48.02231')).toBe(Date.UTC(2026, 10, 21, 9, 44, 48, 22))
    expect(parseTimestamp('yesterday')).toBe(0)
  })
})

test('the zone of servers that tell it in a text of their own', () => {
  // SQL Server and Oracle, see `nowWithZone` of their dialects.
  expect(zoneOffset('2026-11-25 22:07:32.1800000+02:00')).toBe(7_200_000)
  expect(zoneOffset('2026-11-25 22:07:32.180-05:30')).toBe(-19_800_000)
})
