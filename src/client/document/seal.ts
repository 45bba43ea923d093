/** Sealing a document: body, manifest, envelope, deposit statement (docs/protocol/document.md). */
import { type Bytes, toBase64url, wipe, wiping } from '../../crypto/bytes.ts'
import { ciphertextLength, commitmentOf, sealAll } from '../../crypto/chunks.ts'
import { sha256 } from '../../crypto/hash.ts'
import { DocumentKey, type SealPublicKey } from '../../crypto/keys.ts'
import { padme } from '../../crypto/padding.ts'
import { seal } from '../../crypto/seal.ts'
import type { SigningKey } from '../../crypto/sign.ts'
import { ed25519Signer, signStatement } from '../../crypto/statement.ts'
import type { BlockDigest } from '../../log/block-tree.ts'
import type { CompartmentId, DeploymentId, DocumentId, Hash, Instant } from '../../protocol/ids.ts'
import { Manifest } from '../../protocol/record.ts'
import { type Deposit, StatementTyp } from '../../protocol/statements.ts'
import { InputError } from '../errors.ts'
import { bodyContext, bodyKey, type DocumentPlace, envelopeInfo, manifestContext, manifestKey } from '../infos.ts'
import { type BlockWork, onThisThread } from './block-work.ts'
import { type Content, ContentReader } from './content.ts'
import { manifestPlaintext } from './manifest.ts'
import { type BodyOptions, sealBody } from './seal-body.ts'

/** Where the document goes, as the state in force says it. */
export interface DepositTarget {
  readonly deployment: DeploymentId
  readonly compartment: CompartmentId
  readonly epoch: number
  readonly epochKey: SealPublicKey
  /** Hash of a state under which that epoch is the compartment's current one. */
  readonly state: Hash
}

/** Who signs the deposit. */
export interface DepositAuthor {
  readonly keyStatement: Hash
  readonly signKey: SigningKey
}

/** What `POST …/documents` carries, the upload's id left out. */
export interface SealedDocument {
  readonly documentId: DocumentId
  /** The statement's text; its hash names the deposit. */
  readonly deposit: string
  readonly manifest: Bytes
  readonly envelope: Bytes
}

/**
 * Seals one document: `body` once, to its end; then `finish`, again with another target when the epoch moved on in the
 * meantime (the body does not depend on it). Holds a few blocks of the body.
 */
export class DocumentSealer {
  readonly place: DocumentPlace
  /** Bytes of the body's ciphertext: known before it is made, as padding depends on the size alone. */
  readonly bodyLength: number
  readonly #key = DocumentKey.generate()
  readonly #manifest: Manifest
  /** Padding included. */
  readonly #plaintextLength: number
  #commitment: Bytes | null = null
  #digest: BlockDigest | null = null
  readonly #replaces: DocumentId | undefined

  /**
   * `manifest.size` is the content's length in bytes. Throws `InputError` `manifest-form` when the manifest does not
   * pass its schema.
   */
  constructor(place: DocumentPlace, manifest: Manifest, options: { readonly replaces?: DocumentId } = {}) {
    const checked = Manifest.safeParse(manifest)
    if (!checked.success) {
      const [issue] = checked.error.issues
      throw new InputError(`The document's ${issue?.path.join('.')} cannot be used: ${issue?.message}`, {
        code: 'manifest-form',
      })
    }
    this.place = place
    this.#manifest = checked.data
    this.#replaces = options.replaces
    this.#plaintextLength = padme(manifest.size)
    this.bodyLength = ciphertextLength(this.#plaintextLength)
  }

  /**
   * The body's ciphertext, block by block. `work`: who seals it, this thread unless given. Throws `InputError`
   * `content-size` at the end when the content is not as long as the manifest says (a file that changed while it was read).
   */
  async *body(
    content: Content,
    { work = onThisThread, ...options }: BodyOptions & { readonly work?: BlockWork } = {},
  ): AsyncGenerator<Bytes> {
    const key = wiping(this.#key.bytes, key => bodyKey(key, this.place))
    try {
      const message = { key, context: bodyContext(this.place), plaintextLength: this.#plaintextLength }
      const reader = new ContentReader(content, this.#manifest.size)
      const { header, digest } = yield* sealBody(work, message, reader, options)
      this.#commitment = commitmentOf(header)
      this.#digest = digest
    } finally {
      wipe(key)
    }
  }

  /** Manifest, envelope and deposit statement. Throws `InputError` `content-unsealed` before `body` has ended. */
  async finish(target: DepositTarget, author: DepositAuthor, now: Date): Promise<SealedDocument> {
    const [commitment, digest] = [this.#commitment, this.#digest]
    if (commitment === null || digest === null) {
      throw new InputError('The body has to be sealed to its end before the deposit is signed', {
        code: 'content-unsealed',
      })
    }
    const { recordId, documentId } = this.place
    const { compartment, epoch, epochKey } = target
    const info = envelopeInfo({
      ...this.place,
      compartmentId: compartment,
      epoch,
      epochPublicKey: epochKey.bytes,
      commitment,
    })
    const envelope = wiping(this.#key.bytes, key => seal(epochKey, info, key))
    const context = manifestContext(this.place)
    const manifest = wiping(
      wiping(this.#key.bytes, key => manifestKey(key, this.place)),
      key => sealAll({ key, context }, manifestPlaintext(this.#manifest)),
    )
    const payload: Deposit = {
      deployment: target.deployment,
      recordId,
      documentId,
      compartment,
      epoch,
      state: target.state,
      bodyRoot: toBase64url(digest.root) as Hash,
      bodyLength: digest.length,
      manifest: hashText(manifest),
      envelope: hashText(envelope),
      commitment: toBase64url(commitment),
      ...(this.#replaces === undefined ? {} : { replaces: this.#replaces }),
      t: now.toISOString() as Instant,
    }
    const signer = ed25519Signer(author.signKey, author.keyStatement)
    return { documentId, deposit: await signStatement(StatementTyp.deposit, payload, signer), manifest, envelope }
  }

  /** Overwrites the document's key, when the deposit was taken or given up: the sealer cannot be used any more. */
  [Symbol.dispose](): void {
    this.#key.wipe()
  }
}

const hashText = (bytes: Bytes): Hash => toBase64url(sha256(bytes)) as Hash
