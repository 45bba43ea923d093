/** Vectors of what a compartment's holder has: links, grants and their seals. */

import { walkBack } from '../../src/client/epochs.ts'
import { giftPlaintext, openGift, openGrant } from '../../src/client/grant-seal.ts'
import { type GrantSealPlace, grantSealInfo } from '../../src/client/infos.ts'
import { boxWithSalt } from '../../src/crypto/box.ts'
import { concat, fromBase64url, fromHex } from '../../src/crypto/bytes.ts'
import { SealSecretKey } from '../../src/crypto/keys.ts'
import { sealWithSeed } from '../../src/crypto/seal.ts'
import { verifyGrant } from '../../src/log/grant.ts'
import type { RecordId } from '../../src/protocol/ids.ts'
import type { Grant, State } from '../../src/protocol/statements.ts'
import { StatementTyp } from '../../src/protocol/statements.ts'
import { flipped64, verifiedIdentity } from './keys.ts'
import { story } from './story.ts'
import {
  anyOf,
  bytesOf,
  draw,
  type Format,
  hex,
  type Json,
  type Members,
  refused,
  text64,
  textOf,
  type VectorCase,
} from './vector-file.ts'
import {
  compartment,
  compartmentId,
  deployment,
  epochSecret,
  host,
  linkParts,
  patient,
  signByPatient,
} from './world.ts'

const json = (value: unknown): Json => JSON.parse(JSON.stringify(value))

export const epoch: Format = {
  file: 'epoch',
  page: 'epoch.md',
  about:
    'A compartment’s current secret, the compartment as the state has it, the links as a host serves them: every earlier secret.',
  async shared() {
    return { recordId: (await patient()).recordId }
  },
  async cases() {
    const { recordId } = await patient()
    const at = (kind: string, number: number) => {
      const { epoch, publicKey, link } = compartment(recordId, kind, number)
      return { epoch, publicKey, link }
    }
    const make = (current: number): VectorCase => ({
      name: `epoch ${current}`,
      writer: {
        boxes: Array.from({ length: current }, (_, i) => {
          const { salt, key, info } = linkParts(recordId, 'reports', i + 1)
          return { salt: hex(salt), key: hex(key), info: hex(info) }
        }),
      },
      given: {
        compartment: json(compartment(recordId, 'reports', current)),
        secret: hex(epochSecret('reports', current).bytes),
        links: json(Array.from({ length: current + 1 }, (_, i) => at('reports', current - i))),
      },
      opens: { secrets: Array.from({ length: current + 1 }, (_, i) => hex(epochSecret('reports', i).bytes)) },
    })
    const good = make(2)
    const links = [2, 1, 0].map(number => at('reports', number))
    const [two, one, zero] = links as [(typeof links)[0], (typeof links)[0], (typeof links)[0]]
    const bad = (name: string, served: object[]) => refused(name, 'epoch-links', good, { links: json(served) })
    const current = compartment(recordId, 'reports', 2)
    const link = text64(linkParts(recordId, 'reports', 2).link)
    // A link well made in everything but the secret inside, which is another epoch's.
    const parts = linkParts(recordId, 'reports', 2)
    const box = boxWithSalt(parts.key, parts.info, epochSecret('laboratory', 0).bytes, draw('another secret salt', 32))
    const misleading = text64(concat(parts.link.subarray(0, 32), box))
    return [
      make(0),
      make(1),
      good,
      refused('the secret of another epoch', 'epoch-key', good, { secret: hex(epochSecret('reports', 1).bytes) }),
      bad('an epoch missing', [two, zero]),
      bad('another public key', [two, { ...one, publicKey: at('laboratory', 0).publicKey }, zero]),
      bad('the link of epoch 1 altered', [two, { ...one, link: flipped64(one.link as string, 50) }, zero]),
      bad('the link of epoch 1 left out', [two, { ...one, link: null }, zero]),
      bad('a link in epoch 0', [two, one, { ...zero, link }]),
      refused('the state’s link altered', 'epoch-links', good, {
        compartment: json({ ...current, link: flipped64(link, -1) }),
      }),
      refused('a link that opens to another secret', 'epoch-links', good, {
        compartment: json({ ...current, link: misleading }),
        links: json([{ ...two, link: misleading }, one, zero]),
      }),
      refused('the state’s link says another one before', 'epoch-links', good, {
        compartment: json({ ...current, link: flipped64(link, 0) }),
      }),
    ]
  },
  open(given, shared) {
    const secrets = walkBack({
      recordId: anyOf(shared, 'recordId'),
      current: anyOf(given, 'compartment'),
      secret: SealSecretKey.parse(bytesOf(given, 'secret')),
      links: anyOf(given, 'links'),
    })
    return { secrets: [...secrets].sort(([a], [b]) => a - b).map(([, secret]) => hex(secret.bytes)) }
  },
}

