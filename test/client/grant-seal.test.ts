import t from 'tap'
import { openGift, openGrant, sealGift } from '../../src/client/grant-seal.ts'
import { makeGrant } from '../../src/client/grants.ts'
import { grantSealInfo } from '../../src/client/infos.ts'
import { randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { SealSecretKey } from '../../src/crypto/keys.ts'
import { seal } from '../../src/crypto/seal.ts'
import { verifyGrant } from '../../src/log/grant.ts'
import type { Instant } from '../../src/protocol/ids.ts'
import { flipped } from '../fixtures/document.ts'
import { AT, makeGrantee, makeRecord } from '../fixtures/record.ts'

const id = <T>() => toBase64url(randomBytes(16)) as T
const place = () => ({
  recordId: id<never>(),
  compartmentId: id<never>(),
  epoch: 4,
  keyStatement: toBase64url(randomBytes(32)) as never,
  grantId: id<never>(),
})

t.test('a gift goes to one key, for one place', async t => {
  const key = SealSecretKey.generate()
  const secret = SealSecretKey.generate()
  const parts = place()
  const where = grantSealInfo(parts)
  const sealed = sealGift(key.publicKey, where, { name: 'psychiatrie é', secret })
  const opened = openGift(key, where, sealed)
  t.equal(opened.name, 'psychiatrie é')
  t.same(opened.secret?.bytes, secret.bytes)
  t.equal(sealGift(key.publicKey, where, { name: 'x', secret: null }).length, sealed.length, 'length tells nothing')
  t.equal(openGift(key, where, sealGift(key.publicKey, where, { name: 'x', secret: null })).secret, null)
  for (const part of ['recordId', 'compartmentId', 'keyStatement', 'grantId', 'epoch'] as const) {
    t.throws(() => openGift(key, grantSealInfo({ ...parts, [part]: part === 'epoch' ? 5 : place()[part] }), sealed), {
      code: 'seal-open',
    })
  }
  t.throws(() => openGift(SealSecretKey.generate(), where, sealed), { code: 'seal-open' })
  t.throws(() => sealGift(key.publicKey, where, { name: 'é'.repeat(32), secret }), { code: 'compartment-name' })
})

t.test('a malformed gift is refused', async t => {
  const key = SealSecretKey.generate()
  const where = grantSealInfo(place())
  const plain = (change: (bytes: Uint8Array) => unknown) => {
    const bytes = new Uint8Array(97)
    bytes[33] = 1
    bytes[34] = 0x78
    change(bytes)
    return seal(key.publicKey, where, bytes)
  }
  t.equal(
    openGift(
      key,
      where,
      plain(() => undefined),
    ).name,
    'x',
  )
  const attempts: Record<string, (bytes: Uint8Array) => unknown> = {
    flag: bytes => bytes.fill(2, 0, 1),
    'no name': bytes => bytes.fill(0, 33, 34),
    'name too long': bytes => bytes.fill(64, 33, 34),
    'padding that is not zero': bytes => bytes.fill(1, 96, 97),
    'a secret without the flag': bytes => bytes.fill(1, 5, 6),
  }
  for (const [name, change] of Object.entries(attempts)) {
    t.throws(() => openGift(key, where, plain(change)), { code: 'grant-seal' }, name)
  }
})

t.test('a grantee opens the own grant and holds it against the state', async t => {
  const { view, trust } = await makeRecord()
  const { deployment } = trust.anchors
  const doctor = await makeGrantee(deployment, 'doctor')
  // they stand in a random order
  const [reports, laboratory] = ['reports', 'laboratory'].map(wanted =>
    view.bundle.compartments.find(({ kind }) => kind === wanted),
  )
  const { sealed } = await makeGrant(
    { deployment, patient: view.patient, sign: view.sign },
    {
      to: doctor.key,
      compartments: [
        { compartment: reports as never, rights: ['read', 'deposit'] },
        { compartment: laboratory as never, rights: ['deposit'] },
      ],
      until: '2027-11-24T08:00:00.000Z' as Instant,
      t: AT.toISOString() as Instant,
    },
  )
  const grant = await verifyGrant(sealed.statement, { deployment, ...view.patient })
  const input = { grant, seals: sealed.seals, state: view.state.payload, key: doctor.seal }
  const opened = openGrant(input)
  t.same(
    opened.map(({ name, rights, secret }) => [name, rights, secret !== null]),
    [
      ['reports', ['read', 'deposit'], true],
      ['laboratory', ['deposit'], false],
    ],
    'the secret goes where the right is to read, and nowhere else',
  )
  const [first, second] = sealed.seals as [string, string]
  t.throws(() => openGrant({ ...input, seals: [first] }), { code: 'grant-seal' })
  t.throws(() => openGrant({ ...input, seals: [second, first] }), { code: 'grant-seal' })
  t.throws(() => openGrant({ ...input, seals: [flipped(first, -1), second] }), { code: 'grant-seal' })
  t.throws(() => openGrant({ ...input, key: SealSecretKey.generate() }), { code: 'seal-open' })
  const other = await makeRecord()
  t.throws(() => openGrant({ ...input, state: other.view.state.payload }), { code: 'grant-seal' })
  const swapped = {
    ...view.state.payload,
    compartments: view.state.payload.compartments.map(each => ({
      ...each,
      publicKey: other.view.state.payload.compartments[0]?.publicKey as string,
    })),
  }
  t.throws(() => openGrant({ ...input, state: swapped }), { code: 'epoch-key' }, 'the public key is recomputed')
})
