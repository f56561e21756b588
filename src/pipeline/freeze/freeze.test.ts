import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { FreezeWindow } from './document.ts'
import { canBeHeld, holds, holdsPipeline } from './match.ts'
import { readPipeline } from '../read/pipeline.ts'
import { readFreeze } from './read.ts'
import { currentPeriod, nextPeriod } from './window.ts'
import { fromWall, wallOf, Zone } from './zone.ts'

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia']

describe('a time zone', () => {
  test('gives the same local time back, unless the clocks skip it', () => {
    const minutes = fc.integer({ min: Date.UTC(2005, 0) / 60_000, max: Date.UTC(2035, 0) / 60_000 })
    fc.assert(
      fc.property(fc.constantFrom(...zones), minutes, (name, minute) => {
        const zone = new Zone(name)
        const local = fromWall(minute * 60_000)
        const back = wallOf(zone.local(zone.instant(local)))
        // A whole day was skipped once, in Apia.
        expect(back - minute * 60_000).toBeGreaterThanOrEqual(0)
        expect(back - minute * 60_000).toBeLessThanOrEqual(name === 'Pacific/Apia' ? 86_400_000 : 3_600_000)
      }),
      { numRuns: 300 },
    )
  })
  test('over the change of clocks', () => {
    const zone = new Zone('Europe/Berlin')
    const at = (month: number, day: number, hour: number) =>
      zone.instant({ year: 2026, month, day, hour, minute: 30 }).toISOString()
    expect(at(3, 29, 2)).toBe('2026-03-29T01:30:00.000Z')
    expect(at(10, 25, 2)).toBe('2026-10-25T00:30:00.000Z')
    expect(at(10, 25, 3)).toBe('2026-10-25T02:30:00.000Z')
  })
})

const local = (year: number, month: number, day: number, hour = 0, minute = 0) => ({ year, month, day, hour, minute })
const during = (window: FreezeWindow, text: string) => {
  const period = currentPeriod([window], new Date(text))
  return period && [period.start.toISOString(), period.end.toISOString()]
}
const after = (window: FreezeWindow, text: string) => nextPeriod([window], new Date(text))?.start.toISOString()

