// Paths of changelog files: one normal form, so that the same file has one name however it was written.

/**
 * The normal form that identities and look-ups use: `classpath:` and a drive letter cut, `\` is `/`, one leading `/` cut,
 * `.`, `..` and empty parts resolved, no trailing `/`. A path that climbs above its root keeps its leading `..`.
 */
export function normalisePath(path: string): string {
  if (isNormal.test(path)) return path
  const plain = path
    .replace(/^classpath:/i, '')
    .replaceAll('\\', '/')
    .replace(/^[A-Za-z]:/, '')
  const parts: string[] = []
  for (const part of plain.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else parts.push(part)
  }
  return parts.join('/')
}

/** Most paths are; each change set and each row of the history asks several times. */
const isNormal = /^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*$/

/** What FILENAME holds for a `logicalFilePath`: only `\` becomes `/` and one leading `/` goes; `..` stays as written. */
export function storedLogicalPath(path: string): string {
  return path.replaceAll('\\', '/').replace(/^\//, '')
}

/** A path that stands in a file, seen from the search path: next to that file when relative, from the root otherwise. */
export function resolvePath(path: string, fromFile: string | undefined): string {
  if (fromFile === undefined) return normalisePath(path)
  const slash = fromFile.lastIndexOf('/')
  const folder = slash < 0 ? '' : fromFile.slice(0, slash)
  return normalisePath(`${folder}/${path.replace(/^classpath:/i, '')}`)
}

/** Whether a normalised path climbs above the search path. */
export function leavesRoot(path: string): boolean {
  return path === '..' || path.startsWith('../')
}
