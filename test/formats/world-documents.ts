import { manifestPlaintext } from '../../src/client/document/manifest.ts'
import { bodyContext, bodyKey, envelopeInfo, manifestContext, manifestKey } from '../../src/client/infos.ts'
import { type Bytes, concat } from '../../src/crypto/bytes.ts'
import { ChunkSealer, type ChunksKey, commitmentOf } from '../../src/crypto/chunks.ts'
import { padme } from '../../src/crypto/padding.ts'
import { sealWithSeed } from '../../src/crypto/seal.ts'
import { ed25519Signer, signStatement } from '../../src/crypto/statement.ts'
import { BlockTree } from '../../src/log/block-tree.ts'
import type { DocumentId, Hash, Instant, RecordId } from '../../src/protocol/ids.ts'
import type { SealedPlacement } from '../../src/protocol/messages.ts'
import type { Manifest, StoredDocument } from '../../src/protocol/record.ts'
import { type Deposit, type Placement, StatementTyp } from '../../src/protocol/statements.ts'
import { draw, text64 } from './vector-file.ts'

import { compartmentId, deployment, doctor, epochSecret, hash, hashOf, id, patient, signByPatient } from './world.ts'

/** Closes a message with a drawn salt. */
export function closeChunks(name: string, key: ChunksKey, plaintext: Bytes): Bytes {
  const sealer = new ChunkSealer(key, { salt: draw(`${name} salt`, 24) })
  return concat(sealer.header, ...sealer.update(plaintext), sealer.final())
}

/** A document of the doctor's, sealed into an epoch of the reports. */
export async function makeDocument(input: {
  readonly name: string
  readonly title: string
  readonly content: Bytes
  readonly epoch: number
  readonly state: Hash
  readonly t: Instant
}) {
  const [{ recordId }, author] = [await patient(), await doctor()]
  const { name, content, epoch, t } = input
  const place = { recordId, documentId: id<DocumentId>(`${name} id`) }
  const key = draw(`${name} key`, 32)
  const manifest: Manifest = {
    title: input.title,
    type: { code: '11488-4', system: '2.16.840.1.113883.6.1' },
    kind: 'reports',
    mimeType: 'text/plain',
    size: content.length,
    date: '2026-11-24',
    author: { name: 'Claire LEROY', role: 'Médecin' },
    patientAgreed: true,
    discussedWith: false,
  }
  const padded = concat(content, new Uint8Array(padme(content.length) - content.length))
  const body = closeChunks(`${name} body`, { key: bodyKey(key, place), context: bodyContext(place) }, padded)
  const sealing = { key: manifestKey(key, place), context: manifestContext(place) }
  const sealedManifest = closeChunks(`${name} manifest`, sealing, manifestPlaintext(manifest))
  const commitment = commitmentOf(body.subarray(0, 56))
  const envelope = makeEnvelope({ name, key, place, kind: 'reports', epoch, commitment })
  const { root, leaves } = new BlockTree().update(body).digest()
  const payload: Deposit = {
    deployment,
    recordId,
    documentId: place.documentId,
    compartment: compartmentId('reports'),
    epoch,
    state: input.state,
    bodyRoot: text64(root) as Hash,
    bodyLength: body.length,
    manifest: hash(sealedManifest),
    envelope: hash(envelope),
    commitment: text64(commitment),
    t,
  }
  const deposit = await signStatement(StatementTyp.deposit, payload, ed25519Signer(author.sign, author.hash))
  const stored: StoredDocument = {
    deposit,
    manifest: text64(sealedManifest),
    envelope: text64(envelope),
    placement: null,
    compartment: payload.compartment,
  }
  return {
    place,
    key,
    manifest,
    content,
    body,
    sealedManifest,
    envelope,
    commitment,
    payload,
    deposit,
    stored,
    blocks: concat(...leaves),
  }
}
export type MadeDocument = Awaited<ReturnType<typeof makeDocument>>

/** The document key in an envelope. */
export function makeEnvelope(input: {
  readonly name: string
  readonly key: Bytes
  readonly place: { readonly recordId: RecordId; readonly documentId: DocumentId }
  readonly kind: string
  readonly epoch: number
  readonly commitment: Bytes
}): Bytes {
  const { name, key, place, kind, epoch, commitment } = input
  const { publicKey } = epochSecret(kind, epoch)
  const info = envelopeInfo({
    ...place,
    compartmentId: compartmentId(kind),
    epoch,
    epochPublicKey: publicKey.bytes,
    commitment,
  })
  return sealWithSeed(publicKey, info, key, draw(`${name} envelope ${kind} ${epoch}`, 64))
}

/** The patient moves a document to the masked compartment. */
export async function maskDocument({ place, key, commitment, payload }: MadeDocument, t: Instant) {
  const who = await patient()
  const envelope = makeEnvelope({ name: 'masked', key, place, kind: 'masked', epoch: 0, commitment })
  const placement: Placement = {
    deployment,
    recordId: who.recordId,
    documentId: place.documentId,
    from: payload.compartment,
    to: compartmentId('masked'),
    epoch: 0,
    envelope: hash(envelope),
    t,
  }
  const statement = await signByPatient(StatementTyp.placement, placement, who)
  const sealed: SealedPlacement = { statement, envelope: text64(envelope) }
  return { payload: placement, statement, hash: hashOf(statement), envelope, sealed }
}
