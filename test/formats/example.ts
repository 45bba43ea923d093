/** The worked examples of docs/protocol: blocks that show one case of the vectors, and are written from it. */
import { fromBase64url, fromUtf8, toHex, utf8 } from '../../src/crypto/bytes.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import type { VectorFile } from './formats.ts'
import type { Json } from './vector-file.ts'

/** A fenced block: which file, which case, what it says now. */
const BLOCK = /```example ([a-z-]+) "([^"\n]+)"\n([\s\S]*?)```/g

/** Longest value shown whole, in characters: on a line, and as hexadecimal in several. */
const WHOLE = 160
const WRAPPED = 512

export interface ExampleBlock {
  readonly file: string
  readonly name: string
  readonly text: string
}

export function examplesIn(page: string): ExampleBlock[] {
  return [...page.matchAll(BLOCK)].map(([, file, name, text]) => ({ file, name, text }) as ExampleBlock)
}

/** The page with each block written anew. */
export function withExamples(page: string, write: (block: ExampleBlock) => string): string {
  return page.replaceAll(BLOCK, (_, file: string, name: string, text: string) => {
    return `\`\`\`example ${file} "${name}"\n${write({ file, name, text })}\`\`\``
  })
}

/** What a block says of a case. */
export function exampleText(file: VectorFile, name: string): string {
  const found = file.cases.find(each => each.name === name)
  if (found === undefined) throw new Error(`${file.format}.json has no case "${name}"`)
  const sections = (['writer', 'given', 'opens'] as const).flatMap(part => {
    const members = Object.entries((found[part] ?? {}) as Record<string, Json>)
    if (members.length === 0) return []
    const width = Math.max(...members.map(([member]) => member.length)) + 2
    const lines = members.flatMap(([member, value]) =>
      shown(value).map((line, i) => `  ${(i === 0 ? member : '').padEnd(width)}${line}`.trimEnd()),
    )
    return [part, ...lines]
  })
  return `${sections.join('\n')}\n`
}

function shown(value: Json): string[] {
  if (typeof value === 'string') return shownText(value)
  if (typeof value !== 'object' || value === null) return [String(value)]
  const short = JSON.stringify(value)
  if (short.length <= WHOLE) return [short]
  const entries: [string, Json][] = Array.isArray(value)
    ? value.map((each, i) => [`[${i}]`, each])
    : Object.entries(value)
  return entries.flatMap(([member, each]) =>
    shown(each).map((line, i) => (i === 0 ? `${member}  ${line}` : `  ${line}`)),
  )
}

function shownText(text: string): string[] {
  if (/^[\w-]+\.[\w-]+\.[\w-]+(~[\w-]+\.\.[\w-]+)?$/.test(text)) return shownStatement(text)
  if (text.includes('\n')) return text.split('\n')
  if (/^[0-9a-f]*$/.test(text) && text.length <= WRAPPED) return wrapped(text)
  return [text === '' ? '""' : shortened(text)]
}

/** Hexadecimal in lines. */
function wrapped(text: string): string[] {
  return text.match(/.{1,128}/g) ?? ['""']
}

/** A long value by both its ends, its length and its hash. */
function shortened(text: string): string {
  if (text.length <= WHOLE) return text
  const hexadecimal = /^[0-9a-f]+$/.test(text)
  const bytes = hexadecimal ? Uint8Array.fromHex(text) : /^[\w-]+$/.test(text) ? fromBase64url(text) : utf8(text)
  const unit = hexadecimal || /^[\w-]+$/.test(text) ? 'bytes' : 'characters'
  return `${text.slice(0, 48)}…${text.slice(-16)} (${bytes.length} ${unit}, SHA-256 ${toHex(sha256(bytes)).slice(0, 16)}…)`
}

/** A statement by what it says; its text is in the vectors. */
function shownStatement(text: string): string[] {
  const [first, second] = text.split('~') as [string, string?]
  const [header, payload, signature] = first.split('.') as [string, string, string]
  const [header2, , signature2] = second?.split('.') ?? []
  const value = (part: string): Json => JSON.parse(fromUtf8(fromBase64url(part)))
  const said = (part: string) =>
    JSON.stringify(value(part), (_, each) => (typeof each === 'string' ? shortened(each) : each))
  const lines = [said(header), ...shown(value(payload)).map(line => `  ${line}`), shortened(signature)]
  const raw = text.length <= WRAPPED ? [text] : []
  return [...raw, ...lines, ...(header2 && signature2 ? [`~ ${said(header2)}`, shortened(signature2)] : [])]
}
