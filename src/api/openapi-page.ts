/** The API's description as a page to read: no script, nothing fetched from anywhere. */
import { createHash } from 'node:crypto'
import type { ApiDescription, Json } from './openapi.ts'

const STYLE = `
  :root { color-scheme: light dark; --line: light-dark(#d0d7de, #3d444d); --soft: light-dark(#f6f8fa, #151b23); }
  body { font: 1rem/1.55 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
  h1 { font-size: 1.6rem } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line) }
  code, pre { font-family: ui-monospace, monospace; font-size: .875rem }
  pre { background: var(--soft); padding: .75rem 1rem; overflow: auto; border-radius: .375rem }
  details { border: 1px solid var(--line); border-radius: .375rem; margin: .5rem 0; padding: .5rem 1rem }
  summary { cursor: pointer } summary code { font-weight: 600 }
  summary span { display: block; padding-left: 1rem }
  table { border-collapse: collapse; width: 100% } td, th { text-align: left; padding: .25rem .75rem .25rem 0;
    border-bottom: 1px solid var(--line); vertical-align: top }
  dt { font-weight: 600 } dd { margin: 0 0 .5rem 1rem }
`

/** What the page may load: its own style, known by its hash. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** The whole page. */
export function pageOf({ info, paths, components }: ApiDescription): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => operationHtml(method.toUpperCase(), path, operation)),
  )
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) =>
      `<details id="${escaped(name)}"><summary><code>${escaped(name)}</code></summary>${json(schema)}</details>`,
  )
  const problems = Object.values(components.examples).map(
    ({ value }) =>
      `<tr><td>${value.status}</td><td><code>${escaped(value.code)}</code></td><td>${escaped(value.title)}. ${escaped(value.detail)}</td></tr>`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(info.title)}: API</title>
<style>${STYLE}</style>
<h1>${escaped(info.title)}: API</h1>
<p>${escaped(info.description)} The same for programs: <a href="openapi.json">openapi.json</a>.</p>
<h2>Routes</h2>
${operations.join('\n')}
<h2>Problems</h2>
<table><thead><tr><th>status</th><th>code</th><th>what it is and what to do</th></tr></thead><tbody>
${problems.join('\n')}
</tbody></table>
<h2>Messages</h2>
${schemas.join('\n')}
</html>
`
}

type Operation = ApiDescription['paths'][string][string]

function operationHtml(method: string, path: string, operation: Operation): string {
  const { summary, servers, security, parameters, requestBody, responses } = operation
  const callers = security.flatMap(({ signature }) => (Array.isArray(signature) ? signature : []))
  const rows: [string, string][] = [
    ['listener', escaped(servers.map(({ description }) => description).join(', '))],
    ['signed by', callers.length === 0 ? 'nobody' : escaped(callers.join(', '))],
    ...parameters.flatMap((parameter): [string, string][] =>
      '$ref' in parameter
        ? []
        : [[`${parameter.in}: ${escaped(parameter.name)}`, escaped(parameter.description ?? text(parameter.schema))]],
    ),
    ...(requestBody === undefined ? [] : [['body', reference(requestBody.content)] as [string, string]]),
    ['answer', reference((responses[200] as { readonly content: Json }).content)],
  ]
  const list = rows.map(([term, description]) => `<dt>${term}</dt><dd>${description}</dd>`).join('')
  return `<details><summary><code>${method} ${escaped(path)}</code><span>${escaped(summary)}</span></summary><dl>${list}</dl></details>`
}

/** What a content's schema is: a link to the message, or the schema itself. */
function reference(content: Json | undefined): string {
  const [media = '', body] =
    Object.entries(content as Record<string, { readonly schema: { readonly $ref?: string } }>)[0] ?? []
  const name = body?.schema.$ref?.split('/').at(-1)
  if (name !== undefined) return `<a href="#${escaped(name)}">${escaped(name)}</a>`
  return media === 'application/json' ? json(body?.schema as Json) : escaped(media)
}

const json = (value: Json) => `<pre>${escaped(JSON.stringify(value, null, 2))}</pre>`
const text = (value: Json) => JSON.stringify(value)

function escaped(value: string): string {
  const marks: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }
  return value.replaceAll(/[&<>"]/g, mark => marks[mark] ?? '')
}
