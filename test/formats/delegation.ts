/** Vectors of a delegation to a Vitale card: the statement, and the seals that the card opens. */
import { delegationSealInfo } from '../../src/client/infos.ts'
import { fromBase64url } from '../../src/crypto/bytes.ts'
import { SealSecretKey } from '../../src/crypto/keys.ts'
import { verifyDelegation } from '../../src/log/delegation.ts'
import type { CompartmentId, RecordId } from '../../src/protocol/ids.ts'
import { type Delegation, StatementTyp } from '../../src/protocol/statements.ts'
import { flipped64, verifiedIdentity } from './keys.ts'
import { openSeals } from './seals.ts'
import { anyOf, bytesOf, draw, type Format, hex, refused, text64, textOf, type VectorCase } from './vector-file.ts'
import { deployment, host, makeDelegation, patient, signByPatient, vitale } from './world.ts'

export const delegation: Format = {
  file: 'delegation',
  page: 'delegation.md',
  about:
    'A delegation, verified under the identity that signs it, with the seals that its card opens. writer.encapsulations and infos: one a seal, as in seal.json. What a card then signs: steps of state.json.',
  async shared() {
    const { recordId, text } = await patient()
    return { deployment, recordId, identity: text, cardSealSecret: hex(vitale().seal.bytes) }
  },
  async cases() {
    const who = await patient()
    const {
      payload,
      seals,
      text,
      hash: name,
    } = await makeDelegation(who, [
      ['reports', 1],
      ['laboratory', 0],
    ])
    const good: VectorCase = {
      name: 'a delegation',
      writer: {
        signSeed: hex(who.sign.seed),
        encapsulations: seals.map(({ seed }) => hex(seed)),
        infos: seals.map(({ info }) => hex(info)),
      },
      given: { delegation: text, seals: seals.map(({ sealed }) => text64(sealed)) },
      opens: {
        hash: name,
        compartments: await openedOf(
          text,
          seals.map(({ sealed }) => text64(sealed)),
        ),
      },
    }
    const [first, second] = good.given.seals as [string, string]
    const signed = (changes: object, by = who) => signByPatient(StatementTyp.delegation, { ...payload, ...changes }, by)
    const bad = async (title: string, code: string, statement: Promise<string>) =>
      refused(title, code, good, { delegation: await statement })
    const form = (title: string, changes: object) => bad(title, 'statement-form', signed(changes))
    const [one, two] = payload.compartments as [Delegation['compartments'][number], Delegation['compartments'][number]]
    const elsewhere = { ...one, epoch: 2 }
    return [
      good,
      await bad('another signer', 'statement-signature', signed({}, { ...who, sign: host() })),
      await bad('by the card itself', 'statement-signature', signed({}, { ...who, sign: vitale().sign })),
      await bad('another kid', 'statement-record', signed({}, { ...who, hash: name })),
      await bad('another record', 'statement-record', signed({ recordId: text64(draw('another record', 16)) })),
      await bad(
        'another deployment',
        'statement-record',
        signed({ deployment: text64(draw('another deployment', 16)) }),
      ),
      await bad('a compartment twice', 'delegation-compartments', signed({ compartments: [one, two, one] })),
      await bad(
        'a card’s signKey of small order',
        'key-malformed',
        signed({ card: { ...payload.card, signKey: text64(new Uint8Array(32)) } }),
      ),
      await form('a card that may do nothing', { may: [] }),
      await form('a card that may do the same twice', { may: ['give', 'give'] }),
      await form('a card that may mask', { may: ['give', 'mask'] }),
      await form('no compartment', { compartments: [] }),
      await form('65 compartments', {
        compartments: Array.from({ length: 65 }, (_, i) => ({ ...one, id: text64(draw(`compartment ${i}`, 16)) })),
      }),
      await form('a term of another form', { maxUntil: '2027-05-24T08:00:00Z' }),
      await form('another member', { ins: '6042636791378413971156' }),
      refused('seals swapped', 'grant-seal', good, { seals: [second, first] }),
      refused('a seal missing', 'grant-seal', good, { seals: [first] }),
      refused('a seal altered', 'grant-seal', good, { seals: [flipped64(first, 5), second] }),
      await bad('sealed for another epoch', 'seal-open', signed({ compartments: [elsewhere, two] })),
      await bad('sealed to another card', 'seal-open', signed({ card: { ...payload.card, sealKey: await another() } })),
    ]
  },
  async open(given, shared) {
    const context = {
      deployment: anyOf<typeof deployment>(shared, 'deployment'),
      recordId: anyOf<RecordId>(shared, 'recordId'),
      identity: await verifiedIdentity(),
    }
    const verified = await verifyDelegation(textOf(given, 'delegation'), context)
    const key = SealSecretKey.parse(bytesOf(shared, 'cardSealSecret'))
    return { hash: verified.hash, compartments: opened(verified.payload, anyOf(given, 'seals'), key) }
  },
}

const another = async (): Promise<string> => text64((await patient()).seal.publicKey.bytes)

/** What the card of the vectors opens of its delegation. */
async function openedOf(text: string, seals: readonly string[]) {
  const { recordId } = await patient()
  const { payload } = await verifyDelegation(text, { deployment, recordId, identity: await verifiedIdentity() })
  return opened(payload, seals, vitale().seal)
}

function opened(
  { recordId, delegationId, card, compartments }: Delegation,
  seals: readonly string[],
  key: SealSecretKey,
) {
  const cardSealKey = fromBase64url(card.sealKey)
  const infoOf = (place: { readonly id: CompartmentId; readonly epoch: number }) =>
    delegationSealInfo({ recordId, compartmentId: place.id, epoch: place.epoch, delegationId, cardSealKey })
  return openSeals(compartments, seals, { key, infoOf })
}
