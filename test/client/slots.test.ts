import t from 'tap'
import { makeSlot, openSlot } from '../../src/client/slots.ts'
import { randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { AccountKey, DeviceSecret, KitSecret } from '../../src/crypto/keys.ts'
import { slotLeaf } from '../../src/log/sets.ts'
import type { RecordId } from '../../src/protocol/ids.ts'
import type { Slot, StateSets } from '../../src/protocol/record.ts'

const recordId = toBase64url(randomBytes(16)) as RecordId
const accountKey = AccountKey.generate()
const setsOf = (...slots: Slot[]): StateSets => ({
  seed: toBase64url(randomBytes(32)),
  grants: [],
  delegations: [],
  blocked: [],
  devices: slots.map(slotLeaf),
  placements: [],
})

t.test('kit and device each open their own slot', async t => {
  const kit = { kind: 'kit', kit: KitSecret.generate() } as const
  const device = { kind: 'device', exportKey: randomBytes(64), device: DeviceSecret.generate() } as const
  const slots = [kit, device].map(opener => makeSlot({ recordId, accountKey, accountKeyVersion: 1, opener }))
  for (const opener of [kit, device]) {
    t.same(
      openSlot({ recordId, slots, sets: setsOf(...slots), opener }).accountKey.bytes,
      accountKey.bytes,
      opener.kind,
    )
  }

  await t.test('neither the code without the device nor the device without the code opens', async t => {
    const sets = setsOf(...slots)
    const stolenCode = { ...device, device: DeviceSecret.generate() }
    const stolenDevice = { ...device, exportKey: randomBytes(64) }
    t.throws(() => openSlot({ recordId, slots, sets, opener: stolenCode }), { code: 'slot-open' })
    t.throws(() => openSlot({ recordId, slots, sets, opener: stolenDevice }), { code: 'slot-open' })
    const other = { kind: 'kit', kit: KitSecret.generate() } as const
    t.throws(() => openSlot({ recordId, slots, sets, opener: other }), { code: 'slot-open' })
  })

  await t.test('a slot that the state does not name is not opened', async t => {
    t.throws(() => openSlot({ recordId, slots, sets: setsOf(), opener: kit }), { code: 'slot-unknown' })
    t.throws(() => openSlot({ recordId, slots: [], sets: setsOf(), opener: kit }), { code: 'slot-missing' })
  })

  await t.test('a slot is bound to its record, id, kind and account key version', async t => {
    const [slot] = slots as [Slot]
    const otherRecord = toBase64url(randomBytes(16)) as RecordId
    const moved = { ...slot, slotId: toBase64url(randomBytes(16)) as Slot['slotId'] }
    const newer = { ...slot, accountKeyVersion: 2 }
    t.throws(() => openSlot({ recordId: otherRecord, slots, sets: setsOf(slot), opener: kit }), { code: 'slot-open' })
    for (const each of [moved, newer]) {
      t.throws(() => openSlot({ recordId, slots: [each], sets: setsOf(each), opener: kit }), { code: 'slot-open' })
    }
  })
})
