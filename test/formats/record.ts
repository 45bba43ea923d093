/**
 * A whole record, as a host would serve it to its patient and to its doctor, and how each opens it: everything that
 * `docs/protocol/reading.md` says, by the public code.
 */

import type { Trust } from '../../src/client/anchors.ts'
import { verifyAuthor } from '../../src/client/document/author.ts'
import { type DocumentReader, openDocument } from '../../src/client/document/open.ts'
import { walkBack } from '../../src/client/epochs.ts'
import { VerificationError } from '../../src/client/errors.ts'
import { openGrant } from '../../src/client/grant-seal.ts'
import { readView, unlock } from '../../src/client/patient/view.ts'
import { nothingSeen } from '../../src/client/seen.ts'
import { verifyPatient } from '../../src/client/trust.ts'
import { fromBase64url, fromUtf8 } from '../../src/crypto/bytes.ts'
import { KitSecret, SealSecretKey } from '../../src/crypto/keys.ts'
import { formatKitSecret, kitSecretQr, parseKitSecret } from '../../src/crypto/kit-code.ts'
import { VerifyKey } from '../../src/crypto/sign.ts'
import { parseCertificate } from '../../src/crypto/x509.ts'
import { grantedTo, verifyGrant } from '../../src/log/grant.ts'
import { proveLeaf, verifyLeaf } from '../../src/log/sets.ts'
import { verifyState } from '../../src/log/state-chain.ts'
import type { PublishedKey } from '../../src/protocol/directory.ts'
import type { CompartmentId, DocumentId, Hash, NationalId } from '../../src/protocol/ids.ts'
import { parseIns } from '../../src/protocol/ins.ts'
import type { EpochLinks, RecordAccess, RecordState, Vaultkeys } from '../../src/protocol/messages.ts'
import type { StoredDocument } from '../../src/protocol/record.ts'
import type { StateCompartment } from '../../src/protocol/statements.ts'
import { collect } from '../crypto/vectors.ts'
import { story } from './story.ts'
import { hex, once, Refused, text64 } from './vector-file.ts'
import { compartment, compartmentId, deployment, host, insurer, kitSecret, patientInsNumber } from './world.ts'
import type { MadeDocument } from './world-documents.ts'

/** A document as served, with what it must come to. */
export interface ServedDocument {
  readonly document: StoredDocument
  readonly blocks: string
  readonly body: string
  readonly content: string
  readonly title: string
  /** Whether the doctor is shown it too. */
  readonly doctorToo: boolean
}

/** The file `record.json`. */
export interface RecordFile {
  readonly anchors: {
    readonly deployment: string
    readonly insurerKey: string
    readonly hostKey: string
    readonly cardAuthorities: readonly string[]
  }
  readonly now: string
  readonly ins: string
  readonly kit: { readonly text: string; readonly qr: string }
  readonly patient: {
    readonly keys: Vaultkeys
    readonly state: RecordState
    readonly epochs: Record<string, EpochLinks>
  }
  readonly doctor: {
    readonly nationalId: string
    readonly keyStatement: string
    readonly sealSecret: string
    readonly access: RecordAccess
    readonly epochs: Record<string, EpochLinks>
  }
  readonly keys: Record<string, PublishedKey>
  readonly documents: Record<string, ServedDocument>
}

export const recordFile = once(async (): Promise<RecordFile> => {
  const { patient, doctor, slots, states, grants, documents, mask } = await story()
  const { masked } = states
  const registration = { registration: patient.registration.text, registrationSalt: text64(patient.registration.salt) }
  const proof = proveLeaf(masked.sets, 'grants', grants.second.hash)
  const bundle = text64(masked.sealedBundle)
  const epochs = {
    [compartmentId('reports')]: {
      epochs: [1, 0].map(epoch => {
        const { publicKey, link } = compartment(patient.recordId, 'reports', epoch)
        return { epoch, publicKey, link }
      }),
    },
  }
  const served = (made: MadeDocument, doctorToo: boolean): ServedDocument => ({
    document: doctorToo
      ? made.stored
      : { ...made.stored, envelope: mask.sealed.envelope, placement: mask.statement, compartment: mask.payload.to },
    blocks: text64(made.blocks),
    body: text64(made.body),
    content: fromUtf8(made.content),
    title: made.manifest.title,
    doctorToo,
  })
  const { recordId } = patient
  const { card } = doctor
  return {
    anchors: {
      deployment,
      insurerKey: text64(insurer().verifyKey.bytes),
      hostKey: text64(host().verifyKey.bytes),
      cardAuthorities: [card.file.authority],
    },
    now: '2026-11-24T09:00:00.000Z',
    ins: patientInsNumber,
    kit: { text: formatKitSecret(kitSecret()), qr: kitSecretQr(kitSecret()) },
    patient: {
      keys: {
        recordId,
        identity: patient.text,
        ...registration,
        state: masked.text,
        sets: masked.sets,
        bundle,
        slots: [...slots],
      },
      state: {
        state: masked.text,
        sets: masked.sets,
        grants: [grants.second.sealed],
        placements: [mask.sealed],
        bundle,
      },
      epochs,
    },
    doctor: {
      nationalId: card.holder.id,
      keyStatement: doctor.hash,
      sealSecret: hex(doctor.seal.bytes),
      access: {
        recordId,
        identity: patient.text,
        ...registration,
        state: masked.text,
        grant: grants.second.sealed,
        proof,
      },
      epochs,
    },
    keys: { [doctor.hash]: { statement: doctor.text, crls: [...card.file.crls] } },
    documents: {
      [documents.early.place.documentId]: served(documents.early, true),
      [documents.late.place.documentId]: served(documents.late, true),
      [documents.masked.place.documentId]: served(documents.masked, false),
    },
  }
})

