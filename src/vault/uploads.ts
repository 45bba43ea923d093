import type { Bytes } from '../crypto/bytes.ts'
import { concat, equal, fromBase64url, randomBytes, toBase64url } from '../crypto/bytes.ts'
import { sha256 } from '../crypto/hash.ts'
import { parseStatement, statementHash } from '../crypto/statement.ts'
import { BLOCK_LENGTH, BlockTree, rootOfLeaves } from '../log/block-tree.ts'
import { verifyDeposit } from '../log/grant.ts'
import type { Verified } from '../log/verified.ts'
import type { Hash, Instant, RecordId, UploadId } from '../protocol/ids.ts'
import {
  type DepositRequest,
  PART_SIZE,
  SMALL_BODY,
  type UploadStart,
  type UploadStarted,
} from '../protocol/messages.ts'
import type { Deposit } from '../protocol/statements.ts'
import { requireGrant, requireRight } from './access.ts'
import { requireOwnDocument } from './authorship.ts'
import type { Bodies } from './bodies/bodies.ts'
import { wrongLength } from './bodies/files.ts'
import { isSmallBody, saveSmallBody } from './bodies/small.ts'
import type { Practitioner, SignedRequest } from './caller.ts'
import { knownKey } from './callers.ts'
import type { Context } from './context.ts'
import { Refusal } from './errors.ts'
import { hashOf } from './hash-of.ts'
import { countBody, type Room } from './room.ts'
import type { Tx } from './store/store.ts'

/** An upload not finished by then is given up, seconds. */
const UPLOAD_SECONDS = 24 * 3600
/** Uploads that one key may have open: a professional's, or an establishment's, which speaks for all who work there. */
const MAX_OPEN = { professional: 16, establishment: 256 } as const
/** Largest body, bytes of ciphertext. */
const MAX_BODY = 4 * 1024 ** 3
/** A deposit is dated when it is made, give or take, milliseconds: readers judge its author's card at that time. */
const DATED_WITHIN_MS = 10 * 60_000

interface UploadRow {
  readonly upload: UploadId
  readonly record: RecordId
  readonly key: string
  readonly length: number
  readonly expires: number
}

/** Octets of a part: as they come, or all of them. */
type PartSource = AsyncIterable<Bytes> | readonly Bytes[]

export type AuthorRequest = SignedRequest<Practitioner>

/** Deposits: a body in parts, then the statement that makes it a document. */
export class Uploads {
  readonly #context: Context
  readonly #bodies: Bodies
  readonly #room: Room
  /** The last request for each part: when two send one part at once, only what the last one wrote is in the file. */
  readonly #sending = new Map<string, AuthorRequest>()

  constructor(context: Context, { bodies, room }: { readonly bodies: Bodies; readonly room: Room }) {
    this.#context = context
    this.#bodies = bodies
    this.#room = room
  }

