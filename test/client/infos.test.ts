import t from 'tap'
import * as infos from '../../src/client/infos.ts'
import { toHex } from '../../src/crypto/bytes.ts'
import { sha256 } from '../../src/crypto/hash.ts'

// The bytes of docs/protocol, pinned: another implementation must come to the same, and a change here breaks every
// record there is.
const id = <T>(fill: number, length = 16) => Buffer.alloc(length, fill).toString('base64url') as T
const recordId = id<never>(1)
const compartmentId = id<never>(2)
const documentId = id<never>(3)
const key = (fill: number) => new Uint8Array(1216).fill(fill)
const short = (bytes: Uint8Array) => toHex(sha256(bytes)).slice(0, 16)

t.test('a field as written by hand', async t => {
  t.equal(
    Buffer.from(infos.bundleInfo(recordId, 7)).toString('latin1'),
    `\0\0\0\x10coffre/v1/bundle\0\0\0\x10${'\x01'.repeat(16)}\0\0\0\x08\0\0\0\0\0\0\0\x07`,
  )
})

t.test('no two infos are alike', async t => {
  const place = { recordId, documentId }
  const secret = new Uint8Array(32).fill(9)
  const all = {
    bodyKey: infos.bodyKey(secret, place),
    bodyContext: infos.bodyContext(place),
    manifestKey: infos.manifestKey(secret, place),
    manifestContext: infos.manifestContext(place),
    envelope: infos.envelopeInfo({
      ...place,
      compartmentId,
      epoch: 1,
      epochPublicKey: key(4),
      commitment: new Uint8Array(32),
    }),
    grantSeal: infos.grantSealInfo({
      recordId,
      compartmentId,
      epoch: 1,
      keyStatement: id<never>(5, 32),
      grantId: id<never>(6),
    }),
    delegationSeal: infos.delegationSealInfo({
      recordId,
      compartmentId,
      epoch: 1,
      delegationId: id<never>(6),
      cardSealKey: key(5),
    }),
    recoverySeal: infos.recoverySealInfo({
      recordId,
      compartmentId,
      epoch: 1,
      from: id<never>(5, 32),
      to: id<never>(6, 32),
    }),
    linkKey: infos.linkKey(secret),
    link: infos.linkInfo({
      recordId,
      compartmentId,
      epoch: 1,
      publicKey: key(7),
      previousPublicKey: key(8),
      previousLinkHash: new Uint8Array(32),
    }),
    bundle: infos.bundleInfo(recordId, 1),
    slot: infos.slotInfo({ recordId, slotId: id<never>(9), kind: 'kit', accountKeyVersion: 1, parameters: '' }),
    kitSlotKey: infos.kitSlotKey(secret.subarray(16), recordId),
    deviceSlotKey: infos.deviceSlotKey(new Uint8Array(96).fill(9), recordId),
    contact: infos.contactHash(secret, { kind: 'mail', address: 'a@b.fr' }),
  }
  const pinned = Object.fromEntries(Object.entries(all).map(([name, bytes]) => [name, short(bytes)]))
  t.equal(new Set(Object.values(pinned)).size, Object.keys(all).length)
  t.same(pinned, PINNED)
})

const PINNED = {
  bodyKey: '82d71c2a8fd4a4a1',
  bodyContext: '04511eedee068011',
  manifestKey: '88372f2af4908975',
  manifestContext: 'd8e639b28817c8db',
  envelope: '8839cdffa2a7f881',
  grantSeal: '0f27dacff9f3d392',
  delegationSeal: 'c5525c4047edcc27',
  recoverySeal: '652200e86425c15c',
  linkKey: 'cf6fc0b4e7abfc39',
  link: 'f244831857645a22',
  bundle: '4164a4ee9b314336',
  slot: '0b358cb9d366ed6b',
  kitSlotKey: '473711251208b231',
  deviceSlotKey: 'd98d956446c0416a',
  contact: '7f6db6fc1c81de43',
}
