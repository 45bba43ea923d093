import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { toBase64 } from '../../../src/crypto/bytes.ts'
import { parseBase } from '../../../src/crypto/httpsig.ts'
import { SigningKey } from '../../../src/crypto/sign.ts'
import { ensureCardAuthority } from '../../../src/dev/authorities.ts'
import { makeCrl, validityOf, X509Certificate } from '../../../src/dev/certificates.ts'
import type { Hash } from '../../../src/protocol/ids.ts'
import { actOf, playStore, StoreCopy } from '../../fixtures/audited-store.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const folder = testFolder(t)
const played = await playStore(join(folder, 'played'))
const { holders, documents } = played
const latest = documents[2] as (typeof documents)[number]
const read = { action: 'document.read', object: { document: latest }, path: `/documents/${latest}` } as const
const DAY = 24 * 3600 * 1000
let copies = 0
const copyOf = () => new StoreCopy(played, join(folder, `copy-${++copies}`))

type Act = Parameters<typeof actOf>[2]

/** The codes found when the doctor's lawful read is entered with these differences. */
const codesOf = async (change: Partial<Act>, copy = copyOf(), after = (event: ReturnType<typeof actOf>) => event) => {
  const grant = copy.edit(
    database =>
      (
        database.prepare('SELECT hash FROM grants WHERE grantee = ? AND in_force = 1').get(holders.doctor.id) as {
          hash: Hash
        }
      ).hash,
  )
  await copy.forge(place => after(actOf(played, holders.doctor, { ...place, ...read, grant, ...change })))
  return copy.codes()
}

t.test('nothing is found in a lawful read', async t => {
  t.same(await codesOf({}), [])
})

t.test('a request that another key signed, or none', async t => {
  t.same(await codesOf({ signer: SigningKey.generate() }), ['request-signature'])
  t.same(await codesOf({}, copyOf(), event => ({ ...event, request: null })), ['request-missing'])
  const garbled = (base: string) => ({ base, signature: 'A'.repeat(86) })
  t.same(await codesOf({}, copyOf(), event => ({ ...event, request: garbled('x') })), ['request-form'])
  const { key } = holders.otherDoctor
  const asOther = await codesOf({}, copyOf(), event => ({ ...event, actor: { ...event.actor, key } as never }))
  t.ok(asOther.includes('request-signature') && asOther.includes('key-unknown'))
})

t.test('a request for something else', async t => {
  t.same(await codesOf({ path: '/documents' }), ['request-mismatch'])
  t.same(await codesOf({ method: 'POST' }), ['request-mismatch'])
  const other = `/documents/${documents[1]}`
  t.same(await codesOf({ path: other }), ['request-mismatch'], 'another document')
})

t.test('a request of another time, a request used twice', async t => {
  const created = (minutes: number) => Math.floor(played.now.getTime() / 1000) + minutes * 60
  t.same(await codesOf({ created: created(-10) }), ['request-time'])
  t.same(await codesOf({ created: created(10) }), ['request-time'])
  const copy = copyOf()
  const before = copy.entries()[copy.seqOf('document.read', ({ actor }) => actor.id === holders.doctor.id)]
  const request = before?.parsed.event.request ?? null
  const { nonce } = parseBase(request?.base ?? '')
  t.same(await codesOf({ nonce }, copy), ['nonce-replayed'])
})

t.test('a caller who had seen another log', async t => {
  const root = 'A'.repeat(43) as Hash
  t.same(await codesOf({ tree: { size: 5, root } }), ['seen-broken'])
  t.same(await codesOf({ tree: { size: 1000, root } }), ['seen-broken'], 'a tree of the future')
})

t.test('a key out of its term', async t => {
  t.ok((await codesOf({ later: 5 * 365 * DAY })).includes('key-expired'))
})

t.test('a key that its holder had withdrawn', async t => {
  const copy = copyOf()
  const list = { action: 'document.list', object: {}, path: '/documents', outcome: 'refused' } as const
  const forged = { ...list, object: { reason: 'busy' }, grant: null }
  await copy.forge(place => actOf(played, holders.clinic, { ...place, ...forged }))
  t.same(await copy.codes(), [])
  await copy.forge(place => actOf(played, holders.lost, { ...place, ...forged, later: 1000 }))
  t.same(await copy.codes(), ['key-withdrawn'])
})

t.test('a withdrawal that no card of the holder signed counts for nothing', async t => {
  const copy = copyOf()
  copy.edit(database => database.prepare('UPDATE withdrawals SET statement = ? WHERE 1').run('x.y.z'))
  t.same(await copy.codes(), ['statement-altered'])
})

t.test('an act under a state that was in force no more', async t => {
  const copy = copyOf()
  const first = copy.entries()[copy.seqOf('record.open')]?.parsed.event.state ?? null
  t.same(await codesOf({}, copy, event => ({ ...event, state: first })), ['state-stale'])
})

t.test('a card that a list known to the host had revoked', async t => {
  const { layout } = { layout: join(folder, 'played', 'world', 'cards') }
  const { ca } = await ensureCardAuthority(join(layout, 'authority-persons'), 'persons', played.now)
  const pem = readFileSync(join(layout, 'elodie-marechal', 'card.pem'), 'utf8')
  const certificate = new X509Certificate(`${pem.split('-----END CERTIFICATE-----')[0]}-----END CERTIFICATE-----`)
  const at = new Date(played.now.getTime() - 5 * 60_000)
  const crl = await makeCrl(ca, { validity: validityOf(at, 7), revoked: [{ certificate, at }] })
  const withList = (seenAt: Date, change = (der: Uint8Array) => der) => {
    const copy = copyOf()
    copy.edit(database =>
      database
        .prepare('INSERT INTO crls (hash, der, seen_at) VALUES (?, ?, ?)')
        .run('new', toBase64(change(new Uint8Array(crl.rawData))), seenAt.toISOString()),
    )
    return copy.codes()
  }
  t.ok((await withList(at)).includes('certificate-revoked'))
  const unsigned = (der: Uint8Array) => der.map((byte, i) => (i === der.length - 1 ? byte ^ 1 : byte))
  t.same(await withList(at, unsigned), [], 'a list that nobody signed accuses nobody')
})

t.test('a key for which no card vouches', async t => {
  const copy = copyOf()
  copy.edit(database => database.prepare('DELETE FROM crls').run())
  t.same(await copy.codes(), ['key-refused'], 'without the revocation lists of its day')
})