  /** Throws `Refusal` `no-grant` (logged as a refused deposit), `store-full`, `too-large`, `busy`. */
  async start(request: AuthorRequest, record: RecordId, { compartment, length }: UploadStart): Promise<UploadStarted> {
    const upload = toBase64url(randomBytes(16)) as UploadId
    const now = Math.floor(request.at.getTime() / 1000)
    const expires = now + UPLOAD_SECONDS
    const act = { record, action: 'document.deposit', object: { compartment } } as const
    await this.#context.acts.attempt(request, act, tx => {
      requireRight(requireGrant(tx, record, request.caller, request.at), 'deposit', compartment)
      this.#room.require(tx, length)
      if (length > MAX_BODY) throw new Refusal('too-large', `A document has at most ${MAX_BODY} bytes`)
      tx.run('DELETE FROM upload_parts WHERE upload IN (SELECT upload FROM uploads WHERE expires < @now)', { now })
      tx.run('DELETE FROM uploads WHERE expires < @now', { now })
      const open = tx.get<{ n: number }>('SELECT COUNT(*) AS n FROM uploads WHERE key = @key', { key: request.keyId })
      if ((open?.n ?? 0) >= MAX_OPEN[request.caller.kind])
        throw new Refusal('busy', 'Finish the deposits under way first')
      tx.run(
        'INSERT INTO uploads (upload, record, key, length, expires) VALUES (@upload, @record, @key, @length, @expires)',
        { upload, record, key: request.keyId, length, expires },
      )
    })
    return { upload, partSize: PART_SIZE, expiresAt: new Date(expires * 1000).toISOString() as Instant }
  }

  /**
   * Takes part `n` (0, 1 …). The same part again replaces it. `digest` is the SHA-256 that the request's signature
   * covers. A part that is there already, as an array, of an upload that is small, is taken in one unit; any other comes
   * as it is read. Throws `Refusal` `upload-unknown`, `part-invalid`, `store-full`.
   */
  async part(
    request: AuthorRequest,
    { record, upload, n }: { readonly record: RecordId; readonly upload: UploadId; readonly n: number },
    source: PartSource,
    digest: Bytes,
  ): Promise<void> {
    const part = `${upload}/${n}`
    try {
      await this.#part(request, { record, upload, n, part }, source, digest)
    } finally {
      if (this.#sending.get(part) === request) this.#sending.delete(part)
    }
  }

  async #part(
    request: AuthorRequest,
    { record, upload, n, part }: { record: RecordId; upload: UploadId; n: number; part: string },
    source: PartSource,
    digest: Bytes,
  ): Promise<void> {
    const { acts, store } = this.#context
    const whole = Array.isArray(source) ? concat(...source) : null
    const row = await acts.look(request, tx => {
      // What stood there is about to be overwritten: until the new part is whole, the upload lacks it.
      tx.run('DELETE FROM upload_parts WHERE upload = @upload AND part = @n', { upload, n })
      const row = this.#require(tx, request, record, upload)
      this.#room.require(tx, Math.min(PART_SIZE, row.length))
      this.#sending.set(part, request)
      if (whole === null || row.length > SMALL_BODY) return row
      saveSmallPart(tx, { upload, n, length: row.length }, whole, digest)
      return null
    })
    if (row === null) return
    const total = row.length
    if (total <= SMALL_BODY) {
      const bytes = await wholeOf(source, total)
      return store.write(tx => {
        this.#require(tx, request, record, upload)
        this.#requireLast(part, request)
        saveSmallPart(tx, { upload, n, length: total }, bytes, digest)
      })
    }
    const offset = n * PART_SIZE
    if (offset >= total) throw new Refusal('part-invalid', 'The upload has no such part')
    const length = Math.min(PART_SIZE, total - offset)
    const { blocks, sha256: written } = await this.#bodies.writePart(upload, { offset, length }, streamOf(source))
    requireSigned(written, digest)
    await store.write(tx => {
      this.#require(tx, request, record, upload)
      this.#requireLast(part, request)
      savePart(tx, { upload, n }, blocks)
    })
  }

  #requireLast(part: string, request: AuthorRequest): void {
    if (this.#sending.get(part) === request) return
    throw new Refusal('part-invalid', 'This part was sent again meanwhile; the later one counts')
  }

  /**
   * Makes the upload a document (docs/protocol/document.md, the order of checks). The same deposit again gives the same
   * receipt. Throws `Refusal` `no-grant`, `statement-invalid`, `epoch-stale`, `document-exists`, `upload-…`,
   * `body-mismatch`.
   */
  async deposit(request: AuthorRequest, record: RecordId, body: DepositRequest): Promise<{ receipt: string }> {
    const { acts, journal, store } = this.#context
    const { caller, at } = request
    const again = depositEntry(store.read, record, body.deposit, caller.key)
    if (again !== null) return { receipt: await acts.look(request, tx => journal.receiptOf(tx, again)) }
    const act = { record, action: 'document.deposit', object: {} } as const
    const { entry, result } = await acts.performPrepared(request, act, {
      prepare: async () => {
        requireGrant(store.read, record, caller, at)
        const deposit = await this.#verify(request, record, body)
        requireRight(requireGrant(store.read, record, caller, at), 'deposit', deposit.payload.compartment)
        const blocks = this.#complete(store.read, request, record, {
          upload: body.upload,
          bodyLength: deposit.payload.bodyLength,
        })
        checkBody(deposit.payload, body, blocks)
        // A small body is in the database already, under the same name.
        const isSmall = deposit.payload.bodyLength <= SMALL_BODY && isSmallBody(store.read, deposit.payload.bodyRoot)
        if (!isSmall) await this.#bodies.publish(body.upload, deposit.payload.bodyRoot)
        return { deposit, blocks, isSmall }
      },
      work: (tx, { deposit, blocks, isSmall }) => {
        const { payload, hash, text } = deposit
        const held = requireGrant(tx, record, caller, at)
        requireRight(held, 'deposit', payload.compartment)
        requireEpoch(tx, record, payload)
        if (payload.replaces !== undefined) requireOwnDocument(tx, record, payload.replaces, { caller, held })
        const { documentId: document, compartment, bodyRoot, bodyLength: length } = payload
        if (tx.get('SELECT 1 FROM documents WHERE record = @record AND document = @document', { record, document })) {
          throw new Refusal('document-exists', 'A document with this id is deposited already')
        }
        this.#require(tx, request, record, body.upload)
        // Collected meanwhile, if it can be: the host must not name what it has not.
        if (isSmall && !isSmallBody(tx, bodyRoot)) throw new Refusal('upload-incomplete', 'Send the part again')
        const isNew = tx.run(
          'INSERT INTO bodies (root, length, blocks) VALUES (@bodyRoot, @length, @blocks) ON CONFLICT DO NOTHING',
          {
            bodyRoot,
            length,
            blocks: toBase64url(concat(...blocks)),
          },
        )
        if (isNew === 1) countBody(tx, length)
        tx.run('DELETE FROM upload_parts WHERE upload = @upload', { upload: body.upload })
        tx.run('DELETE FROM uploads WHERE upload = @upload', { upload: body.upload })
        return {
          object: { document, compartment, deposit: hash },
          grant: held.hash,
          state: held.state,
          result: isSmall,
          save: ({ hash: entryHash }) => {
            tx.run(
              `INSERT INTO documents
                 (record, document, position, deposit, deposit_hash, entry, compartment, manifest, envelope, body, length)
               VALUES (@record, @document, (SELECT seq FROM entries WHERE hash = @entryHash), @text, @hash, @entryHash,
                 @compartment, @manifest, @envelope, @bodyRoot, @length)`,
              {
                record,
                document,
                entryHash,
                text,
                hash,
                compartment,
                manifest: body.manifest,
                envelope: body.envelope,
                bodyRoot,
                length,
              },
            )
          },
        }
      },
    })
    if (!result) await this.#bodies.discard(body.upload)
    return { receipt: await acts.receipt(entry) }
  }

  #require(tx: Tx, { keyId, at }: AuthorRequest, record: RecordId, upload: UploadId): UploadRow {
    const row = tx.get<UploadRow>('SELECT * FROM uploads WHERE upload = @upload', { upload })
    if (row === undefined || row.record !== record || row.key !== keyId || at.getTime() >= row.expires * 1000) {
      throw new Refusal('upload-unknown', 'There is no such upload, or it has expired; start again')
    }
    return row
  }

  /** Leaf hashes of the whole upload. Throws `Refusal` `upload-unknown`, `upload-incomplete`. */
  #complete(
    tx: Tx,
    request: AuthorRequest,
    record: RecordId,
    { upload, bodyLength }: { readonly upload: UploadId; readonly bodyLength: number },
  ): Bytes[] {
    const { length } = this.#require(tx, request, record, upload)
    if (length !== bodyLength)
      throw new Refusal('body-mismatch', 'The upload has not the length that the deposit signs')
    const parts = tx.all<{ part: number; blocks: string }>(
      'SELECT part, blocks FROM upload_parts WHERE upload = @upload ORDER BY part',
      { upload },
    )
    const leaves = concat(...parts.map(({ blocks }) => fromBase64url(blocks)))
    const due = Math.ceil(length / BLOCK_LENGTH)
    if (parts.length !== Math.ceil(length / PART_SIZE) || leaves.length !== due * 32) {
      throw new Refusal('upload-incomplete', 'Parts of the upload are missing; send them first')
    }
    return Array.from({ length: due }, (_, index) => leaves.subarray(index * 32, index * 32 + 32))
  }

  async #verify(request: AuthorRequest, record: RecordId, body: DepositRequest): Promise<Verified<Deposit>> {
    const deposit = await this.#signed(request, record, body)
    if (Math.abs(Date.parse(deposit.payload.t) - request.at.getTime()) > DATED_WITHIN_MS) {
      throw new Refusal(
        'statement-invalid',
        'The deposit is dated more than ten minutes off; check the clock and sign again',
      )
    }
    return deposit
  }

  async #signed({ caller }: AuthorRequest, record: RecordId, body: DepositRequest): Promise<Verified<Deposit>> {
    const key = knownKey(this.#context.store.read, caller.key, this.#context.clock())
    if (key === null) throw new Refusal('key-unknown', 'Publish a key statement first')
    const { deployment } = this.#context
    try {
      return await verifyDeposit(body.deposit, {
        deployment,
        recordId: record,
        key: { hash: caller.key, verifyKey: key.verifyKey },
      })
    } catch (cause) {
      throw new Refusal('statement-invalid', 'The deposit statement does not verify under your working key', { cause })
    }
  }
}

