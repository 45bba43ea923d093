/** The reader that audits ask first, held to what everybody reads: it may leave a line to others, never read it otherwise. */
import { isDeepStrictEqual } from 'node:util'
import { EntryInBytes } from '../../../src/cli/audit/entry-lines.ts'
import { toBase64url, utf8 } from '../../../src/crypto/bytes.ts'
import { sha256 } from '../../../src/crypto/hash.ts'
import { newNonce, parseBase, parseRequestSignature, signRequest } from '../../../src/crypto/httpsig.ts'
import { SigningKey } from '../../../src/crypto/sign.ts'
import { QuickReader } from '../../../src/log/audit/quick-entry.ts'
import { parseEvent, parseLink, writeEntry } from '../../../src/log/entry.ts'
import { formatSeen, parseSeen } from '../../../src/log/seen.ts'
import type { Actor, Event } from '../../../src/protocol/entry.ts'
import type { DocumentId, Hash, Instant, NationalId, RecordId } from '../../../src/protocol/ids.ts'
import { AT, newId } from '../../fixtures/document.ts'
import { mutateJson } from '../mutate.ts'
import { target } from '../target.ts'

const key = SigningKey.generate()
const hash = toBase64url(sha256(utf8('h'))) as Hash
const [record, document] = [newId<RecordId>(), newId<DocumentId>()]
const acting = {
  ...{ id: '899700218896', idSystem: 'urn:oid:1.2', name: 'LEFÈVRE Zoé', role: 'IDE', authMethod: 'card' },
  authTime: AT.toISOString() as Instant,
}

function lines(actor: Actor, act: Pick<Event, 'action' | 'object' | 'outcome'>, headers: Record<string, string>) {
  const path = `/v1/records/${record}/documents${act.action === 'document.list' ? '' : `/${document}`}`
  const query = act.action === 'document.list' ? '?after=3' : ''
  const seen = formatSeen({ tree: { size: 12, root: hash }, chain: { n: 3, hash } })
  const request = {
    method: 'GET',
    authority: 'host.example:8443',
    path,
    query,
    headers: { 'coffre-seen': seen, ...headers },
  }
  const signer = { keyId: `key:${hash}`, key, created: 1_800_000_000, nonce: newNonce() }
  const signed = { ...request.headers, ...signRequest({ ...request, body: new Uint8Array(0) }, signer) }
  const { base, signature } = parseRequestSignature({ ...request, headers: signed })
  const written = writeEntry(
    { record, n: 4, prev: hash },
    {
      t: AT.toISOString() as Instant,
      actor,
      ...act,
      grant: hash,
      state: hash,
      request: { base, signature: toBase64url(signature) },
    },
  )
  return { link: written.link, event: written.event }
}

const read = { action: 'document.read', object: { document }, outcome: 'ok' } as const
const list = { action: 'document.list', object: { ids: hash, count: 2 }, outcome: 'ok' } as const
const entries = [
  lines({ kind: 'professional', id: '810000000017' as NationalId, key: hash }, read, {}),
  lines({ kind: 'patient', id: record, key: hash }, list, { 'coffre-session': 'A'.repeat(43) }),
  lines({ kind: 'establishment', id: '1690000012' as NationalId, key: hash, acting }, read, { 'coffre-acting': 'e30' }),
]

/** One for all inputs: what it has read before must make it believe nothing else. */
const reader = new QuickReader()

function readBoth(text: string): null {
  const cut = text.indexOf('\n')
  const [link, event] = [text.slice(0, cut), text.slice(cut + 1)]
  // Of texts that bytes cannot say there are none among the bytes of an export.
  const quick = text.isWellFormed() ? reader.read(EntryInBytes.of({ seq: 0, chain: record, hash, link, event })) : null
  if (quick === null) return null
  const others = { link: parseLink(link), event: parseEvent(event) }
  const { contentDigest: _, authority: _a, tag: _t, seen, ...asked } = parseBase(others.event.request?.base ?? '')
  const { request } = quick
  const same =
    sameMembers(quick.link, others.link) &&
    sameMembers(quick.event, { ...others.event, request }) &&
    sameMembers(request, { ...asked, ...others.event.request }) &&
    isDeepStrictEqual(quick.seen, parseSeen(seen)) &&
    quick.t === Date.parse(others.event.t)
  if (!same) throw new TypeError('The quick reader read something else')
  return null
}

/** Whether each member of `wanted` is the same in `found`, which may compute it. */
function sameMembers(found: object, wanted: object): boolean {
  return Object.entries(wanted).every(([name, value]) => isDeepStrictEqual(Reflect.get(found, name), value))
}

export default [
  target({
    name: 'quick-entry',
    share: 3,
    samples: entries.map(({ link, event }) => `${link}\n${event}`),
    near: random => {
      const { link, event } = random.pick(entries)
      return random.once(4)
        ? `${mutateJson(random, JSON.parse(link))}\n${event}`
        : `${link}\n${mutateJson(random, JSON.parse(event))}`
    },
    take: readBoth,
    refusals: [],
  }),
]
