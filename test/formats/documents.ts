/** Vectors of a document's parts: envelope, manifest, deposit, placement. */

import { manifestPlaintext, readManifest } from '../../src/client/document/manifest.ts'
import {
  bodyContext,
  bodyKey,
  type DocumentPlace,
  type EnvelopePlace,
  envelopeInfo,
  manifestContext,
  manifestKey,
} from '../../src/client/infos.ts'
import { fromBase64url, utf8 } from '../../src/crypto/bytes.ts'
import { openAll } from '../../src/crypto/chunks.ts'
import { DocumentKey, SealSecretKey } from '../../src/crypto/keys.ts'
import { open, sealWithSeed } from '../../src/crypto/seal.ts'
import { VerifyKey } from '../../src/crypto/sign.ts'
import { ed25519Signer, signStatement } from '../../src/crypto/statement.ts'
import { verifyDeposit, verifyPlacement } from '../../src/log/grant.ts'
import type { DeploymentId, RecordId } from '../../src/protocol/ids.ts'
import type { Manifest } from '../../src/protocol/record.ts'
import { type Deposit, type Placement, StatementTyp } from '../../src/protocol/statements.ts'
import { verifiedIdentity } from './keys.ts'
import { story } from './story.ts'
import {
  anyOf,
  bytesOf,
  draw,
  type Format,
  flippedHex,
  hex,
  type Json,
  Refused,
  refused,
  text64,
  textOf,
  type VectorCase,
} from './vector-file.ts'
import { compartmentId, deployment, epochSecret, host, signByPatient } from './world.ts'
import { closeChunks } from './world-documents.ts'

const json = (value: unknown): Json => JSON.parse(JSON.stringify(value))
const another = <T>(name: string): T => text64(draw(name, 16)) as T

/** The place of an envelope with its bytes as text. */
interface TextPlace extends DocumentPlace {
  readonly compartmentId: EnvelopePlace['compartmentId']
  readonly epoch: number
  readonly commitment: string
}

export const envelope: Format = {
  file: 'envelope',
  page: 'envelope.md',
  about:
    'An envelope, what it is bound to, the epoch’s secret. place.commitment in hexadecimal. writer.encapsulation as in seal.json.',
  async cases() {
    const { documents } = await story()
    const { place, key, commitment, envelope } = documents.late
    const bound: TextPlace = {
      ...place,
      compartmentId: compartmentId('reports'),
      epoch: 1,
      commitment: hex(commitment),
    }
    const secret = epochSecret('reports', 1)
    const good: VectorCase = {
      name: 'an envelope',
      writer: {
        encapsulation: hex(draw('document 2 envelope reports 1', 64)),
        epochPublicKey: hex(secret.publicKey.bytes),
        info: hex(envelopeInfo({ ...bound, epochPublicKey: secret.publicKey.bytes, commitment })),
      },
      given: { place: json(bound), secret: hex(secret.bytes), envelope: hex(envelope) },
      opens: { documentKey: hex(key) },
    }
    const elsewhere = (name: string, changes: Partial<TextPlace>) =>
      refused(name, 'seal-open', good, { place: json({ ...bound, ...changes }) })
    const info = envelopeInfo({ ...bound, epochPublicKey: secret.publicKey.bytes, commitment })
    const short = sealWithSeed(secret.publicKey, info, key.subarray(0, 31), draw('short', 64))
    return [
      good,
      elsewhere('another record', { recordId: another('another record') }),
      elsewhere('another document', { documentId: another('another document') }),
      elsewhere('another compartment', { compartmentId: compartmentId('masked') }),
      elsewhere('another epoch', { epoch: 0 }),
      elsewhere('another body', { commitment: hex(documents.early.commitment) }),
      refused('the secret of another epoch', 'seal-open', good, { secret: hex(epochSecret('reports', 0).bytes) }),
      refused('altered', 'seal-open', good, { envelope: flippedHex(hex(envelope), 1130) }),
      refused('a key of 31 bytes in it', 'key-length', good, { envelope: hex(short) }),
    ]
  },
  open(given) {
    const place = anyOf<TextPlace>(given, 'place')
    const secret = SealSecretKey.parse(bytesOf(given, 'secret'))
    const commitment = bytesOf({ commitment: place.commitment }, 'commitment')
    const info = envelopeInfo({ ...place, epochPublicKey: secret.publicKey.bytes, commitment })
    return { documentKey: hex(DocumentKey.parse(open(secret, info, bytesOf(given, 'envelope'))).bytes) }
  },
}