function requireSigned(sha256OfPart: Bytes, digest: Bytes): void {
  if (!equal(sha256OfPart, digest)) throw new Refusal('part-invalid', 'The part is not the one that was signed')
}

function savePart(tx: Tx, { upload, n }: { upload: UploadId; n: number }, blocks: readonly Bytes[]): void {
  tx.run(
    `INSERT INTO upload_parts (upload, part, blocks) VALUES (@upload, @n, @blocks)
     ON CONFLICT (upload, part) DO UPDATE SET blocks = excluded.blocks`,
    { upload, n, blocks: toBase64url(concat(...blocks)) },
  )
}

/** The one part of a small upload: octets and row in one unit. Throws `Refusal` `part-invalid`. */
function saveSmallPart(
  tx: Tx,
  { upload, n, length }: { readonly upload: UploadId; readonly n: number; readonly length: number },
  bytes: Bytes,
  digest: Bytes,
): void {
  if (n !== 0) throw new Refusal('part-invalid', 'The upload has no such part')
  if (bytes.length !== length) throw wrongLength()
  requireSigned(sha256(bytes), digest)
  const { root, leaves } = new BlockTree().update(bytes).digest()
  saveSmallBody(tx, toBase64url(root) as Hash, bytes)
  savePart(tx, { upload, n }, leaves)
}

