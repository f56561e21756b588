// A file source in memory, for tests and for text that never was a file.
import { Fault } from '#contract/fault'
import { type FileSource, sourceLimits } from './source.ts'

/** Files by path. Strings are taken as UTF-8. */
export function memorySource(files: Readonly<Record<string, string | Uint8Array>>): FileSource {
  const contents = new Map<string, Uint8Array>()
  for (const [path, content] of Object.entries(files)) {
    contents.set(path, typeof content === 'string' ? new TextEncoder().encode(content) : content)
  }
  return {
    read(path) {
      const content = contents.get(path)
      if (content && content.byteLength > sourceLimits.fileBytes) {
        return Promise.reject(new Fault('too-large', `${path} is larger than ${sourceLimits.fileBytes} bytes.`))
      }
      return Promise.resolve(content)
    },
    list(folder) {
      const prefix = folder === '' ? '' : `${folder}/`
      const found = [...contents.keys()].filter((path) => path.startsWith(prefix))
      return Promise.resolve(found.length === 0 ? undefined : found)
    },
  }
}
