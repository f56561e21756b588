import { describe, expect, test } from 'vitest'
import { resolvePlain, resolveTagged } from './yaml-scalar.ts'

// Recorded from Liquibase 4.33.0 with SnakeYAML 2.4 in UTC.
describe('unquoted scalars', () => {
  test.each([
    ['10', '10'],
    ['+10', '10'],
    ['-10', '-10'],
    ['-0', '0'],
    ['010', '8'],
    ['0_7', '7'],
    ['00', '0'],
    ['08', '08'],
    ['0o7', '0o7'],
    ['0x1F', '31'],
    ['-0x1f', '-31'],
    ['0x', '0x'],
    ['0b101', '5'],
    ['1_000', '1000'],
    ['1__0', '10'],
    ['1_', '1'],
    ['_1', '_1'],
    ['1:20', '80'],
    ['190:20:30', '685230'],
    ['190:20:30.15', '685230.15'],
    ['12:60', '12:60'],
    ['0:30', '0:30'],
    ['12345678901234567890', '12345678901234567890'],
    ['1e3', '1000.0'],
    ['12e03', '12000.0'],
    ['1.', '1.0'],
    ['.5', '0.5'],
    ['-.5e3', '-500.0'],
    ['1_0.5', '10.5'],
    ['685_230.15', '685230.15'],
    ['1.10', '1.1'],
    ['10000000.0', '1.0E7'],
    ['1e400', 'Infinity'],
    ['-0.0', '-0.0'],
    ['1.5.2', '1.5.2'],
    ['.inf', 'Infinity'],
    ['-.INF', '-Infinity'],
    ['.NaN', 'NaN'],
    ['yes', 'true'],
    ['Off', 'false'],
    ['TRUE', 'true'],
    ['y', 'y'],
    ['t', 't'],
    ['=', '='],
    ['2020-01-02', 'Thu Jan 02 00:00:00 UTC 2020'],
    ['2020-1-2', '2020-1-2'],
    ['2020-01-02T03:04:05', '2020-01-02 03:04:05'],
    ['2020-01-02 03:04:05', '2020-01-02 03:04:05'],
    ['2020-01-02t03:04:05.1Z', '2020-01-02 03:04:05'],
    ['2020-01-02T03:04:05.678+02:00', 'Thu Jan 02 01:04:05 UTC 2020'],
    ['2001-11-23 15:03:17 -5', 'Fri Nov 23 20:03:17 UTC 2001'],
    ['varchar(50)', 'varchar(50)'],
  ])('%s is %s', (source, expected) => {
    expect(resolvePlain(source)).toEqual({ text: expected })
  })

  test.each(['', '~', 'null', 'Null', 'NULL'])('%j is nothing', (source) => {
    expect(resolvePlain(source).text).toBeUndefined()
  })

  test('tags decide, and must fit', () => {
    expect(resolveTagged('tag:yaml.org,2002:str', '010')).toEqual({ text: '010' })
    expect(resolveTagged('!', 'yes')).toEqual({ text: 'yes' })
    expect(resolveTagged('tag:yaml.org,2002:float', '3')).toEqual({ text: '3.0' })
    expect(resolveTagged('tag:yaml.org,2002:bool', 'yes')).toEqual({ text: 'true' })
    expect(resolveTagged('tag:yaml.org,2002:int', 'x')).toBeUndefined()
    expect(resolveTagged('!foo', 'x')).toBeUndefined()
  })
})
