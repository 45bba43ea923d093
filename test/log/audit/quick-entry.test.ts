import fc from 'fast-check'
import t, { type Test } from 'tap'
import { EntryInBytes } from '../../../src/cli/audit/entry-lines.ts'
import { concat, fromBase64url, toBase64url, utf8 } from '../../../src/crypto/bytes.ts'
import { parseBase, signatureBase, verifyBase } from '../../../src/crypto/httpsig.ts'
import { SigningKey } from '../../../src/crypto/sign.ts'
import { asksFor } from '../../../src/log/audit/asked.ts'
import { type QuickEntry, QuickReader } from '../../../src/log/audit/quick-entry.ts'
import { parseEvent, parseLink } from '../../../src/log/entry.ts'
import { LogError } from '../../../src/log/errors.ts'
import { parseSeen } from '../../../src/log/seen.ts'

const ID = 'AAAAAAAAAAAAAAAAAAAAAA'
const HASH = 'BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA'
const SIGNATURE = `${'C'.repeat(85)}A`
const acting = {
  ...{ id: '899700218896', idSystem: 'urn:oid:1.2', name: 'LEFÈVRE Zoé', role: 'IDE', authMethod: 'card' },
  authTime: '2026-11-24T07:00:00.000Z',
}

interface Parts {
  t?: string
  actor?: object
  action?: string
  object?: object
  outcome?: string
  query?: string
  seen?: string
  session?: string
  acting?: string
  covered?: string[]
}

