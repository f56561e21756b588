// Changes whose main part is one text, in the changelog or in a file: views and procedures.
import { withoutBlanks, withSingleBlanks } from './blank.ts'
import type { ChangeContext, ChecksumForm } from './change.ts'
import { md5OfBytes, md5OfText } from './digest.ts'
import { readFileBytes, readFileText } from './file.ts'
import { type PrintedObject, serialise } from './serialise.ts'

export interface Body {
  readonly text: string | undefined
  readonly path: string | undefined
  readonly relativeToChangelogFile: boolean | undefined
  readonly encoding: string | undefined
}

/** A file has its properties expanded now; a text in the changelog had them when it was read. */
export async function bodyText(body: Body, context: ChangeContext): Promise<string> {
  const { path, encoding, relativeToChangelogFile: relative } = body
  if (path === undefined) return body.text ?? ''
  return context.expand(await readFileText(context, { path, encoding, relative }))
}

/**
 * Version 9 joins the digest of the attributes and that of the text without blanks; version 8 the attributes, which there
 * hold the text, and for a file its bytes.
 */
export async function bodyChecksum(
  name: string,
  body: Body,
  printed: PrintedObject,
  form: ChecksumForm,
  context: ChangeContext,
): Promise<string> {
  const own = `${form.version}:${md5OfText(serialise(name, printed))}`
  if (form.version === 9) {
    const stripped = Buffer.from(withoutBlanks(await bodyText(body, context)), 'utf8')
    return `9:${md5OfText(`${own}:9:${md5OfBytes(stripped)}`)}`
  }
  if (body.path === undefined) return own
  const bytes = Buffer.from(await readFileBytes(context, body.path, body.relativeToChangelogFile)).toString('latin1')
  const file = md5OfBytes(Buffer.from(`;:false:false:${withSingleBlanks(bytes)}`, 'latin1'))
  return `8:${md5OfText(`${own}:8:${file}`)}`
}
