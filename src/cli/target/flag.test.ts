import { describe, expect, test } from 'vitest'
import { normaliseArguments } from './flag.ts'

const normal = (...raw: string[]) => normaliseArguments(raw, (name) => ['update', 'update-sql', 'tag'].includes(name))

describe('arguments', () => {
  test('may have global flags before the command', () => {
    expect(normal('--url=jdbc:x', '--username', 'tag', 'update', '--contexts=a').args).toEqual([
      'update',
      '--url=jdbc:x',
      '--username',
      'tag',
      '--contexts=a',
    ])
  })

  test('may be written in camel case and under their other names', () => {
    expect(normal('update', '--changeLogFile=a.xml', '--labels', 'x', '--contextFilter=y', '-Da=b').args).toEqual([
      'update',
      '--changelog-file=a.xml',
      '--label-filter',
      'x',
      '--contexts=y',
      '-Da=b',
    ])
    expect(normal('--url=x', 'updateSQL').args[0]).toBe('updateSQL')
  })

  test('that only the original engine understands are left out and named', () => {
    expect(normal('--driver=org.x', 'update', '--classpath', 'a.jar', '--headless', '--url=x')).toEqual({
      args: ['update', '--url=x'],
      ignored: ['--driver', '--classpath', '--headless'],
    })
  })

  test('keep values that look like flags or hold line ends', () => {
    expect(normal('update', '--password=--url=x\ny').args).toEqual(['update', '--password=--url=x\ny'])
  })

  test('without a command stay as they are', () => {
    expect(normal('--help').args).toEqual(['--help'])
    expect(normal('nonsense', '--url=x').args).toEqual(['nonsense', '--url=x'])
  })
})
