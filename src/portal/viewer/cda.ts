/**
 * A CDA R2 document as HTML: its header in a few lines, its narrative (CDA R2 §4.3.5) tag by tag from a list. What is not on
 * the list is left out with its attributes: styles, links, references to files elsewhere, scripts that a viewer might run.
 */
import type { Words } from '../words/words.ts'
import { escaped } from './escape.ts'

const NAMESPACE = 'urn:hl7-org:v3'

/** Narrative element → HTML element; `''` keeps what is inside alone. */
const NARRATIVE: Readonly<Record<string, string>> = {
  paragraph: 'p',
  list: 'ul',
  item: 'li',
  table: 'table',
  thead: 'thead',
  tbody: 'tbody',
  tfoot: 'tfoot',
  tr: 'tr',
  th: 'th',
  td: 'td',
  caption: 'strong',
  content: '',
  linkHtml: '',
  sub: 'sub',
  sup: 'sup',
  br: 'br',
}

/** Deepest nesting followed: no document for people has more. */
const DEPTH_MAX = 64

interface Policies {
  createPolicy(name: string, rules: { createHTML(text: string): string }): { createHTML(text: string): string }
}

/** Trusted Types stand before the parser too, since its result could be put into a page; this one's never is. */
const policy = (globalThis as { trustedTypes?: Policies }).trustedTypes?.createPolicy('coffre-cda', {
  createHTML: text => text,
})

function trustedXml(text: string): string {
  return policy === undefined ? text : policy.createHTML(text)
}

/** HTML, everything of the document's escaped. A text that is no XML says so. */
export function cdaPage(bytes: Uint8Array, { cda }: Words): string {
  // The platform's parser fetches nothing and runs nothing: the result is a tree, never part of a page.
  const document = new DOMParser().parseFromString(trustedXml(decoded(bytes)), 'text/xml')
  const root = document.documentElement
  if (root.localName !== 'ClinicalDocument' || root.namespaceURI !== NAMESPACE) return `<p>${escaped(cda.none)}</p>`
  const title = textOf(child(root, 'title'))
  const facts = [
    [cda.patient, nameIn(path(root, 'recordTarget', 'patientRole', 'patient', 'name'))],
    [cda.author, nameIn(path(root, 'author', 'assignedAuthor', 'assignedPerson', 'name'))],
    [cda.date, dateOf(child(root, 'effectiveTime')?.getAttribute('value') ?? '')],
  ].filter(([, value]) => value !== '')
  const sections = [...root.getElementsByTagNameNS(NAMESPACE, 'section')].map(sectionHtml).join('')
  return [
    title === '' ? '' : `<h1>${escaped(title)}</h1>`,
    facts.length === 0 ? '' : `<dl>${facts.map(([name = '', value = '']) => fact(name, value)).join('')}</dl>`,
    sections === '' ? `<p>${escaped(cda.none)}</p>` : sections,
  ].join('')
}

const fact = (name: string, value: string) => `<dt>${escaped(name)}</dt><dd>${escaped(value)}</dd>`

/** Its own title and text; sections inside it come by themselves. */
function sectionHtml(section: Element): string {
  const title = textOf(child(section, 'title'))
  const text = child(section, 'text')
  return `${title === '' ? '' : `<h2>${escaped(title)}</h2>`}${text === null ? '' : `<div>${narrative(text, 0)}</div>`}`
}

function narrative(parent: Node, depth: number): string {
  if (depth > DEPTH_MAX) return ''
  let html = ''
  for (const node of parent.childNodes) {
    if (node.nodeType === Node.TEXT_NODE || node.nodeType === Node.CDATA_SECTION_NODE) {
      html += escaped(node.nodeValue ?? '')
    } else if (node instanceof Element && Object.hasOwn(NARRATIVE, node.localName)) {
      const tag = NARRATIVE[node.localName] ?? ''
      const inside = narrative(node, depth + 1)
      html += tag === '' ? inside : tag === 'br' ? '<br>' : `<${tag}${spanOf(node)}>${inside}</${tag}>`
    }
  }
  return html
}

/** Cells over several columns or rows: numbers alone. */
function spanOf(cell: Element): string {
  return ['colspan', 'rowspan']
    .map(name => [name, cell.getAttribute(name) ?? ''] as const)
    .filter(([, value]) => /^[1-9]\d?$/.test(value))
    .map(([name, value]) => ` ${name}="${value}"`)
    .join('')
}

function child(parent: Element, name: string): Element | null {
  return [...parent.children].find(each => each.localName === name && each.namespaceURI === NAMESPACE) ?? null
}

function path(from: Element, ...names: string[]): Element | null {
  return names.reduce<Element | null>((at, name) => (at === null ? null : child(at, name)), from)
}

const textOf = (element: Element | null) => (element?.textContent ?? '').replaceAll(/\s+/g, ' ').trim()

function nameIn(name: Element | null): string {
  if (name === null) return ''
  return name.children.length === 0 ? textOf(name) : [...name.children].map(textOf).filter(Boolean).join(' ')
}

/** `20210401…` as `01/04/2021`. */
function dateOf(value: string): string {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)/.exec(value) ?? []
  return year === undefined ? '' : `${day}/${month}/${year}`
}

/** In the encoding that the document declares, UTF-8 unless it does. */
function decoded(bytes: Uint8Array): string {
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 200))
  const declared = /^\s*<\?xml[^>]*encoding\s*=\s*["']([\w-]+)["']/.exec(start)?.[1] ?? 'utf-8'
  const label = /^(iso-8859-1|iso-8859-15|windows-1252)$/i.test(declared) ? declared : 'utf-8'
  return new TextDecoder(label).decode(bytes)
}
