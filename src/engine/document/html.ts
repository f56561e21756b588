// HTML of the documentation pages: everything from outside is escaped here and nowhere else.

/** Text that is safe as HTML. Made by `html` and `raw` only. */
export interface Html {
  readonly html: string
}

type Part = Html | string | number | undefined | readonly Html[]

/** A template whose values are escaped unless they are HTML already. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: texts.map((text, index) => text + shown(parts[index])).join('') }
}

function shown(part: Part): string {
  if (part === undefined) return ''
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part))
  return 'html' in part ? part.html : part.map((one) => one.html).join('\n')
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (found) => entities[found] ?? '')

export interface Page {
  /** Relative to the folder of the documentation, with `/`. */
  readonly path: string
  readonly title: string
  readonly body: Html
}

/** The whole text of a file. Nothing in it is loaded from anywhere else, and no script runs. */
export function pageText({ path, title, body }: Page, foot: Html): string {
  const up = '../'.repeat(path.split('/').length - 1)
  const links = [
    ['index.html', 'Overview'],
    ['currenttables.html', 'Tables'],
    ['authors.html', 'Authors'],
    ['changelogs.html', 'Changelogs'],
    ['pending/index.html', 'Pending'],
    ['pending/sql.html', 'Pending SQL'],
    ['recent/index.html', 'Recent'],
  ].map(([target = '', name = '']) => html`<a href="${up}${target}">${name}</a>`)
  return html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'">
<title>${title}</title>
<link rel="stylesheet" href="${up}stylesheet.css">
</head>
<body>
<nav>${links}</nav>
<main>
<h1>${title}</h1>
${body}
</main>
<footer>${foot}</footer>
</body>
</html>
`.html
}

export const stylesheet = `body { font: 15px/1.5 system-ui, sans-serif; margin: 0; color: #1c2430; background: #fff }
nav { display: flex; flex-wrap: wrap; gap: 1em; padding: .7em 1.5em; background: #eef1f6 }
main { padding: 0 1.5em 1.5em; max-width: 80em }
table { border-collapse: collapse; width: 100%; margin: 0 0 1.5em }
th, td { text-align: left; vertical-align: top; padding: .35em .7em; border-bottom: 1px solid #d8dee8 }
th { background: #f6f8fb }
pre { background: #f6f8fb; padding: .8em; overflow: auto }
footer { padding: 1em 1.5em; color: #5a6675; border-top: 1px solid #d8dee8 }
a { color: #0b57a4 }
@media (prefers-color-scheme: dark) {
  body { color: #dfe5ee; background: #12161c }
  nav, th, pre { background: #1d242e }
  th, td, footer { border-color: #303a48 }
  a { color: #7db5f0 }
}
`