describe('a window', () => {
  test('once, from its start on and before its end', () => {
    const window = { timeZone: 'Europe/Berlin', start: local(2026, 12, 23, 18), end: local(2027, 1, 4, 6) }
    expect(during(window, '2026-12-23T16:59:59Z')).toBeUndefined()
    expect(after(window, '2026-12-23T16:59:59Z')).toBe('2026-12-23T17:00:00.000Z')
    expect(during(window, '2026-12-23T17:00:00Z')).toEqual(['2026-12-23T17:00:00.000Z', '2027-01-04T05:00:00.000Z'])
    expect(during(window, '2027-01-04T05:00:00Z')).toBeUndefined()
    expect(after(window, '2027-01-04T05:00:00Z')).toBeUndefined()
  })
  test('every week at the same time of the wall clock, in summer and in winter', () => {
    const recurrence = { type: 'Weekly', every: 1, until: local(2026, 12, 31) } as const
    const window = { timeZone: 'Europe/Berlin', start: local(2026, 1, 2, 16), durationSeconds: 3600, recurrence }
    expect(after(window, '2025-01-01T00:00:00Z')).toBe('2026-01-02T15:00:00.000Z')
    expect(during(window, '2026-01-09T15:30:00Z')?.[0]).toBe('2026-01-09T15:00:00.000Z')
    expect(during(window, '2026-07-10T14:30:00Z')?.[0]).toBe('2026-07-10T14:00:00.000Z')
    expect(during(window, '2026-07-10T15:30:00Z')).toBeUndefined()
    expect(after(window, '2026-12-24T23:00:00Z')).toBe('2026-12-25T15:00:00.000Z')
    expect(after(window, '2026-12-25T23:00:00Z')).toBeUndefined()
  })
  test('a day that a month does not have is its last; a leap day comes every year', () => {
    const monthly = { type: 'Monthly', every: 1 } as const
    const window = { timeZone: 'UTC', start: local(2026, 1, 31), durationSeconds: 86_400, recurrence: monthly }
    expect(after(window, '2026-02-01T12:00:00Z')).toBe('2026-02-28T00:00:00.000Z')
    expect(after(window, '2026-02-28T12:00:00Z')).toBe('2026-03-31T00:00:00.000Z')
    const quarter = { ...window, recurrence: { type: 'Monthly', every: 3 } as const }
    expect(after(quarter, '2026-02-01T12:00:00Z')).toBe('2026-04-30T00:00:00.000Z')
    const yearly = { timeZone: 'UTC', start: local(2024, 2, 29), durationSeconds: 3600 }
    expect(after({ ...yearly, recurrence: { type: 'Yearly', every: 1 } }, '2026-01-01T00:00:00Z')).toBe(
      '2026-02-28T00:00:00.000Z',
    )
  })
  test('whatever recurs, an end on the clock is where the clock says, and the next one is found from any time', () => {
    const window = fc.record({
      timeZone: fc.constantFrom(...zones.slice(0, 5)),
      start: fc.integer({ min: Date.UTC(2020, 0) / 60_000, max: Date.UTC(2027, 0) / 60_000 }),
      minutes: fc.integer({ min: 1, max: 1440 }),
      type: fc.constantFrom('Daily', 'Weekly', 'Monthly', 'Yearly'),
      every: fc.integer({ min: 1, max: 12 }),
      now: fc.integer({ min: Date.UTC(2019, 0) / 60_000, max: Date.UTC(2031, 0) / 60_000 }),
    })
    fc.assert(
      fc.property(window, ({ timeZone, start, minutes, type, every, now }) => {
        const [from, to] = [fromWall(start * 60_000), fromWall((start + minutes) * 60_000)]
        const given: FreezeWindow = { timeZone, start: from, end: to, recurrence: { type, every } }
        const instant = new Date(now * 60_000)
        const next = nextPeriod([given], instant)
        expect(next && next.start > instant).toBe(true)
        // Nothing lies between: halfway to it the same one is next.
        if (next) {
          const between = new Date((instant.getTime() + next.start.getTime()) / 2)
          if (between < next.start) expect(nextPeriod([given], between)?.start).toEqual(next.start)
          expect(currentPeriod([given], next.start)?.end.getTime()).toBeGreaterThanOrEqual(next.end.getTime())
        }
        const zone = new Zone(timeZone)
        const on = currentPeriod([given], instant)
        if (on) {
          expect(on.start <= instant && instant < on.end).toBe(true)
          const [begun, ended] = [zone.local(on.start), zone.local(on.end)]
          const minutesOf = (one: { hour: number; minute: number }) => one.hour * 60 + one.minute
          const skipped = (a: number, b: number) => [0, 30, 60].includes((a - b + 1440) % 1440)
          expect(skipped(minutesOf(begun), minutesOf(from))).toBe(true)
          expect(skipped(minutesOf(ended), minutesOf(to))).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })
})

const yaml = (more: string, window = 'timeZone: UTC, startTime: 2030-12-24 06:00 PM, duration: 1d') =>
  `freeze:\n  identifier: f\n  name: F\n  status: Enabled\n  entityConfigs:\n    - entities:\n        - { ${more} }\n  windows:\n    - { ${window} }\n`
const errors = (text: string) =>
  readFreeze(text, 'f.yaml').diagnostics.map(({ span, message }) => `${span?.line}:${span?.column} ${message}`)

describe('the document', () => {
  test('is read with both forms of times', () => {
    const entity = 'type: Pipeline, filterType: Equals, entityRefs: [a]'
    const form = 'timeZone: UTC, startTime: 2030-12-24 12:15 AM, endTime: 2030-12-25 18:30'
    const window = `${form}, recurrence: { type: Yearly, spec: { until: 2040-01-01 12:00 PM } }`
    expect(readFreeze(yaml(entity, window), 'f.yaml')).toEqual({
      diagnostics: [],
      freeze: expect.objectContaining({
        enabled: true,
        rules: [{ name: '', entities: [{ type: 'Pipeline', filter: 'Equals', refs: ['a'] }] }],
        windows: [
          {
            timeZone: 'UTC',
            start: local(2030, 12, 24, 0, 15),
            end: local(2030, 12, 25, 18, 30),
            recurrence: { type: 'Yearly', every: 1, until: local(2040, 1, 1, 12) },
          },
        ],
      }),
    })
  })
  test.each([
    ['type: Pipeline, filterType: Equals', undefined, '7:11 Equals needs `entityRefs`.'],
    ['type: Service, filterType: Equals, entityRefs: [a]', undefined, '7:19 Stages have no Service here'],
    ['type: StageType, filterType: Equals, entityRefs: [CI]', undefined, '`CI` is no stage type.'],
    [
      'type: Pipeline, filterType: All',
      'timeZone: Mars/North, startTime: 2030-01-01 10:00, duration: 1d',
      'is no time zone',
    ],
    ['type: Pipeline, filterType: All', 'timeZone: UTC, startTime: 2030-02-30 10:00, duration: 1d', 'is no time.'],
    ['type: Pipeline, filterType: All', 'timeZone: UTC, startTime: 2030-02-03 13:00 PM, duration: 1d', 'is no time.'],
    ['type: Pipeline, filterType: All', 'timeZone: UTC, startTime: 2030-02-03 10:00', 'either `endTime` or `duration`'],
    [
      'type: Pipeline, filterType: All',
      'timeZone: UTC, startTime: 2030-02-03 10:00, endTime: 2030-02-03 09:00',
      'ends before it begins',
    ],
    [
      'type: Pipeline, filterType: All',
      'timeZone: UTC, startTime: 2030-02-03 10:00, duration: 2d, recurrence: { type: Daily }',
      'longer than the time until it comes again',
    ],
  ])('%s, %s: %s', (entity, window, message) => {
    expect(errors(yaml(entity, window)).join()).toContain(message)
  })
  test('any text is read without an exception', () => {
    fc.assert(fc.property(fc.string(), (text) => void readFreeze(text, 'f.yaml')))
    expect(errors('')).toHaveLength(1)
  })
})

describe('what is held', () => {
  const subject = { org: 'o', project: 'p', pipeline: 'a', stageType: 'Deployment', dbSchema: 's', dbInstance: 'prod' }
  const rule = (...entities: string[]) => {
    const text = yaml('x').replace('        - { x }\n', entities.map((entity) => `        - { ${entity} }\n`).join(''))
    const { freeze, diagnostics } = readFreeze(text, 'f.yaml')
    if (!freeze) throw new Error(JSON.stringify(diagnostics))
    return freeze
  }
  const all = 'type: Service, filterType: All'
  test.each([
    ['everything', [all], true, true],
    ['a pipeline', ['type: Pipeline, filterType: Equals, entityRefs: [a, b]'], true, true],
    ['another pipeline', ['type: Pipeline, filterType: NotEquals, entityRefs: [a]'], false, false],
    ['a project of an organization', ['type: Project, filterType: Equals, entityRefs: [o/p]'], true, true],
    ['an instance', ['type: DBInstance, filterType: Equals, entityRefs: [s/prod]'], true, false],
    ['an instance by its name', ['type: DBInstance, filterType: Equals, entityRefs: [prod]', all], true, false],
    ['all but some instances', ['type: DBInstance, filterType: NotEquals, entityRefs: [dev]'], true, false],
    ['other instances', ['type: DBInstance, filterType: Equals, entityRefs: [x/prod]'], false, false],
    ['a kind of stages', ['type: StageType, filterType: Equals, entityRefs: [Deployment]'], true, false],
    [
      'both at once',
      ['type: StageType, filterType: Equals, entityRefs: [Custom]', 'type: DBSchema, filterType: All'],
      false,
      false,
    ],
  ])('%s', (_, entities, held, whole) => {
    expect([holds(rule(...entities), subject), holdsPipeline(rule(...entities), subject)]).toEqual([held, whole])
  })
  test('a list of instances holds nothing whose instance is not known', () => {
    const { dbInstance: _, ...unknown } = subject
    for (const filter of ['Equals', 'NotEquals'])
      expect(holds(rule(`type: DBInstance, filterType: ${filter}, entityRefs: [dev]`), unknown)).toBe(false)
  })
  test('previews go on', () => {
    const graph = (type: string) => {
      const step = `{ step: { identifier: s, name: s, type: ${type}, spec: { dbSchema: s, dbInstance: i } } }`
      const stage = `{ stage: { identifier: a, name: a, type: Custom, spec: { execution: { steps: [${step}] } } } }`
      const { pipeline } = readPipeline(`pipeline: { identifier: p, name: p, stages: [${stage}] }`)
      if (!pipeline) throw new Error(type)
      return pipeline.graph
    }
    expect([canBeHeld(graph('DBSchemaUpdateSQL')), canBeHeld(graph('DBSchemaApply'))]).toEqual([false, true])
  })
})