export const grantSeal: Format = {
  file: 'grant-seal',
  page: 'grant.md',
  about:
    'One seal of a grant, alone: what it is bound to and the 97 bytes in it. writer.encapsulation as in seal.json.',
  async shared() {
    const { doctor } = await story()
    return { sealSecret: hex(doctor.seal.bytes) }
  },
  async cases() {
    const { doctor, grants, patient } = await story()
    const place: GrantSealPlace = {
      recordId: patient.recordId,
      compartmentId: compartmentId('reports'),
      epoch: 1,
      keyStatement: doctor.hash,
      grantId: grants.second.payload.grantId,
    }
    const close = (name: string, plaintext: Uint8Array) =>
      text64(sealWithSeed(doctor.seal.publicKey, grantSealInfo(place), plaintext, draw(`grant seal ${name}`, 64)))
    const make = (name: string, gift: Parameters<typeof giftPlaintext>[0]): VectorCase => ({
      name,
      writer: {
        encapsulation: hex(draw(`grant seal ${name}`, 64)),
        info: hex(grantSealInfo(place)),
        plaintext: hex(giftPlaintext(gift)),
      },
      given: { place: json(place), seal: close(name, giftPlaintext(gift)) },
      opens: { name: gift.name, secret: gift.secret === null ? null : hex(gift.secret.bytes) },
    })
    const secret = epochSecret('reports', 1)
    const good = make('to read', { name: 'reports', secret })
    const elsewhere = (name: string, changes: Partial<GrantSealPlace>) =>
      refused(name, 'seal-open', good, { place: json({ ...place, ...changes }) })
    const plain = giftPlaintext({ name: 'reports', secret })
    const bad = (name: string, at: number, value: number, from = plain) => {
      const bytes = from.slice()
      bytes[at] = value
      return refused(name, 'grant-seal', good, { seal: close(name, bytes) })
    }
    return [
      good,
      make('to deposit alone', { name: 'laboratory', secret: null }),
      make('a name of the patient’s', { name: 'Psychiatrie, à part', secret }),
      elsewhere('another compartment', { compartmentId: compartmentId('laboratory') }),
      elsewhere('another epoch', { epoch: 2 }),
      elsewhere('another key statement', { keyStatement: grants.first.hash }),
      elsewhere('another grant', { grantId: text64(draw('another grant', 16)) as never }),
      elsewhere('another record', { recordId: text64(draw('another record', 16)) as never }),
      bad('a flag of 2', 0, 2),
      bad('a name of no byte', 33, 0),
      bad('a name of 64 bytes', 33, 64),
      bad('a byte after the name', 96, 1),
      bad('a secret without its flag', 0, 0),
      refused('96 bytes', 'grant-seal', good, { seal: close('short', plain.subarray(0, 96)) }),
    ]
  },
  open(given, shared) {
    const key = SealSecretKey.parse(bytesOf(shared, 'sealSecret'))
    const { name, secret } = openGift(key, grantSealInfo(anyOf(given, 'place')), fromBase64url(textOf(given, 'seal')))
    return { name, secret: secret === null ? null : hex(secret.bytes) }
  },
}

/** What a grantee needs to know of the state. */
const compartmentsOf = (state: State): Json => json(state.compartments)

