import { type Bytes, fromBase64url, toBase64url } from '../../crypto/bytes.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { sha256 } from '../../crypto/hash.ts'
import type { DocumentId, RecordId } from '../../protocol/ids.ts'
import { BlockTree } from '../block-tree.ts'
import type { Case } from './case.ts'
import type { FindingCode } from './finding.ts'
import type { LaidDocument, RecordCase } from './record.ts'
import type { StatementName, StoredParts } from './source.ts'

/** Hashes what is stored of each document again and holds it against what author and patient signed. */
export class StoredDocuments {
  readonly #case: Case
  readonly #records: ReadonlyMap<RecordId, RecordCase>

  constructor(audited: Case, records: ReadonlyMap<RecordId, RecordCase>) {
    this.#case = audited
    this.#records = records
  }

  async check(parts: StoredParts): Promise<void> {
    const { record, document, manifest, envelope, compartment } = parts
    const filed = this.#records.get(record as RecordId)
    if (filed?.isDestroyed) return
    const laid = filed?.documents.get(document as DocumentId)
    const found = async (code: FindingCode, message: string, evidence: object = {}) => {
      const place = { record, ...(laid !== undefined && { seq: laid.seq }) }
      const statement = async (kind: StatementName, hash: string | undefined) =>
        hash === undefined ? null : this.#case.source.statement(kind, hash)
      this.#case.findings.add(code, `${message} (document ${document})`, place, {
        document,
        deposit: await statement('deposit', laid?.deposit?.hash),
        placement: await statement('placement', laid?.placement?.hash),
        ...evidence,
      })
    }
    if (laid === undefined) return found('document-misplaced', 'The store has a document that was never deposited')
    if (laid.compartment !== compartment) {
      await found('document-misplaced', `The store has it in ${compartment}, the patient in ${laid.compartment}`)
    }
    if (laid.deposit === null) return
    const signed = laid.deposit
    if (hashOf(manifest) !== signed.manifest) await found('manifest-altered', 'The manifest is another one')
    if (hashOf(envelope) !== (laid.placement?.envelope ?? signed.envelope)) {
      await found('envelope-altered', 'The envelope is another one')
    }
    await this.#body(parts, laid, found)
  }

  async #body(
    parts: StoredParts,
    { deposit }: LaidDocument,
    found: (code: FindingCode, message: string, evidence?: object) => Promise<void>,
  ): Promise<void> {
    if (deposit === null) return
    const { bodyRoot, bodyLength } = deposit
    const source = parts.body()
    if (source === null) return found('body-missing', 'Its body is not in the store')
    const tree = new BlockTree()
    for await (const bytes of source) tree.update(bytes as Bytes)
    const { root, length } = tree.digest()
    if (toBase64url(root) === bodyRoot && length === bodyLength) return
    await found('body-altered', 'The body is another one', { root: toBase64url(root), length })
  }
}

/** SHA-256 of a part; the empty text when it is not even base64url. */
function hashOf(part: string): string {
  try {
    return toBase64url(sha256(fromBase64url(part)))
  } catch (error) {
    if (CoffreError.is(error)) return ''
    throw error
  }
}
