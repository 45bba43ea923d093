/** A document's metadata as a FHIR R4 DocumentReference: what an exported file says of itself to other software. */
import { fromBase64url, toBase64, toHex } from '../../crypto/bytes.ts'
import { holderName } from '../../log/key-statement.ts'
import type { DeploymentId, DocumentId, Ins } from '../../protocol/ids.ts'
import type { OpenedDocument } from '../document/open.ts'

const SECURITY_LABEL =
  'https://mos.esante.gouv.fr/NOS/TRE_A07-StatusVisibiliteDocument/FHIR/TRE-A07-StatusVisibiliteDocument'
const PERSONS = 'urn:oid:1.2.250.1.71.4.2.1'
const STRUCTURES = 'urn:oid:1.2.250.1.71.4.2.2'

/** How an exported document lies and stands. */
export interface Exported {
  readonly document: OpenedDocument
  /** Compartment, by its kind or the patient's own name. */
  readonly kind: string
  readonly masked: boolean
  readonly withdrawn: boolean
  /** The later document that corrects it. */
  readonly replacedBy: DocumentId | null
  /** Path of its content in the export. */
  readonly url: string
  /** Of the content, 32 bytes. */
  readonly sha256: Uint8Array
}

/** Who exports, from where. */
export interface Subject {
  readonly deployment: DeploymentId
  readonly ins: Ins
}

const idOf = (id: string): string => toHex(fromBase64url(id))
const reference = (id: string): { readonly reference: string } => ({ reference: `DocumentReference/${idOf(id)}` })

/**
 * The resource. `status` follows the log: `superseded` when the author corrected it, `entered-in-error` when the author
 * withdrew it. The author is the card's, not the manifest's claim. The type's code stands under the system that the
 * author's software named. FHIR's own `hash` is SHA-1, which we do not vouch with: SHA-256 stands in an extension.
 */
export function documentReference(exported: Exported, { deployment, ins }: Subject): object {
  const { document, kind, masked, withdrawn, replacedBy, url, sha256 } = exported
  const { documentId, deposit, author, manifest } = document
  const { replaces, t } = deposit.payload
  const isPerson = author.holder.kind === 'professional'
  return {
    resourceType: 'DocumentReference',
    id: idOf(documentId),
    contained: [
      {
        resourceType: isPerson ? 'Practitioner' : 'Organization',
        id: 'author',
        identifier: [{ system: isPerson ? PERSONS : STRUCTURES, value: author.payload.nationalId }],
        name: isPerson ? [{ text: holderName(author.holder) }] : holderName(author.holder),
      },
    ],
    masterIdentifier: { system: `urn:coffre:${deployment}:document`, value: documentId },
    status: withdrawn ? 'entered-in-error' : replacedBy === null ? 'current' : 'superseded',
    type: { coding: [{ system: systemOf(manifest.type.system), code: manifest.type.code }] },
    category: [{ text: kind }],
    subject: { identifier: { system: `urn:coffre:${deployment}:ins`, value: ins } },
    date: t,
    author: [{ reference: '#author' }],
    ...(replaces === undefined ? {} : { relatesTo: [{ code: 'replaces', target: reference(replaces) }] }),
    description: manifest.title,
    ...(masked ? { securityLabel: [{ coding: [{ system: SECURITY_LABEL, code: 'MASQUE_PS' }] }] } : {}),
    content: [
      {
        attachment: {
          extension: [{ url: 'urn:coffre:sha-256', valueBase64Binary: toBase64(sha256) }],
          contentType: manifest.mimeType,
          language: 'fr-FR',
          url,
          size: manifest.size,
          title: manifest.title,
          creation: manifest.date,
        },
      },
    ],
    ...(manifest.practiceSetting === undefined
      ? {}
      : { context: { practiceSetting: { text: manifest.practiceSetting } } }),
  }
}

/** An OID as FHIR writes it; LOINC by its own address. */
function systemOf(system: string): string {
  if (system === '2.16.840.1.113883.6.1') return 'http://loinc.org'
  return /^\d+(\.\d+)+$/.test(system) ? `urn:oid:${system}` : system
}
