// Serves the built web: files under their own names, and the page itself for every address that the browser routes.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { App } from './correlation.ts'
import { pageHeaders } from './security.ts'

interface WebFile {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly gzip: Uint8Array<ArrayBuffer> | undefined
  readonly headers: Readonly<Record<string, string>>
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}
const compressible = new Set(['.html', '.js', '.css', '.json', '.svg', '.txt', '.webmanifest'])

function readWebFile(directory: string, name: string): WebFile {
  const bytes = new Uint8Array(readFileSync(join(directory, name)))
  const extension = extname(name)
  // The bundler puts a digest of the content into the names of assets; everything else must be asked for again.
  const hashed = name.startsWith('assets/')
  return {
    bytes,
    gzip: compressible.has(extension) && bytes.length > 1024 ? new Uint8Array(gzipSync(bytes)) : undefined,
    headers: {
      ...pageHeaders,
      'content-type': types[extension] ?? 'application/octet-stream',
      'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`,
    },
  }
}

function answerFile(file: WebFile, request: Request): Response {
  const gzip = /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '') ? file.gzip : undefined
  const headers = {
    ...file.headers,
    ...(file.gzip ? { vary: 'accept-encoding' } : {}),
    ...(gzip ? { 'content-encoding': 'gzip', etag: `W/${file.headers['etag']}` } : {}),
  }
  if (request.headers.get('if-none-match') === headers.etag) return new Response(null, { status: 304, headers })
  return new Response(gzip ?? file.bytes, { headers })
}

/** Only names that were there at the start are ever opened, so no path of a request can leave the directory. */
export function serveWeb(app: App, directory: string): void {
  // Without a built web the API still works.
  const entries = existsSync(directory) ? readdirSync(directory, { recursive: true, withFileTypes: true }) : []
  const names = new Set(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(directory, join(entry.parentPath, entry.name)).split(sep).join('/')),
  )
  const read = new Map<string, WebFile>()
  const fileOf = (name: string): WebFile => {
    const file = read.get(name) ?? readWebFile(directory, name)
    read.set(name, file)
    return file
  }
  app.get('*', (context, next) => {
    const { path } = context.req
    const name = path.slice(1)
    if (names.has(name)) return answerFile(fileOf(name), context.req.raw)
    const isPage = context.req.header('accept')?.includes('text/html') && !/^\/(?:v1|d\/v1|assets)(?:\/|$)/.test(path)
    if (isPage && names.has('index.html')) return answerFile(fileOf('index.html'), context.req.raw)
    return next()
  })
}