function lineOf(parts: Parts = {}): string {
  const lines: [string, string][] = [
    ['@method', 'GET'],
    ['@authority', 'pro.example:8444'],
    ['@path', `/v1/records/${ID}/documents/${ID}`],
    ['@query', parts.query ?? '?'],
    ['content-digest', 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'],
    ['coffre-seen', parts.seen ?? `tree=12:${HASH}`],
  ]
  if (parts.session !== undefined) lines.push(['coffre-session', parts.session])
  if (parts.acting !== undefined) lines.push(['coffre-acting', parts.acting])
  const covered = (parts.covered ?? lines.map(([name]) => name)).map(name => `"${name}"`).join(' ')
  const parameters = `(${covered});created=1764000000;nonce="${ID}";keyid="key:${HASH}";alg="ed25519";tag="coffre-v1"`
  return JSON.stringify({
    t: parts.t ?? '2026-11-24T16:00:00.123Z',
    actor: parts.actor ?? { kind: 'professional', id: '810000000017', key: HASH },
    action: parts.action ?? 'document.read',
    object: parts.object ?? { document: ID },
    outcome: parts.outcome ?? 'ok',
    grant: HASH,
    state: null,
    request: { base: signatureBase(lines, parameters), signature: SIGNATURE },
    salt: ID,
  })
}

const USUAL: readonly Parts[] = [
  {},
  { seen: `tree=12:${HASH}, receipt=${HASH}` },
  { seen: `tree=0:${HASH}, chain=7:${HASH}`, actor: { kind: 'patient', id: ID, key: HASH }, session: 'abc_-' },
  { actor: { kind: 'establishment', id: '169000010', key: HASH, acting }, acting: 'eyJpZCI6MX0' },
  { action: 'document.list', object: { ids: HASH, count: 3 }, query: '?after=3' },
  { object: { document: ID, reason: 'no-grant' }, outcome: 'refused' },
  { t: '2028-02-29T23:59:59.999Z' },
  { session: 'a', acting: 'b', actor: { kind: 'establishment', id: '169000010', key: HASH, acting } },
]
const LINK = `{"v":1,"record":"${ID}","n":7,"prev":"${HASH}","salt":"${ID}"}`
// One for all tests: what it has read before must make it believe nothing else.
const reader = new QuickReader()
const key = SigningKey.generate()

const inBytes = (event: string, link: string) => EntryInBytes.of({ seq: 0, chain: ID, hash: HASH, link, event })
const read = (event: string, link = LINK): QuickEntry | null => reader.read(inBytes(event, link))

/** What the quick reader says is what everybody reads. */
function sameAsOthers(t: Test, line: string, linkLine = LINK): boolean {
  const quick = read(line, linkLine)
  if (quick === null) return false
  const event = parseEvent(line)
  const { t: time, actor, action, object, outcome, grant, state, salt } = quick.event
  const { request, ...rest } = event
  t.same({ t: time, actor, action, object, outcome, grant, state, salt }, rest)
  const { v, record, n, prev, salt: own } = quick.link
  t.same({ v, record, n, prev, salt: own }, parseLink(linkLine))
  t.same({ base: quick.request.base, signature: quick.request.signature }, request)
  t.equal(quick.t, Date.parse(event.t))
  const { contentDigest: _, authority: _a, tag: _t, seen, ...asked } = parseBase(request?.base ?? '')
  const { method, path, query, session, acting, created, nonce, keyId } = quick.request
  const headers = { ...(session !== undefined && { session }), ...(acting !== undefined && { acting }) }
  t.strictSame({ method, path, query, ...headers, created, nonce, keyId }, asked)
  t.strictSame(quick.seen, parseSeen(seen))
  for (const chain of [record, HASH]) t.equal(quick.request.asksFor(event, chain), asksFor(asked, event, chain))
  t.equal(
    quick.request.isSignedBy(key.verifyKey),
    verifyBase(request?.base ?? '', fromBase64url(request?.signature ?? ''), key.verifyKey),
  )
  return true
}

t.test('usual entries are read in one look, to what everybody reads', t => {
  for (const parts of USUAL) t.ok(sameAsOthers(t, lineOf(parts)), JSON.stringify(parts))
  t.end()
})

t.test('a line that is only nearly of the form is left to the others', t => {
  for (const parts of [
    { t: '2026-02-30T10:00:00.000Z' },
    { t: '2027-02-29T10:00:00.000Z' },
    { object: { document: ID, reason: 'no-grant' } },
    { action: 'document.list' },
    { object: { ids: HASH, count: 1 } },
    { object: {} },
    { actor: { kind: 'professional', id: '810000000017', key: HASH, acting } },
    { actor: { kind: 'establishment', id: '169000010', key: HASH } },
    { actor: { kind: 'establishment', id: '169000010', key: HASH, acting: { ...acting, authTime: 'yesterday' } } },
    { session: 'abc', covered: ['@method', '@authority', '@path', '@query', 'content-digest', 'coffre-seen'] },
    {
      covered: ['@method', '@authority', '@path', '@query', 'content-digest', 'coffre-seen', 'coffre-session'],
    },
    { acting: 'abc', covered: ['@method', '@authority', '@path', '@query', 'content-digest', 'coffre-seen'] },
    { query: '' },
    { query: '?a b' },
    { seen: `tree=012:${HASH}` },
    { seen: 'something' },
    { action: 'document.deposit' },
  ] satisfies Parts[]) {
    t.equal(read(lineOf(parts)), null, JSON.stringify(parts))
  }
  t.equal(read(lineOf().replace('example:8444', 'example:443')), null)
  t.equal(read(lineOf().replace('"action"', '"action" ')), null)
  t.equal(read(`${lineOf().slice(0, -1)},"more":1}`), null)
  for (let length = 0; length < 400; length++)
    t.equal(read(lineOf().slice(0, length)), null, `cut after ${length} bytes`)
  for (const link of [
    LINK.replace('"n":7', '"n":07'),
    LINK.replace('"n":7', '"n":1234567890123'),
    LINK.replace(`"${HASH}"`, 'null'),
    LINK.replace('BA"', 'BB"'),
    `${LINK} `,
    LINK.slice(0, -1),
  ]) {
    t.equal(read(lineOf(), link), null, link)
  }
  t.end()
})

t.test('a request that asked for something else is read as what it asked for', t => {
  const other = 'DDDDDDDDDDDDDDDDDDDDDA'
  const lines = [
    lineOf({ action: 'document.list', object: { ids: HASH, count: 3 } }),
    lineOf({ object: { document: other } }),
    lineOf({ query: '?after=3' }),
    lineOf().replace(`/documents/${ID}`, '/documents'),
    lineOf().replace(`/records/${ID}`, `/records/${other}`),
  ]
  for (const line of lines) {
    t.ok(sameAsOthers(t, line), line)
    t.notOk(read(line)?.request.asksFor(parseEvent(line), ID), line)
  }
  t.ok(read(lineOf())?.request.asksFor(parseEvent(lineOf()), ID))
  t.end()
})

t.test('a signature is verified over the very base', t => {
  const line = lineOf({ session: 'abc_-' })
  const { base } = parseEvent(line).request as { base: string }
  const signed = line.replace(SIGNATURE, toBase64url(key.sign(utf8(base))))
  t.ok(read(signed)?.request.isSignedBy(key.verifyKey))
  t.notOk(read(signed)?.request.isSignedBy(SigningKey.generate().verifyKey))
  t.notOk(read(signed.replace('created=1764000000', 'created=1764000001'))?.request.isSignedBy(key.verifyKey))
  t.end()
})

t.test('what was read in one place is not believed in another', t => {
  // 43 and 22 symbols that are no hash and no id: spare bits are set.
  const [noHash, noId] = [`${'B'.repeat(42)}B`, `${'A'.repeat(21)}B`]
  t.ok(sameAsOthers(t, lineOf().replace(`key:${HASH}`, noHash)), 'the name of a key may be anything')
  t.ok(sameAsOthers(t, lineOf({ session: noId })))
  t.equal(read(lineOf().replace(`"grant":"${HASH}"`, `"grant":"${noHash}"`)), null)
  t.equal(read(lineOf({ object: { document: noId } })), null)
  t.equal(read(lineOf(), LINK.replace(ID, noId)), null)
  t.end()
})

t.test('bytes that are no UTF-8 are left to the others', t => {
  const line = lineOf({ actor: { kind: 'establishment', id: '169000010', key: HASH, acting }, acting: 'eyJpZCI6MX0' })
  const [before, after] = line.split('È') as [string, string]
  const bytes = Buffer.from(concat(utf8(before), Uint8Array.of(0xc8), utf8(after)))
  const entry = inBytes(line, LINK)
  const { linkTo } = entry
  bytes.copy(entry.raw.buffer, linkTo + 1)
  t.equal(reader.read({ ...entry, raw: entry.raw, eventTo: linkTo + 1 + bytes.length }), null)
  t.end()
})

t.test('whatever is altered, it says what the others say, or nothing', t => {
  const altered = fc.record({
    line: fc.constantFrom(...USUAL.map(lineOf)),
    at: fc.nat({ max: 1200 }),
    cut: fc.nat({ max: 2 }),
    put: fc.string({ maxLength: 2, unit: fc.constantFrom('"', '\\', 'A', '0', ' ', ',', '}', 'n', 'é', '?', '\n') }),
    ofLink: fc.boolean(),
  })
  fc.assert(
    fc.property(altered, ({ line, at, cut, put, ofLink }) => {
      const change = (text: string) => {
        const from = at % (text.length + 1)
        return text.slice(0, from) + put + text.slice(from + cut)
      }
      const [event, link] = ofLink ? [line, change(LINK)] : [change(line), LINK]
      if (read(event, link) === null) return
      try {
        sameAsOthers(t, event, link)
      } catch (error) {
        if (LogError.is(error)) throw new Error(`read, and refused by the others: ${link} ${event}`)
        throw error
      }
    }),
    { numRuns: 3000 },
  )
  t.end()
})