async function* streamOf(source: PartSource): AsyncIterable<Bytes> {
  yield* source
}

/** All of a small part, which is not longer than `length`. Throws `Refusal` `part-invalid`. */
async function wholeOf(source: PartSource, length: number): Promise<Bytes> {
  const pieces: Bytes[] = []
  let got = 0
  for await (const bytes of source) {
    got += bytes.length
    if (got > length) throw wrongLength()
    pieces.push(bytes)
  }
  return concat(...pieces)
}

/** The epoch is current, and the state it was sealed under is one of this record. */
function requireEpoch(tx: Tx, record: RecordId, { compartment: id, epoch, state }: Deposit): void {
  const known = tx.get('SELECT 1 FROM states WHERE hash = @state AND record = @record', { state, record })
  if (known === undefined)
    throw new Refusal('statement-invalid', 'The deposit names a state that this record never had')
  const current = tx.get<{ epoch: number }>(
    'SELECT MAX(epoch) AS epoch FROM epochs WHERE record = @record AND compartment = @id',
    { record, id },
  )
  if (current?.epoch !== epoch) {
    throw new Refusal('epoch-stale', 'The compartment was rolled; fetch the new state, seal and sign again')
  }
}

function checkBody(deposit: Deposit, { manifest, envelope }: DepositRequest, blocks: readonly Bytes[]): void {
  const root = toBase64url(rootOfLeaves(blocks))
  if (root !== deposit.bodyRoot) {
    throw new Refusal('body-mismatch', 'What was uploaded is not the body that the deposit signs')
  }
  if (hashOf(manifest) !== deposit.manifest || hashOf(envelope) !== deposit.envelope) {
    throw new Refusal('body-mismatch', 'Manifest or envelope are not those that the deposit signs')
  }
}

/** The entry of a deposit made before, for its author: whoever else holds the statement has no receipt coming. */
function depositEntry(tx: Tx, record: RecordId, deposit: string, key: Hash): Hash | null {
  const row = tx.get<{ entry: Hash }>('SELECT entry FROM documents WHERE deposit_hash = @hash AND record = @record', {
    hash: toBase64url(statementHash(deposit)),
    record,
  })
  if (row === undefined || parseStatement(deposit).signatures[0]?.header.kid !== key) return null
  return row.entry
}