export const manifest: Format = {
  file: 'manifest',
  page: 'manifest.md',
  about:
    'A manifest and its document key. derived: keys and contexts of manifest and body. writer.salt: that of the chunks.',
  async shared() {
    const { place } = (await story()).documents.early
    return { ...place }
  },
  async cases() {
    const { place, key, manifest, sealedManifest } = (await story()).documents.early
    const derived = {
      manifestKey: hex(manifestKey(key, place)),
      manifestContext: hex(manifestContext(place)),
      bodyKey: hex(bodyKey(key, place)),
      bodyContext: hex(bodyContext(place)),
    }
    const good: VectorCase = {
      name: 'a manifest',
      writer: { salt: hex(draw('document 1 manifest salt', 24)) },
      given: { documentKey: hex(key), manifest: hex(sealedManifest) },
      opens: { manifest: json(manifest), ...derived },
    }
    const sealing = { key: manifestKey(key, place), context: manifestContext(place) }
    const bad = (name: string, plaintext: Uint8Array) =>
      refused(name, 'manifest-form', good, { manifest: hex(closeChunks(name, sealing, plaintext)) })
    const asBody = closeChunks(
      'as body',
      { key: bodyKey(key, place), context: bodyContext(place) },
      manifestPlaintext(manifest),
    )
    return [
      good,
      refused('another document key', 'chunks-commitment', good, { documentKey: flippedHex(hex(key), 0) }),
      refused('a body in its place', 'chunks-commitment', good, { manifest: hex(asBody) }),
      refused('altered', 'chunks-end', good, { manifest: flippedHex(hex(sealedManifest), 60) }),
      bad('no JSON', utf8('{"title":'.padEnd(1024))),
      bad('another member', manifestPlaintext({ ...manifest, nir: '184127645108946' } as Manifest)),
      bad('no size', utf8(JSON.stringify({ ...manifest, size: undefined }).padEnd(1024))),
      bad('an empty title', manifestPlaintext({ ...manifest, title: '' })),
      bad('a title twice', utf8(`{"title":"Autre",${JSON.stringify(manifest).slice(1)}`.padEnd(1024))),
      bad('white space between members', utf8(JSON.stringify(manifest, null, 1).padEnd(1024))),
      bad('padding of line feeds', utf8(JSON.stringify(manifest).padEnd(1024, '\n'))),
      bad('padded to another length', utf8(JSON.stringify(manifest).padEnd(1025))),
    ]
  },
  open(given, shared) {
    const place = anyOf<DocumentPlace>({ shared }, 'shared')
    const key = bytesOf(given, 'documentKey')
    const sealing = { key: manifestKey(key, place), context: manifestContext(place) }
    const opened = readManifest(openAll(sealing, bytesOf(given, 'manifest')))
    if (opened === null) throw new Refused('manifest-form')
    return {
      manifest: json(opened),
      manifestKey: hex(sealing.key),
      manifestContext: hex(sealing.context),
      bodyKey: hex(bodyKey(key, place)),
      bodyContext: hex(bodyContext(place)),
    }
  },
}

