import t from 'tap'
import { checkEpochSecret, nextEpoch, walkBack } from '../../src/client/epochs.ts'
import { fromBase64url, randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { SealSecretKey } from '../../src/crypto/keys.ts'
import type { CompartmentId, RecordId } from '../../src/protocol/ids.ts'
import type { EpochLinks } from '../../src/protocol/messages.ts'
import type { StateCompartment } from '../../src/protocol/statements.ts'
import { flipped } from '../fixtures/document.ts'

const recordId = toBase64url(randomBytes(16)) as RecordId

/** A compartment rolled some times: its states from epoch 0 on, and the secrets. */
function rolled(times: number) {
  const secrets = [SealSecretKey.generate()]
  const first: StateCompartment = {
    id: toBase64url(randomBytes(16)) as CompartmentId,
    epoch: 0,
    publicKey: toBase64url((secrets[0] as SealSecretKey).publicKey.bytes),
    link: null,
  }
  const states = [first]
  for (let i = 0; i < times; i++) {
    const next = nextEpoch(recordId, states[i] as StateCompartment, secrets[i] as SealSecretKey)
    states.push(next.compartment)
    secrets.push(next.secret)
  }
  const links: EpochLinks['epochs'] = states
    .toReversed()
    .map(({ epoch, publicKey, link }) => ({ epoch, publicKey, link }))
  return { states, secrets, links, current: states.at(-1) as StateCompartment, secret: secrets.at(-1) as SealSecretKey }
}

t.test('one secret reaches back to the beginning', async t => {
  const { current, secret, secrets, links } = rolled(3)
  const walked = walkBack({ recordId, current, secret, links })
  t.same([...walked.keys()], [3, 2, 1, 0])
  for (const [epoch, opened] of walked) t.same(opened.bytes, secrets[epoch]?.bytes, `epoch ${epoch}`)
  t.equal(walkBack({ recordId, current, secret, links, downTo: 2 }).size, 2, 'no further than asked')
  t.equal(fromBase64url(current.link as string).length, 112)
})

t.test('and never forward: the secret before a roll does not open after it', async t => {
  const { current, secrets } = rolled(1)
  const old = secrets[0] as SealSecretKey
  t.throws(() => checkEpochSecret(current, { epoch: 1, secret: old }), { code: 'epoch-key' })
  t.throws(() => walkBack({ recordId, current, secret: old, links: [] }), { code: 'epoch-key' })
})

t.test('an epoch that began anew ends the way back, and the one before it is out of reach', async t => {
  const { states, secrets, links } = rolled(1)
  const anew = SealSecretKey.generate()
  const [before] = states.slice(-1) as [StateCompartment]
  const begun: StateCompartment = {
    ...before,
    epoch: 2,
    publicKey: toBase64url(anew.publicKey.bytes),
    link: null,
  }
  const next = nextEpoch(recordId, begun, anew)
  const served = [next.compartment, begun].map(({ epoch, publicKey, link }) => ({ epoch, publicKey, link }))
  const walked = walkBack({ recordId, current: next.compartment, secret: next.secret, links: [...served, ...links] })
  t.same([...walked.keys()], [3, 2])
  // A host cannot put a link where the chain says that there is none.
  const linked = served.map(each => (each.epoch === 2 ? { ...each, link: states[1]?.link ?? null } : each))
  t.throws(() => walkBack({ recordId, current: next.compartment, secret: next.secret, links: [...linked, ...links] }), {
    code: 'epoch-links',
  })
  t.equal(secrets.length, 2)
})

t.test('links that the state does not vouch for are refused', async t => {
  const { current, secret, links } = rolled(3)
  const another = rolled(3)
  const change = (epoch: number, part: Partial<EpochLinks['epochs'][number]>) =>
    links.map(each => (each.epoch === epoch ? { ...each, ...part } : each))
  const attempts: Record<string, EpochLinks['epochs']> = {
    'cut short': links.slice(0, 2),
    'of another compartment': another.links,
    'an older link altered': change(1, { link: flipped(links[2]?.link as string, 40) }),
    'an older public key swapped': change(1, { publicKey: another.links[2]?.publicKey as string }),
    'a link added before the first epoch': change(0, { link: links[2]?.link as string }),
    'an early end': change(1, { link: null }),
  }
  for (const [name, altered] of Object.entries(attempts)) {
    t.throws(() => walkBack({ recordId, current, secret, links: altered }), { code: 'epoch-links' }, name)
  }
  const forged = { ...current, link: flipped(current.link as string, 60) }
  t.throws(() => walkBack({ recordId, current: forged, secret, links }), { code: 'epoch-links' })
  const elsewhere = toBase64url(randomBytes(16)) as RecordId
  t.throws(() => walkBack({ recordId: elsewhere, current, secret, links }), { code: 'epoch-links' })
})
