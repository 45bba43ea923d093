/** Depositing a document into a compartment that the patient opened for it. */
import { randomBytes, toBase64url } from '../../crypto/bytes.ts'
import { statementHash } from '../../crypto/statement.ts'
import { DocumentId, type Hash, type RecordId } from '../../protocol/ids.ts'
import { Receipted } from '../../protocol/messages.ts'
import type { Manifest } from '../../protocol/record.ts'
import type { BlockWork } from '../document/block-work.ts'
import type { Content } from '../document/content.ts'
import { DocumentSealer, type SealedDocument } from '../document/seal.ts'
import { persistently, uploadBody } from '../document/upload.ts'
import { HostRefusal, InputError } from '../errors.ts'
import { type Access, type GrantedCompartment, openAccess } from './access.ts'
import type { Connection } from './connection.ts'

/** What is to be deposited. */
export interface DepositOptions {
  readonly access: Access
  /** Which compartment, by its kind or the patient's own name for it. */
  readonly compartment: string
  /** `size` is the content's length, in bytes. */
  readonly manifest: Manifest
  /** Opened once, read to its end; may lend its pieces. */
  content(): Content
  readonly replaces?: DocumentId
  /** Who seals the body: this thread unless given (`startCrew`, for large ones). */
  readonly work?: BlockWork
  /** Bytes of ciphertext sent, of how many. */
  progress?(sent: number, total: number): void
}

/** A deposit that the host has logged. */
export interface Deposited {
  readonly documentId: DocumentId
  readonly recordId: RecordId
  /** Names the deposit in the log. */
  readonly deposit: Hash
  readonly compartment: string
  readonly epoch: number
  readonly receipt: string
}

/**
 * Seals, sends and deposits. When the patient rolled the compartment meanwhile, envelope and statement are made again
 * for the new epoch; the body need not be sent twice. A deposit whose answer was lost is sent again: its hash makes it
 * the same deposit. Throws `InputError` `compartment-unknown`, `HostRefusal` (`no-grant`, …), `ConnectionError`, and as
 * `openAccess`.
 */
export async function depositDocument(connection: Connection, options: DepositOptions): Promise<Deposited> {
  const { recordId } = options.access
  const documentId = DocumentId.parse(toBase64url(randomBytes(16)))
  using sealer = new DocumentSealer({ recordId, documentId }, options.manifest, {
    ...(options.replaces === undefined ? {} : { replaces: options.replaces }),
  })
  const compartment = depositCompartment(options.access, options.compartment)
  const upload = await uploadBody(connection.host, connection.signing, {
    recordId,
    compartment: compartment.id,
    length: sealer.bodyLength,
    body: sealer.body(options.content(), { areLent: true, ...(options.work && { work: options.work }) }),
    progress: sent => options.progress?.(sent, sealer.bodyLength),
  })
  const finish = async (access: Access): Promise<Deposited> => {
    const target = depositCompartment(access, options.compartment)
    const sealed = await sealer.finish(
      {
        deployment: connection.workstation.trust.anchors.deployment,
        compartment: target.id,
        epoch: target.epoch,
        epochKey: target.publicKey,
        state: access.state.hash,
      },
      connection.keys,
      connection.workstation.clock(),
    )
    const receipt = await send(connection, recordId, { sealed, upload })
    const deposit = toBase64url(statementHash(sealed.deposit)) as Hash
    await connection.receive(receipt, 'document.deposit', { document: documentId, compartment: target.id, deposit })
    return { documentId, recordId, deposit, compartment: target.name, epoch: target.epoch, receipt }
  }
  try {
    return await finish(options.access)
  } catch (error) {
    if (!HostRefusal.is(error, 'epoch-stale')) throw error
    return await finish(await openAccess(connection, recordId))
  }
}

async function send(
  connection: Connection,
  recordId: RecordId,
  { sealed, upload }: { sealed: SealedDocument; upload: string },
): Promise<string> {
  const body = {
    deposit: sealed.deposit,
    manifest: toBase64url(sealed.manifest),
    envelope: toBase64url(sealed.envelope),
    upload,
  }
  const path = `/v1/records/${recordId}/documents`
  const request = { ...connection.signing, method: 'POST', path, body, answer: Receipted } as const
  const { receipt } = await persistently(() => connection.host.call(request))
  return receipt
}

/** The compartment of that name where the grant lets the holder deposit. Throws `InputError` `compartment-unknown`. */
function depositCompartment(access: Access, name: string): GrantedCompartment {
  const found = access.compartments.find(each => each.name === name && each.rights.includes('deposit'))
  if (found !== undefined) return found
  const names = access.compartments.filter(({ rights }) => rights.includes('deposit')).map(each => each.name)
  throw new InputError(
    `The patient’s grant does not let you deposit into "${name}"; it does into: ${names.join(', ') || 'nothing'}`,
    { code: 'compartment-unknown' },
  )
}