export const grant: Format = {
  file: 'grant',
  page: 'grant.md',
  about:
    'A grant with its seals, as its holder opens it: against the identity that signs it and the state’s compartments.',
  async shared() {
    const { doctor, patient } = await story()
    return { deployment, recordId: patient.recordId, identity: patient.text, sealSecret: hex(doctor.seal.bytes) }
  },
  async cases() {
    const { grants, states, patient } = await story()
    const { second } = grants
    const good: VectorCase = {
      name: 'a grant',
      writer: { signSeed: hex(patient.sign.seed) },
      given: { ...(json(second.sealed) as Members), compartments: compartmentsOf(states.rolled.payload) },
      opens: {
        hash: second.hash,
        compartments: [
          {
            id: compartmentId('reports'),
            name: 'reports',
            rights: ['read', 'deposit'],
            secret: hex(epochSecret('reports', 1).bytes),
          },
          { id: compartmentId('laboratory'), name: 'laboratory', rights: ['deposit'], secret: null },
        ],
      },
    }
    const signed = (changes: Partial<Grant>) =>
      signByPatient(StatementTyp.grant, { ...second.payload, ...changes }, patient)
    const bad = async (name: string, code: string, statement: Promise<string>) =>
      refused(name, code, good, { statement: await statement })
    const rights = (first: string[], other: string[]): Partial<Grant> => ({
      compartments: second.payload.compartments.map((each, i) => ({
        ...each,
        rights: (i === 0 ? first : other) as never,
      })),
    })
    const seals = second.sealed.seals
    return [
      good,
      await bad(
        'another signer',
        'statement-signature',
        signByPatient(StatementTyp.grant, second.payload, { ...patient, sign: host() }),
      ),
      await bad(
        'another kid',
        'statement-record',
        signByPatient(StatementTyp.grant, second.payload, { ...patient, hash: second.hash }),
      ),
      await bad(
        'another record',
        'statement-record',
        signed({ recordId: text64(draw('another record', 16)) as RecordId }),
      ),
      await bad(
        'another deployment',
        'statement-record',
        signed({ deployment: text64(draw('another deployment', 16)) as never }),
      ),
      await bad('a right that is none', 'statement-form', signed(rights(['write'], ['deposit']))),
      await bad('a right twice', 'statement-form', signed(rights(['read', 'read'], ['deposit']))),
      await bad(
        'a compartment twice',
        'statement-form',
        signed({ compartments: [...second.payload.compartments, ...second.payload.compartments.slice(0, 1)] }),
      ),
      refused('a seal too many', 'grant-seal', good, { seals: [...seals, seals[0] as string] }),
      await bad('no right to read what was sealed', 'grant-seal', signed(rights(['deposit'], ['deposit']))),
      await bad('a right to read without a secret', 'grant-seal', signed(rights(['read'], ['read']))),
      refused('seals swapped', 'grant-seal', good, { seals: seals.toReversed() }),
      refused('a seal missing', 'grant-seal', good, { seals: seals.slice(0, 1) }),
      refused('a seal altered', 'grant-seal', good, { seals: [flipped64(seals[0] as string, 5), seals[1] as string] }),
      refused('a state in another epoch', 'grant-seal', good, { compartments: compartmentsOf(states.granted.payload) }),
      refused('a state with another key in the same epoch', 'epoch-key', good, {
        compartments: json(
          states.rolled.payload.compartments.map((each, i, all) => ({
            ...each,
            publicKey: (all[(i + 1) % 3] ?? each).publicKey,
          })),
        ),
      }),
    ]
  },
  async open(given, shared) {
    const context = {
      deployment: anyOf<typeof deployment>(shared, 'deployment'),
      recordId: anyOf<RecordId>(shared, 'recordId'),
      identity: await verifiedIdentity(),
    }
    const verified = await verifyGrant(textOf(given, 'statement'), context)
    const opened = openGrant({
      grant: verified,
      seals: anyOf(given, 'seals'),
      state: { compartments: given.compartments } as never,
      key: SealSecretKey.parse(fromHex(textOf(shared, 'sealSecret'))),
    })
    return {
      hash: verified.hash,
      compartments: opened.map(({ id, name, rights, secret }) => ({
        id,
        name,
        rights: [...rights],
        secret: secret === null ? null : hex(secret.bytes),
      })),
    }
  },
}
