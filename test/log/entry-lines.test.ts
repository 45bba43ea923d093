import fc from 'fast-check'
import t from 'tap'
import { toBase64url } from '../../src/crypto/bytes.ts'
import { writeEntry } from '../../src/log/entry.ts'
import { readEvent, readLink } from '../../src/log/entry-lines.ts'
import { type Actor, Event, Link } from '../../src/protocol/entry.ts'
import type { Instant, NationalId, RecordId } from '../../src/protocol/ids.ts'
import { newId } from '../fixtures/document.ts'
import { agreesWithSchema, bySchema } from '../fixtures/entry-schema.ts'
import { anyHash, DAY_1 } from '../fixtures/states.ts'

const record = newId<RecordId>()
const key = anyHash()
const acting = {
  id: '1234',
  idSystem: 'urn:oid:1.2.250.1.71.4.2.1',
  name: 'A. Martin',
  role: 'nurse',
  authMethod: 'card',
  authTime: DAY_1,
}
const base = '"@method": GET\n"@path": /\n"@signature-params": ("@method");created=1'
const request = { base, signature: toBase64url(new Uint8Array(64)) }
const actors: Actor[] = [
  { kind: 'patient', id: record, key },
  { kind: 'professional', id: '810000000017' as NationalId, key },
  { kind: 'establishment', id: '1690000012' as NationalId, key, acting },
  { kind: 'insurer', id: 'x' },
  { kind: 'host', id: 'host' },
]
const line = (changes: Partial<Event> = {}, prev = anyHash()) =>
  writeEntry(
    { record, n: 7, prev },
    {
      t: DAY_1,
      actor: actors[0] as Actor,
      action: 'document.list',
      object: { ids: anyHash(), count: 2 },
      outcome: 'ok',
      grant: anyHash(),
      state: null,
      request,
      ...changes,
    },
  )

t.test('what is written says what was to be written, whatever its base holds', async t => {
  for (const base of ['', '"', '\\', '\n\t\u0000', 'é 𝄞', '","signature":"', '\u2028', '\ud800', 'x'.repeat(8192)]) {
    const { event, parsed } = line({ request: { ...request, base } })
    t.same(parsed.event, bySchema(Event, event))
    t.equal(parsed.event.request?.base, base)
  }
  const refused = { code: 'entry-form' }
  for (const base of ['x'.repeat(8193), 7 as never]) {
    t.throws(() => line({ request: { ...request, base } }), refused)
  }
  const { signature } = request
  for (const other of ['', `${signature}"`, `${signature.slice(1)}"`, `${signature.slice(0, -1)}B`]) {
    t.throws(() => line({ request: { base, signature: other } }), refused, other)
  }
  const sneaking = [`x"},"request":{"base":"`, `${anyHash()}","state":null,"request":{"base":"y`]
  for (const state of sneaking) t.throws(() => line({ state: state as never }), refused, state)
})

t.test('what a host writes is read without the schema, to the same value', async t => {
  for (const actor of actors.slice(0, 3)) {
    for (const changes of [
      { actor },
      { actor, request: null },
      { actor, object: { reason: null }, outcome: 'refused' as const },
    ]) {
      const { link, event } = line(changes)
      t.same(readEvent(event), bySchema(Event, event))
      t.ok(readEvent(event) !== null && agreesWithSchema(event))
      t.same(readLink(link), bySchema(Link, link))
    }
  }
  t.not(readLink(writeEntry({ record: 'system', n: 0, prev: null }, Event.parse(JSON.parse(line().event))).link), null)
})

t.test('dates: whatever it takes is one', async t => {
  const { event } = line()
  for (const day of [
    '2024-02-29',
    '2026-02-29',
    '2026-02-30',
    '2026-04-31',
    '2026-12-31',
    '0000-01-01',
    '2026-13-01',
  ]) {
    for (const time of ['23:59:59.999', '24:00:00.000', '00:60:00.000', '00:00:60.000']) {
      t.ok(agreesWithSchema(event.replace(DAY_1, `${day}T${time}Z` as Instant)), `${day} ${time}`)
    }
  }
})

t.test('what is written in another way is left to the schema', async t => {
  const { link, event } = line({ actor: actors[2] as Actor })
  const texts = [
    JSON.stringify({ salt: '', ...JSON.parse(event) }),
    event.replace('{', '{ '),
    event.replace('"outcome":"ok"', '"outcome":"ok","outcome":"ok"'),
    event.replace('"count":2', '"count":2.0'),
    event.replace('"count":2', '"count":-0'),
    event.replace('"count":2', '"count":1,"count":2'),
    event.replace('"count":2', '"count":2,"title":"x"'),
    event.replace('"count":2', '"count":2,"reason":"x"'),
    event.replace('"count":2', '"__proto__":2'),
    event.replace('document.list', 'document.lose'),
    event.replace('"base":"', '"base":"é\\u0041'),
    event.replace('"base":"', '"base":"\\'),
    event.replace('\\nGET', '","signature":"'),
    event.replace('"base":"', `"base":"${'x'.repeat(8192)}`),
    event.replace('A. Martin', 'A. "Martin'),
    event.replace('A. Martin', ''),
    event.replace(/,"acting":\{[^}]*\}/, ''),
    event.replace('establishment', 'professional'),
    event.replace('establishment', 'patient'),
    link.replace('"n":7', '"n":07'),
    link.replace('"n":7', '"n":1099511627776'),
    link.replace('"n":7', '"n":7e0'),
    link.replace(record, 'system '),
  ]
  for (const text of texts) t.ok(agreesWithSchema(text), text.slice(0, 80))
  const twoNames = event.replace('"role":', '"name":"B. Martin","role":')
  const escaped = event.replace('\\n', '\\u000a')
  for (const text of [twoNames, escaped, event.replace('"count":2', '"count":1,"count":2')])
    t.equal(readEvent(text), null)
})

t.test('whatever is done to a line', async () => {
  const lines = actors
    .slice(0, 3)
    .flatMap(actor => Object.values(line({ actor })).filter(text => typeof text === 'string'))
  const piece = fc.oneof(
    fc.constantFrom('"', '\\', '\\"', ',', '{', '}', 'null', '\\n', ' ', '0', '-', '":"', '\\u0022', 'é', '\ud800'),
    fc.string({ maxLength: 3 }),
  )
  fc.assert(
    fc.property(fc.constantFrom(...lines), fc.nat(), fc.nat(3), piece, (text, at, cut, put) => {
      const i = at % text.length
      return agreesWithSchema(text.slice(0, i) + put + text.slice(i + cut))
    }),
    { numRuns: 3000 },
  )
})