export const deposit: Format = {
  file: 'deposit',
  page: 'deposit.md',
  about:
    'A deposit, verified under its author’s working key (`key`, of the key statement `keyStatement`), which the reader has verified before.',
  async shared() {
    const { doctor, patient } = await story()
    return { deployment, recordId: patient.recordId, key: doctor.payload.signKey, keyStatement: doctor.hash }
  },
  async cases() {
    const { doctor, documents } = await story()
    const { payload, deposit, place } = documents.late
    const good: VectorCase = {
      name: 'a deposit',
      writer: { signSeed: hex(doctor.sign.seed) },
      given: { deposit },
      opens: { documentId: place.documentId, bodyLength: payload.bodyLength },
    }
    const signed = (changes: Partial<Deposit>, by = doctor.sign, kid: string = doctor.hash) =>
      signStatement(StatementTyp.deposit, { ...payload, ...changes }, ed25519Signer(by, kid))
    const bad = async (name: string, code: string, statement: Promise<string>) =>
      refused(name, code, good, { deposit: await statement })
    const correction: VectorCase = {
      name: 'a correction',
      given: { deposit: await signed({ replaces: documents.early.place.documentId }) },
      opens: good.opens ?? {},
    }
    const asPlacement = signStatement(StatementTyp.placement, payload, ed25519Signer(doctor.sign, doctor.hash))
    return [
      good,
      correction,
      await bad('another signer', 'statement-signature', signed({}, host())),
      await bad('another kid', 'statement-record', signed({}, doctor.sign, payload.state)),
      await bad('another record', 'statement-record', signed({ recordId: another<RecordId>('another record') })),
      await bad(
        'another deployment',
        'statement-record',
        signed({ deployment: another<DeploymentId>('another deployment') }),
      ),
      await bad('a body of no bytes', 'statement-form', signed({ bodyLength: 0 })),
      await bad('a commitment of 31 bytes', 'statement-form', signed({ commitment: text64(draw('short', 31)) })),
      await bad('a time without milliseconds', 'statement-form', signed({ t: '2026-11-24T08:00:00Z' as never })),
      await bad('of another typ', 'statement-type', asPlacement),
    ]
  },
  async open(given, shared) {
    const { payload } = await verifyDeposit(textOf(given, 'deposit'), {
      deployment: anyOf(shared, 'deployment'),
      recordId: anyOf(shared, 'recordId'),
      key: { hash: anyOf(shared, 'keyStatement'), verifyKey: VerifyKey.parse(fromBase64url(textOf(shared, 'key'))) },
    })
    return { documentId: payload.documentId, bodyLength: payload.bodyLength }
  },
}

export const placement: Format = {
  file: 'placement',
  page: 'placement.md',
  about: 'A placement, verified under the identity.',
  async shared() {
    const { patient } = await story()
    return { deployment, recordId: patient.recordId, identity: patient.text }
  },
  async cases() {
    const { patient, mask } = await story()
    const good: VectorCase = {
      name: 'a document masked',
      writer: { signSeed: hex(patient.sign.seed), encapsulation: hex(draw('masked envelope masked 0', 64)) },
      given: { placement: mask.statement },
      opens: {
        hash: mask.hash,
        documentId: mask.payload.documentId,
        to: mask.payload.to,
        epoch: 0,
        envelope: mask.payload.envelope,
      },
    }
    const signed = (changes: Partial<Placement>, by = patient) =>
      signByPatient(StatementTyp.placement, { ...mask.payload, ...changes }, by)
    const bad = async (name: string, code: string, statement: Promise<string>) =>
      refused(name, code, good, { placement: await statement })
    return [
      good,
      await bad('another signer', 'statement-signature', signed({}, { ...patient, sign: host() })),
      await bad('another kid', 'statement-record', signed({}, { ...patient, hash: mask.hash })),
      await bad('another record', 'statement-record', signed({ recordId: another<RecordId>('another record') })),
      await bad('an epoch below zero', 'statement-form', signed({ epoch: -1 })),
    ]
  },
  async open(given, shared) {
    const context = {
      deployment: anyOf<DeploymentId>(shared, 'deployment'),
      recordId: anyOf<RecordId>(shared, 'recordId'),
      identity: await verifiedIdentity(),
    }
    const { hash, payload } = await verifyPlacement(textOf(given, 'placement'), context)
    return { hash, documentId: payload.documentId, to: payload.to, epoch: payload.epoch, envelope: payload.envelope }
  },
}
