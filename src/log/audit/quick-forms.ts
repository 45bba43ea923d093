/** What stands at its place in the lines of every read and list of documents (docs/protocol/entry.md, request-signature.md). */
import { Fixed } from './line-bytes.ts'

const fixed = <Name extends string>(texts: Readonly<Record<Name, string>>) =>
  Object.fromEntries(Object.entries<string>(texts).map(([name, text]) => [name, new Fixed(text)])) as Record<
    Name,
    Fixed
  >

/** Fixed texts of a link. */
export const LINK = fixed({
  record: '{"v":1,"record":"',
  n: '","n":',
  prev: ',"prev":"',
  salt: '","salt":"',
  end: '"}',
})
/** Of an event, up to the base of its request and from there on. */
export const EVENT = fixed({
  ...{ t: '{"t":"', patient: 'Z","actor":{"kind":"patient","id":"' },
  ...{ professional: 'Z","actor":{"kind":"professional","id":"' },
  ...{ establishment: 'Z","actor":{"kind":"establishment","id":"', key: '","key":"' },
  ...{ acting: '","acting":', actorEnd: '"},"action":"document.', actingEnd: '},"action":"document.' },
  ...{ read: 'read","object":{"document":"', list: 'list","object":{"ids":"', count: '","count":' },
  ...{ reason: '","reason":"', objectEnd: '"},"outcome":"', listEnd: '},"outcome":"' },
  ...{ ok: 'ok","grant":', refused: 'refused","grant":', none: 'null', quote: '"' },
  ...{ state: ',"state":', request: ',"request":{"base":"' },
  ...{ signature: '","signature":"', salt: '"},"salt":"', end: '"}' },
})
/** Quotes and line feeds as JSON escapes them. */
const escaped = (text: string) => JSON.stringify(text).slice(1, -1)
const covered = (...names: string[]) => names.map(name => `"${name}"`).join(' ')
/** Of a signature base, as JSON writes it in an event. */
export const BASE = fixed({
  method: escaped('"@method": GET\n"@authority": '),
  path: escaped('\n"@path": /v1/records/'),
  ...{ documents: '/documents', document: '/' },
  query: escaped('\n"@query": ?'),
  digest: escaped('\n"content-digest": sha-256=:'),
  tree: escaped('=:\n"coffre-seen": tree='),
  ...{ colon: ':', chain: ', chain=', receipt: ', receipt=' },
  end: escaped('\n'),
  session: escaped('"coffre-session": '),
  acting: escaped('"coffre-acting": '),
  parameters: escaped(
    `"@signature-params": (${covered('@method', '@authority', '@path', '@query', 'content-digest', 'coffre-seen')}`,
  ),
  coversSession: escaped(' "coffre-session"'),
  coversActing: escaped(' "coffre-acting"'),
  created: ');created=',
  nonce: escaped(';nonce="'),
  keyId: escaped('";keyid="'),
  algorithm: escaped('";alg="ed25519";tag="coffre-v1"'),
})
