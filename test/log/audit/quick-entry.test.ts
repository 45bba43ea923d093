import fc from 'fast-check'
import t, { type Test } from 'tap'
import { parseBase, signatureBase } from '../../../src/crypto/httpsig.ts'
import { QuickReader } from '../../../src/log/audit/quick-entry.ts'
import { parseEvent } from '../../../src/log/entry.ts'
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
const reader = new QuickReader()

/** What the quick reader says is what everybody reads. */
function sameAsOthers(t: Test, line: string): boolean {
  const quick = reader.read(line)
  if (quick === null) return false
  const event = parseEvent(line)
  const { request, ...rest } = event
  const { request: read, ...said } = quick.event
  t.same(said, rest)
  t.same({ base: read?.base, signature: read?.signature }, request)
  t.equal(quick.t, Date.parse(event.t))
  const { contentDigest: _, authority: _a, tag: _t, seen, ...asked } = parseBase(request?.base ?? '')
  t.strictSame({ ...quick.request }, asked)
  t.strictSame(quick.seen, parseSeen(seen))
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
    t.equal(reader.read(lineOf(parts)), null, JSON.stringify(parts))
  }
  t.equal(reader.read(lineOf().replace('example:8444', 'example:443')), null)
  t.equal(reader.read(lineOf().replace('"action"', '"action" ')), null)
  t.equal(reader.read(`${lineOf().slice(0, -1)},"more":1}`), null)
  t.end()
})

t.test('whatever is altered, it says what the others say, or nothing', t => {
  const altered = fc.record({
    line: fc.constantFrom(...USUAL.map(lineOf)),
    at: fc.nat({ max: 1200 }),
    cut: fc.nat({ max: 2 }),
    put: fc.string({ maxLength: 2, unit: fc.constantFrom('"', '\\', 'A', '0', ' ', ',', '}', 'n', 'é', '?') }),
  })
  fc.assert(
    fc.property(altered, ({ line, at, cut, put }) => {
      const text = line.slice(0, at) + put + line.slice(at + cut)
      if (reader.read(text) === null) return
      try {
        sameAsOthers(t, text)
      } catch (error) {
        if (LogError.is(error)) throw new Error(`read, and refused by the others: ${text}`)
        throw error
      }
    }),
    { numRuns: 3000 },
  )
  t.end()
})
