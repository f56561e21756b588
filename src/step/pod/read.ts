// Reads files that a container of somebody else wrote: plain files only, because a link would lead into this container, and a pipe would
// keep whoever opens it; and no more of them than was asked for.
import { constants } from 'node:fs'
import { open } from 'node:fs/promises'

/** The first or last bytes of the file as text; empty where there is none, or something else. */
export async function readForeign(path: string, bytes: number, part: 'first' | 'last' = 'first'): Promise<string> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const status = await file.stat()
      if (!status.isFile()) return ''
      const length = Math.min(bytes, status.size)
      const position = part === 'first' ? 0 : status.size - length
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(length), position })
      return buffer.subarray(0, bytesRead).toString('utf8')
    } finally {
      await file.close()
    }
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENXIO'].includes((error as NodeJS.ErrnoException).code ?? '')) return ''
    throw error
  }
}