/** What a reader gets out of the file. */
export interface Reading {
  readonly recordId: string
  readonly compartments: Record<
    string,
    { readonly name: string; readonly epoch: number; readonly secret: string | null }
  >
  readonly documents: Record<string, { readonly title: string; readonly content: string }>
}

function trustOf({ anchors }: RecordFile): Trust {
  return {
    anchors: { deployment: anchors.deployment, development: true } as Trust['anchors'],
    insurerKey: VerifyKey.parse(fromBase64url(anchors.insurerKey)),
    hostKey: VerifyKey.parse(fromBase64url(anchors.hostKey)),
    cardAuthorities: anchors.cardAuthorities.map(parseCertificate),
    policy: { logs: [], witnesses: [], groups: [], quorum: 'none' },
  }
}

/** Opens everything with the kit. */
export async function openAsPatient(file: RecordFile): Promise<Reading> {
  const trust = trustOf(file)
  const ins = parseIns(file.ins)
  const kit = KitSecret.parse(parseKitSecret(file.kit.text))
  const { unlocked, seen } = await unlock({
    trust,
    ins,
    keys: file.patient.keys,
    seen: nothingSeen(),
    opener: { kind: 'kit', kit },
  })
  const { view } = await readView(file.patient.state, { trust, ...unlocked, seen })
  const placements = new Map<DocumentId, Hash>(
    [...view.placements.values()].map(({ payload, hash }) => [payload.documentId, hash]),
  )
  const held = view.bundle.compartments.map(each => ({
    ...each,
    secret: SealSecretKey.parse(fromBase64url(each.secret)),
  }))
  const documents = await openAll(file, Object.keys(file.documents), {
    deployment: trust.anchors.deployment,
    ...view.patient,
    authorKeys: (hash, at) => authorOf(file, trust, hash, at),
    epochSecret: secretsOf(file.patient.epochs, view.state.payload.compartments, held, view.patient.recordId),
    placements,
  })
  return {
    recordId: view.patient.recordId,
    compartments: shown(held.map(each => ({ ...each, name: each.kind }))),
    documents,
  }
}

/** Opens what the doctor's grant reaches. */
export async function openAsDoctor(file: RecordFile): Promise<Reading> {
  const trust = trustOf(file)
  const { access, nationalId, keyStatement, sealSecret, epochs } = file.doctor
  const patient = await verifyPatient(trust, parseIns(file.ins), access)
  const context = { deployment: trust.anchors.deployment, ...patient }
  const state = await verifyState(access.state, context)
  const grant = await verifyGrant(access.grant.statement, context)
  const mine = { kind: 'professional', id: nationalId as NationalId, at: new Date(file.now) } as const
  if (!grantedTo(grant.payload, mine)) throw new Refused('grant-other')
  if (access.proof.set !== 'grants' || !verifyLeaf(state.payload, access.proof, grant.hash)) {
    throw new Refused('grant-not-in-force')
  }
  if (grant.payload.grantee.keyStatement !== keyStatement) throw new Refused('keys-missing')
  const key = SealSecretKey.parse(Uint8Array.fromHex(sealSecret))
  const opened = openGrant({ grant, seals: access.grant.seals, state: state.payload, key })
  const readable = opened.flatMap(each => (each.secret === null ? [] : [{ ...each, secret: each.secret }]))
  const ids = Object.keys(file.documents).filter(id => file.documents[id]?.doctorToo === true)
  const documents = await openAll(file, ids, {
    deployment: trust.anchors.deployment,
    ...patient,
    authorKeys: (hash, at) => authorOf(file, trust, hash, at),
    epochSecret: secretsOf(epochs, state.payload.compartments, readable, patient.recordId),
  })
  return { recordId: patient.recordId, compartments: shown(opened), documents }
}

async function authorOf(file: RecordFile, trust: Trust, hash: Hash, at: Date) {
  const published = file.keys[hash]
  if (published === undefined) throw new Refused('deposit-author')
  return verifyAuthor(trust, published, { hash, at, now: new Date(file.now) })
}

function secretsOf(
  epochs: Record<string, EpochLinks>,
  compartments: readonly StateCompartment[],
  held: readonly { readonly id: CompartmentId; readonly secret: SealSecretKey }[],
  recordId: DocumentReader['recordId'],
): DocumentReader['epochSecret'] {
  return async (id, epoch) => {
    const current = compartments.find(each => each.id === id)
    const own = held.find(each => each.id === id)
    if (current === undefined || own === undefined) throw closed('compartment-closed')
    const links = epochs[id]?.epochs ?? []
    const secret = walkBack({ recordId, current, secret: own.secret, links, downTo: epoch }).get(epoch)
    if (secret === undefined) throw closed('epoch-unknown')
    return secret
  }
}

const closed = (code: string) => new VerificationError('That key is not to be had', { code })

async function openAll(
  file: RecordFile,
  ids: readonly string[],
  reader: DocumentReader,
): Promise<Reading['documents']> {
  const documents: Record<string, { title: string; content: string }> = {}
  for (const id of ids) {
    const { document, blocks, body } = file.documents[id] as ServedDocument
    const opened = await openDocument(document, reader, id as DocumentId)
    const content = fromUtf8(await collect(opened.content(blocks, [fromBase64url(body)])))
    documents[id] = { title: opened.manifest.title, content }
  }
  return documents
}

function shown(
  compartments: readonly { id: string; name: string; epoch: number; secret: SealSecretKey | null }[],
): Reading['compartments'] {
  return Object.fromEntries(
    compartments.map(({ id, name, epoch, secret }) => [
      id,
      { name, epoch, secret: secret === null ? null : hex(secret.bytes) },
    ]),
  )
}
