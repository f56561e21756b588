import { describe, expect, test } from 'vitest'
import { leavesRoot, normalisePath, resolvePath, storedLogicalPath } from './path.ts'

describe('paths', () => {
  test.each([
    ['./m.xml', 'm.xml'],
    ['/m.xml', 'm.xml'],
    ['sub/../m.xml', 'm.xml'],
    ['a//b/./c/', 'a/b/c'],
    ['C:\\a\\b.sql', 'a/b.sql'],
    ['classpath:db/x.yaml', 'db/x.yaml'],
    ['classpath:/db/x.yaml', 'db/x.yaml'],
    ['../x', '../x'],
    ['a/../../x', '../x'],
    ['', ''],
  ])('%j is normally %j', (path, expected) => {
    expect(normalisePath(path)).toBe(expected)
  })

  test('a logicalFilePath keeps what it is, but for backslashes and one leading slash', () => {
    expect(storedLogicalPath('/x\\y/../z.xml')).toBe('x/y/../z.xml')
    expect(storedLogicalPath('//x')).toBe('/x')
    expect(storedLogicalPath('C:\\a/b/')).toBe('C:/a/b/')
  })

  test('relative paths are next to the file', () => {
    expect(resolvePath('../leaf.xml', 'sub/k.xml')).toBe('leaf.xml')
    expect(resolvePath('leaf.xml', 'k.xml')).toBe('leaf.xml')
    expect(resolvePath('/leaf.xml', undefined)).toBe('leaf.xml')
    expect(leavesRoot(resolvePath('../../leaf.xml', 'sub/k.xml'))).toBe(true)
    expect(leavesRoot('..foo/x')).toBe(false)
  })
})
