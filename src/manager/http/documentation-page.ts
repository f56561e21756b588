// The OpenAPI document as one readable page: no script, nothing loaded from elsewhere.
import type { Json } from './openapi.ts'

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escape = (text: unknown): string => String(text).replace(/[&<>"']/g, (character) => escapes[character] ?? '')
/** Summaries use backticks for code. */
const prose = (text: unknown): string => escape(text).replace(/`([^`]+)`/g, '<code>$1</code>')

const style = `
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
code,pre{font:14px/1.4 ui-monospace,monospace}
pre{overflow:auto;padding:.75rem;border:1px solid #8886;border-radius:4px}
section{border-top:1px solid #8886;margin-top:1.5rem}
h3{margin-bottom:0}.method{display:inline-block;min-width:4.5em}
table{border-collapse:collapse}td,th{text-align:left;padding:.15rem 1rem .15rem 0;vertical-align:top}
nav li{display:inline-block;margin-right:1rem}nav ul{padding:0}
`

interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly 'x-access': string
  readonly parameters: readonly { name: string; in: string; required: boolean; description?: string; schema: Json }[]
  readonly requestBody?: Content
  readonly responses: Readonly<Record<string, Content>>
}
interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Json }>>
}
interface Document {
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Json>> }
}

const slug = (text: string): string => text.toLowerCase().replace(/\W+/g, '-')

/** JSON with references to components as links. */
const schemaText = (schema: unknown): string =>
  `<pre>${escape(JSON.stringify(schema, null, 2)).replace(
    /&quot;#\/components\/schemas\/(\w+)&quot;/g,
    '<a href="#schema-$1">$1</a>',
  )}</pre>`

function parametersTable(operation: Operation): string {
  if (operation.parameters.length === 0) return ''
  const rows = operation.parameters.map(
    ({ name, in: place, required, description = '', schema }) =>
      `<tr><td><code>${escape(name)}</code></td><td>${place}${required ? ', required' : ''}</td>` +
      `<td>${prose(description)} ${'default' in schema ? `Default <code>${escape(schema['default'])}</code>.` : ''}</td></tr>`,
  )
  return `<table><tr><th>Parameter</th><th>In</th><th></th></tr>${rows.join('')}</table>`
}

const contentDetails = (title: string, part: Content | undefined): string =>
  Object.entries(part?.content ?? {})
    .map(
      ([type, { schema }]) =>
        `<details><summary>${title} <code>${escape(type)}</code></summary>${schemaText(schema)}</details>`,
    )
    .join('')

function operationText(path: string, method: string, operation: Operation): string {
  const success = Object.keys(operation.responses).find((status) => status.startsWith('2')) ?? '200'
  return `<h3 id="${escape(operation.operationId)}"><code><span class="method">${method.toUpperCase()}</span> ${escape(path)}</code></h3>
<p>${prose(operation.summary)}. Needs: <code>${escape(operation['x-access'])}</code>. Answers <code>${success}</code>.</p>
${parametersTable(operation)}${contentDetails('Request', operation.requestBody)}${contentDetails('Answer', operation.responses[success])}`
}

export function documentationPage(source: Json): string {
  const { info, tags, paths, components } = source as unknown as Document
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const sections = tags.map(({ name }) => {
    const own = operations.filter(({ operation }) => operation.tags.includes(name))
    const text = own.map(({ path, method, operation }) => operationText(path, method, operation))
    return `<section id="${slug(name)}"><h2>${escape(name)}</h2>${text.join('\n')}</section>`
  })
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `<h3 id="schema-${name}"><code>${name}</code></h3>${schemaText(schema)}`,
  )
  const contents = tags.map(({ name }) => `<li><a href="#${slug(name)}">${escape(name)}</a></li>`)
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escape(info.title)} API</title><style>${style}</style></head><body><main>
<h1>${escape(info.title)} API ${escape(info.version)}</h1>
<p>${prose(info.description)} The machine-readable form is <a href="openapi.json">openapi.json</a>.</p>
<nav aria-label="Contents"><ul>${contents.join('')}<li><a href="#schemas">Schemas</a></li></ul></nav>
${sections.join('\n')}
<section id="schemas"><h2>Schemas</h2>${schemas.join('\n')}</section>
</main></body></html>`
}
