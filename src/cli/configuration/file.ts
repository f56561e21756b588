// Documents in files: every .yaml and .yml of a folder and those below it, and a tidy folder for an export.
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { parseAllDocuments, stringify } from 'yaml'
import { Fault } from '#contract/fault'
import { type EntityDocument, readDocument } from './document.ts'

/** Bytes of a file; larger ones are something else. */
const maxBytes = 4_194_304

/** Documents of a file, or of all files of a folder in the order of their names. */
export async function readDocuments(path: string): Promise<EntityDocument[]> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new Fault('usage', `${path} cannot be read: ${(cause as Error).message}`, { cause })
  })
  const files = info.isDirectory()
    ? (await readdir(path, { recursive: true }))
        .filter((name) => /\.ya?ml$/.test(name))
        .toSorted()
        .map((name) => join(path, name))
    : [path]
  const found: EntityDocument[] = []
  for (const file of files) found.push(...(await readFileDocuments(file)))
  return found
}

async function readFileDocuments(file: string): Promise<EntityDocument[]> {
  const text = await readFile(file, 'utf8')
  if (Buffer.byteLength(text) > maxBytes) throw new Fault('too-large', `${file} is larger than ${maxBytes} bytes.`)
  const documents = parseAllDocuments(text, { maxAliasCount: 100 } as never)
  return [...documents].flatMap((document, index) => {
    const [error] = document.errors
    if (error) throw new Fault('invalid-input', `${file}: ${error.message}`)
    const value = document.toJS({ maxAliasCount: 100 }) as unknown
    return value === null ? [] : [readDocument(value, `${file}, document ${index + 1}`)]
  })
}

/** `shop/db-instance/app.dev.yaml` and the like: names that every file system keeps. */
function pathOf({ kind, organization, project, schema, pipeline, identifier }: EntityDocument): string {
  const folder = [organization, project].filter((part) => part !== undefined)
  const name = [schema, pipeline, identifier].filter((part) => part !== undefined).join('.')
  return join(...folder, kind, `${name}.yaml`)
}

/** Writes one file for each document. Gives their paths below the folder. Refuses a folder that holds anything. */
export async function writeDocuments(folder: string, documents: readonly EntityDocument[]): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  if ((await readdir(folder)).length > 0)
    throw new Fault('usage', `${folder} is not empty.`, { hint: 'Give a new folder; compare and copy from there.' })
  const written: string[] = []
  for (const document of documents) {
    const path = join(folder, pathOf(document))
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, stringify(document, { lineWidth: 0 }), { flag: 'wx' })
    written.push(relative(folder, path))
  }
  return written
}
