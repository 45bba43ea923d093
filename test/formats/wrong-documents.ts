/** Documents that their author signed wrongly, and placements that do not hold, as attacks on `record.json`. */

import { manifestPlaintext } from '../../src/client/document/manifest.ts'
import { bodyContext, bodyKey, manifestContext, manifestKey } from '../../src/client/infos.ts'
import { type Bytes, concat, utf8 } from '../../src/crypto/bytes.ts'
import { padme } from '../../src/crypto/padding.ts'
import { ed25519Signer, signStatement } from '../../src/crypto/statement.ts'
import { BlockTree } from '../../src/log/block-tree.ts'
import type { Hash, RecordId } from '../../src/protocol/ids.ts'
import { type Deposit, type Placement, StatementTyp } from '../../src/protocol/statements.ts'
import type { RecordFile, ServedDocument } from './record.ts'
import type { RecordAttack } from './record-attacks.ts'
import { story } from './story.ts'
import { draw, type Json, text64 } from './vector-file.ts'
import { compartmentId, doctor, hash, host, signByPatient } from './world.ts'
import { closeChunks, type MadeDocument, makeEnvelope } from './world-documents.ts'

/** What the author would sign otherwise; what follows from it is signed too. */
interface Otherwise {
  readonly body?: Bytes
  readonly manifest?: Bytes
  readonly envelope?: Bytes
  readonly deposit?: Partial<Deposit>
}

async function signedOtherwise(made: MadeDocument, served: ServedDocument, other: Otherwise): Promise<Json> {
  const { body = made.body, manifest = made.sealedManifest, envelope = made.envelope } = other
  const { root, leaves } = new BlockTree().update(body).digest()
  const author = await doctor()
  const payload: Deposit = {
    ...made.payload,
    bodyRoot: text64(root) as Hash,
    bodyLength: body.length,
    manifest: hash(manifest),
    envelope: hash(envelope),
    ...other.deposit,
  }
  const deposit = await signStatement(StatementTyp.deposit, payload, ed25519Signer(author.sign, author.hash))
  const document = { ...served.document, deposit, manifest: text64(manifest), envelope: text64(envelope) }
  return { ...served, document, blocks: text64(concat(...leaves)), body: text64(body) }
}

const flipped = (bytes: Bytes, at: number): Bytes => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte))

/** What is wrong, the reason it is refused for, and how the late document is signed so. */
function mistakes({ place, key, manifest, content, body, sealedManifest }: MadeDocument) {
  const sealing = { key: manifestKey(key, place), context: manifestContext(place) }
  const said = (name: string, text: Bytes): Otherwise => ({ manifest: closeChunks(name, sealing, text) })
  const hidden = concat(content, new Uint8Array(padme(content.length) - content.length - 1), Uint8Array.of(1))
  const closed = { key: bodyKey(key, place), context: bodyContext(place) }
  const commitment = draw('another commitment', 32)
  const bound = { name: 'committed', key, place, kind: 'reports', epoch: 1, commitment }
  const twice = utf8(`{"title":"Autre",${JSON.stringify(manifest).slice(1)}`.padEnd(1024))
  const list: [string, string, Otherwise][] = [
    [
      'a deposit for another record',
      'deposit-record',
      { deposit: { recordId: text64(draw('another record', 16)) as RecordId } },
    ],
    ['an envelope bound to another body', 'envelope-open', { deposit: { commitment: text64(commitment) } }],
    ['a manifest that does not open', 'manifest-open', { manifest: flipped(sealedManifest, 100) }],
    ['a manifest that is none', 'manifest-form', said('none', utf8('{}'.padEnd(1024)))],
    ['a manifest with two titles', 'manifest-form', said('two titles', twice)],
    [
      'a size that is not the body’s',
      'body-length',
      said('another size', manifestPlaintext({ ...manifest, size: 2 * manifest.size })),
    ],
    [
      'a commitment that is not the body’s',
      'body-commitment',
      { envelope: makeEnvelope(bound), deposit: { commitment: text64(commitment) } },
    ],
    ['a chunk that does not open', 'body-open', { body: flipped(body, 100) }],
    ['a byte hidden in the padding', 'body-padding', { body: closeChunks('document 2 body', closed, hidden) }],
  ]
  return list
}

/** The attacks of this file. */
export async function documentAttacks(file: RecordFile): Promise<RecordAttack[]> {
  const { documents, mask, patient } = await story()
  const { early, late } = documents
  const at = (made: MadeDocument) => ['documents', made.place.documentId]
  const served = (made: MadeDocument) => file.documents[made.place.documentId] as ServedDocument
  const wrong = await Promise.all(
    mistakes(late).map(async ([name, refused, other]): Promise<RecordAttack> => {
      return {
        name,
        reader: 'doctor',
        path: at(late),
        value: await signedOtherwise(late, served(late), other),
        refused,
      }
    }),
  )
  const place = (made: MadeDocument, changes: Partial<Placement>, by = patient) =>
    signByPatient(
      StatementTyp.placement,
      { ...mask.payload, documentId: made.place.documentId, envelope: made.payload.envelope, ...changes },
      by,
    )
  const laid = (made: MadeDocument, placement: string, compartment: string): Json => ({
    ...served(made),
    document: { ...served(made).document, placement, compartment },
  })
  const laboratory = compartmentId('laboratory')
  const masked = compartmentId('masked')
  const forged = await place(late, {}, { ...patient, sign: host() })
  const elsewhere = await place(late, { to: laboratory, epoch: 0 })
  const old = await place(early, {})
  return [
    ...wrong,
    {
      name: 'a placement the patient did not sign',
      reader: 'doctor',
      path: at(late),
      value: laid(late, forged, masked),
      refused: 'placement-signature',
    },
    {
      name: 'another document’s placement',
      reader: 'doctor',
      path: at(late),
      value: laid(late, mask.statement, masked),
      refused: 'placement-document',
    },
    {
      name: 'a placement that is not in the state',
      reader: 'patient',
      path: at(early),
      value: laid(early, old, masked),
      refused: 'placement-unknown',
    },
    {
      name: 'a compartment the grant does not let read',
      reader: 'doctor',
      path: at(late),
      value: laid(late, elsewhere, laboratory),
      refused: 'envelope-open',
    },
  ]
}
