import t from 'tap'
import { sealBundle } from '../../src/client/bundle.ts'
import { openDocument } from '../../src/client/document/open.ts'
import { nextEpoch, walkBack } from '../../src/client/epochs.ts'
import { openGift, sealGift } from '../../src/client/grant-seal.ts'
import { makeSlot, openSlot } from '../../src/client/slots.ts'
import { nativeAead, sodiumAead } from '../../src/crypto/aead.ts'
import { box, unbox } from '../../src/crypto/box.ts'
import { lp, randomBytes, toBase64url, wiping } from '../../src/crypto/bytes.ts'
import { openAll, sealAll } from '../../src/crypto/chunks.ts'
import { AccountKey, DeviceSecret, SealSecretKey } from '../../src/crypto/keys.ts'
import { open, seal } from '../../src/crypto/seal.ts'
import { slotLeaf } from '../../src/log/sets.ts'
import type { CompartmentId, RecordId } from '../../src/protocol/ids.ts'
import type { StateSets } from '../../src/protocol/record.ts'
import { collect } from '../crypto/vectors.ts'
import { makeAuthor, makePatient, makeSample, newId } from '../fixtures/document.ts'

// What openers and sealers held in their own arrays is zeros when they are done. Every key that reaches the ciphers is
// watched, and every plaintext that comes from them: `watch` gives those that still hold something.

async function watch(step: () => unknown): Promise<{ keys: number; plaintexts: number; seen: number }> {
  const keys: Uint8Array[] = []
  const plaintexts: Uint8Array[] = []
  const restore = [sodiumAead, nativeAead].flatMap(aead => {
    if (aead === null) return []
    const { open, seal, sealInto, openInto } = aead
    const own = { open, seal, ...(sealInto && { sealInto }), ...(openInto && { openInto }) }
    aead.open = (key, ...rest) => {
      keys.push(key)
      const plaintext = own.open(key, ...rest)
      if (plaintext !== null) plaintexts.push(plaintext)
      return plaintext
    }
    aead.seal = (key, ...rest) => {
      keys.push(key)
      return own.seal(key, ...rest)
    }
    aead.sealInto = (key, ...rest) => {
      keys.push(key)
      sealInto?.(key, ...rest)
    }
    aead.openInto = (key, ...rest) => {
      keys.push(key)
      return openInto?.(key, ...rest) ?? false
    }
    return [() => Object.assign(aead, own)]
  })
  try {
    await step()
  } finally {
    for (const one of restore) one()
  }
  const held = (arrays: Uint8Array[]) => arrays.filter(array => array.some(byte => byte !== 0)).length
  return { keys: held(keys), plaintexts: held(plaintexts), seen: keys.length }
}

const secret = SealSecretKey.generate()
const info = lp('coffre/v1/test', 'record')
const recordId = newId<RecordId>()

t.test('keys: of seals, boxes, messages, opened, refused or broken off', async t => {
  const key = randomBytes(32)
  const message = { key, context: info }
  const sealed = seal(secret.publicKey, info, new Uint8Array(9))
  const long = sealAll(message, randomBytes(40_000))
  const cases: Record<string, () => unknown> = {
    seal: () => seal(secret.publicKey, info, new Uint8Array(9)),
    open: () => open(secret, info, sealed),
    'open, refused': () => t.throws(() => open(secret, lp('other'), sealed), { code: 'seal-open' }),
    box: () => box(key, info, new Uint8Array(9)),
    unbox: () => unbox(key, info, box(key, info, new Uint8Array(9))),
    'unbox, refused': () =>
      t.throws(() => unbox(key, lp('x'), box(key, info, new Uint8Array(9))), { code: 'box-open' }),
    'seal a message': () => sealAll(message, randomBytes(40_000)),
    'open a message': () => openAll(message, long),
    'open a message, refused': () => t.throws(() => openAll(message, long.subarray(0, 30_000)), { code: 'chunks-end' }),
  }
  for (const [name, step] of Object.entries(cases)) {
    const { keys, seen } = await watch(step)
    t.ok(seen > 0, name)
    t.equal(keys, 0, name)
  }
  t.notOk(
    key.every(byte => byte === 0),
    'the caller’s own key is the caller’s to wipe',
  )
})

t.test('what opens as a key does not stay as bytes: slots, gifts, links', async t => {
  const accountKey = AccountKey.generate()
  const opener = { kind: 'device', exportKey: randomBytes(64), device: DeviceSecret.generate() } as const
  const slot = makeSlot({ recordId, accountKey, accountKeyVersion: 1, opener })
  const sets = { devices: [slotLeaf(slot)] } as unknown as StateSets
  t.same(await watch(() => openSlot({ recordId, slots: [slot], sets, opener })), { keys: 0, plaintexts: 0, seen: 1 })
  const gift = sealGift(secret.publicKey, info, { name: 'imaging', secret: SealSecretKey.generate() })
  t.same(await watch(() => openGift(secret, info, gift)), { keys: 0, plaintexts: 0, seen: 1 })
  const first = SealSecretKey.generate()
  const compartment = {
    id: newId<CompartmentId>(),
    epoch: 0,
    publicKey: toBase64url(first.publicKey.bytes),
    link: null,
  } as Parameters<typeof nextEpoch>[1]
  const next = nextEpoch(recordId, compartment, first)
  const links = [{ epoch: 0, publicKey: compartment.publicKey, link: null }] as Parameters<typeof walkBack>[0]['links']
  t.same(await watch(() => walkBack({ recordId, current: next.compartment, secret: next.secret, links })), {
    keys: 0,
    plaintexts: 0,
    seen: 1,
  })
})

t.test('a document: envelope and manifest leave nothing; its content is what is given out', async t => {
  const patient = await makePatient()
  const sample = await makeSample(patient, await makeAuthor(patient.deployment), randomBytes(50_000))
  const { keys, plaintexts } = await watch(() => openDocument(sample.stored, sample.reader, null))
  t.same([keys, plaintexts], [0, 0])
  const opened = await openDocument(sample.stored, sample.reader, null)
  t.equal((await watch(() => collect(opened.content(sample.blocks, [sample.body])))).keys, 0)
  const left = async () => {
    for await (const _ of opened.content(sample.blocks, [sample.body])) break
  }
  t.equal((await watch(left)).keys, 0, 'left before its end')
})

t.test('a bundle’s plaintext, of which the texts inside cannot be wiped', async t => {
  const accountKey = AccountKey.generate()
  const bundle = { recordId, version: 1 } as Parameters<typeof sealBundle>[1]
  t.equal((await watch(() => sealBundle(accountKey, bundle))).keys, 0)
})

t.test('wiping: whatever comes of the work', async t => {
  const bytes = randomBytes(8)
  t.equal(
    wiping(bytes, given => given.length),
    8,
  )
  t.same(bytes, new Uint8Array(8))
  const other = randomBytes(8)
  t.throws(() =>
    wiping(other, () => {
      throw new Error('broke')
    }),
  )
  t.same(other, new Uint8Array(8))
})
