// Line ends and marks that a file may have besides its text.
import type { ChangelogFile } from '../generate/model.ts'

export function finish(file: ChangelogFile, text: string): string {
  const lines = file.crlf ? text.replaceAll('\n', '\r\n') : text
  return file.byteOrderMark ? `\uFEFF${lines}` : lines
}
