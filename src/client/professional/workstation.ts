/**
 * A professional's (or establishment's) workstation: one folder, one card holder. Working keys and known patients are
 * sealed by the card; receipts and what was seen of the log are not secret and lie open (mode 0600).
 *
 *     workstation.json  anchors.json  keys.json  records.json  seen.json  receipts.jsonl  proofs/  evidence/
 */
import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { fromBase64url, toBase64url, wiping } from '../../crypto/bytes.ts'
import { SealSecretKey } from '../../crypto/keys.ts'
import { SigningKey } from '../../crypto/sign.ts'
import { NOTHING_SEEN, type Seen } from '../../log/seen.ts'
import { bytesField, Hash, Ins, Instant, NationalId, RecordId, StatementText } from '../../protocol/ids.ts'
import type { Trust } from '../anchors.ts'
import { pinnedAnchors } from '../anchors-file.ts'
import type { Card } from '../cards/card.ts'
import { type Clock, clockFor, instant } from '../clock.ts'
import { StepError } from '../errors.ts'
import { pathExists, readPrivateJson, writePrivate, writePrivateJson } from '../home-files.ts'
import { CardChallenge, type FileKey, newChallenge, unlockWith } from './sealed-keys.ts'

const WorkstationFile = z.strictObject({
  v: z.literal(1),
  kind: z.enum(['professional', 'establishment']),
  nationalId: NationalId,
  /** As the card names the holder. */
  name: z.string(),
  card: CardChallenge,
  /** Where the card's files were, so that they need not be named again. */
  cardFiles: z.strictObject({ certificate: z.string(), key: z.string() }).nullable(),
})
export type WorkstationFile = z.infer<typeof WorkstationFile>

const WorkingKey = z.strictObject({
  keyStatement: Hash,
  statement: StatementText,
  sign: bytesField({ exactly: 32 }),
  seal: bytesField({ exactly: 32 }),
  published: z.boolean(),
  withdrawn: z.boolean().default(false),
})
const KeysFile = z.strictObject({ keys: z.array(WorkingKey) })

const KnownRecord = z.strictObject({
  recordId: RecordId,
  ins: Ins,
  /** Pinned at first sight: another takes its place only by a right that was checked. */
  identity: Hash,
  /** Its fingerprint was compared in person, or witnesses have known it for a day: no warning any more. */
  familiar: z.literal(true).optional(),
  /** The highest state seen; a lower one, or another of the same `seq`, is refused. */
  state: z.strictObject({ seq: z.int().min(0), hash: Hash }).nullable(),
})
export type KnownRecord = z.infer<typeof KnownRecord>
const RecordsFile = z.strictObject({ records: z.array(KnownRecord) })

const SeenFile = z.strictObject({
  tree: z.strictObject({ size: z.int().min(0), root: Hash }),
  receipt: Hash.nullable(),
  /** Lines of `receipts.jsonl`, from the first on, whose entries were found in the tree. */
  honoured: z.int().min(0),
})

const ReceiptLine = z.strictObject({
  receipt: StatementText,
  entry: Hash,
  action: z.string(),
  t: Instant,
  integrateBy: Instant,
})
export type ReceiptLine = z.infer<typeof ReceiptLine>

/** The holder's working keys, open. */
export interface WorkingKeys {
  /** Hash of the key statement: the `kid` of all that they sign. */
  readonly keyStatement: Hash
  readonly statement: string
  readonly signKey: SigningKey
  readonly sealKey: SealSecretKey
  readonly published: boolean
  /** Its holder took it back: it still opens what was sealed to it, and signs nothing. */
  readonly withdrawn: boolean
}

/** Where a folder's files lie. */
const files = (home: string) => ({
  workstation: join(home, 'workstation.json'),
  anchors: join(home, 'anchors.json'),
  keys: join(home, 'keys.json'),
  records: join(home, 'records.json'),
  seen: join(home, 'seen.json'),
  receipts: join(home, 'receipts.jsonl'),
  proofs: join(home, 'proofs'),
  evidence: join(home, 'evidence'),
})

/** What opens a folder. */
export interface WorkstationOptions {
  readonly home: string
  readonly card: Card
  readonly clock?: Clock
}

/** Reads who a folder belongs to, before its card is asked for. Throws `StepError` `not-enrolled`. */
export async function readWorkstation(home: string): Promise<WorkstationFile> {
  const file = await readPrivateJson(files(home).workstation, WorkstationFile)
  if (file !== null) return file
  throw new StepError(`${home} is not a workstation's folder yet: run coffre pro enrol first`, { code: 'not-enrolled' })
}

/** An open folder. One program at a time: files are replaced whole, and the last one to write wins. */
export class Workstation {
  readonly home: string
  readonly file: WorkstationFile
  readonly card: Card
  readonly trust: Trust
  readonly clock: Clock
  readonly #fileKey: FileKey

  private constructor(options: WorkstationOptions, opened: { file: WorkstationFile; trust: Trust; fileKey: FileKey }) {
    this.home = options.home
    this.card = options.card
    this.file = opened.file
    this.trust = opened.trust
    this.clock = clockFor(opened.trust.anchors, options.clock)
    this.#fileKey = opened.fileKey
  }

  /**
   * Makes a folder into a card holder's workstation, or opens it when it is one already. `anchors`: the path of the
   * deployment's anchors, pinned at first use. Throws `StepError` `anchors-missing`, `InputError` `card-unsupported`,
   * `card-other`.
   */
  static async create(
    options: WorkstationOptions & {
      readonly anchors?: string
      readonly cardFiles?: { readonly certificate: string; readonly key: string }
    },
  ): Promise<Workstation> {
    const { home, card } = options
    const paths = files(home)
    if (!(await pathExists(paths.workstation))) {
      await pinnedAnchors(paths.anchors, options.anchors)
      const { holder } = card
      const file: WorkstationFile = {
        v: 1,
        kind: holder.kind,
        nationalId: NationalId.parse(holder.id),
        name: holder.kind === 'professional' ? `${holder.givenName} ${holder.surname}` : holder.name,
        card: newChallenge(card),
        cardFiles: options.cardFiles ?? null,
      }
      await unlockWith(card, file.card) // refuses a card that cannot seal, before anything is written
      await writePrivateJson(paths.workstation, file)
    }
    return Workstation.open(options)
  }

  /** Opens a workstation's folder with its card. Throws `StepError` `not-enrolled`, and as `unlockWith`. */
  static async open(options: WorkstationOptions & { readonly anchors?: string }): Promise<Workstation> {
    const file = await readWorkstation(options.home)
    const fileKey = await unlockWith(options.card, file.card)
    const trust = await pinnedAnchors(files(options.home).anchors, options.anchors)
    return new Workstation(options, { file, trust, fileKey })
  }

  get #paths() {
    return files(this.home)
  }

  /** The newest working keys, `null` before the first. */
  async newestKeys(): Promise<WorkingKeys | null> {
    const { keys } = await this.#readKeys()
    const newest = keys.at(-1)
    return newest === undefined ? null : openKeys(newest)
  }

  /** The newest keys, published. Throws `StepError` `not-enrolled`, `keys-withdrawn`. */
  async workingKeys(): Promise<WorkingKeys> {
    const keys = await this.newestKeys()
    if (keys?.withdrawn) {
      throw new StepError('This workstation’s key was withdrawn: coffre pro renew makes another', {
        code: 'keys-withdrawn',
      })
    }
    if (keys?.published) return keys
    throw new StepError('This workstation has no published keys yet: run coffre pro enrol', { code: 'not-enrolled' })
  }

  /** Every key this folder ever had by its statement's hash: older ones still open what was sealed to them. */
  async sealKeyOf(keyStatement: Hash): Promise<SealSecretKey | null> {
    const found = (await this.#readKeys()).keys.find(key => key.keyStatement === keyStatement)
    return found === undefined ? null : openKeys(found).sealKey
  }

  /** Adds keys, or marks those of the same statement as published. Durable when it returns. */
  async keepKeys(keys: WorkingKeys): Promise<void> {
    const file = await this.#readKeys()
    const others = file.keys.filter(({ keyStatement }) => keyStatement !== keys.keyStatement)
    const entry = {
      keyStatement: keys.keyStatement,
      statement: keys.statement,
      sign: wiping(keys.signKey.seed, toBase64url),
      seal: wiping(keys.sealKey.bytes, toBase64url),
      published: keys.published,
      withdrawn: keys.withdrawn,
    }
    await this.#fileKey.write(this.#paths.keys, 'keys', { keys: [...others, entry] })
  }

  /** The holder took that key back; nothing happens when it is another workstation's. */
  async markWithdrawn(keyStatement: Hash): Promise<void> {
    const { keys } = await this.#readKeys()
    const marked = keys.map(key => (key.keyStatement === keyStatement ? { ...key, withdrawn: true } : key))
    await this.#fileKey.write(this.#paths.keys, 'keys', { keys: marked })
  }

  async #readKeys(): Promise<z.infer<typeof KeysFile>> {
    return (await this.#fileKey.read(this.#paths.keys, 'keys', KeysFile)) ?? { keys: [] }
  }

  /** The patients this workstation knows. */
  async records(): Promise<readonly KnownRecord[]> {
    return (await this.#fileKey.read(this.#paths.records, 'records', RecordsFile))?.records ?? []
  }

  /** Puts a patient's record in place of what was known of it. */
  async keepRecord(record: KnownRecord): Promise<void> {
    const others = (await this.records()).filter(({ recordId }) => recordId !== record.recordId)
    await this.#fileKey.write(this.#paths.records, 'records', { records: [...others, record] })
  }

  /** What was last verified of the log, for `coffre-seen`. */
  async seen(): Promise<Seen> {
    const { tree, receipt } = await this.#readSeen()
    return { tree, ...(receipt === null ? {} : { receipt }) }
  }

  /** Keeps what was verified: a tree, or the own newest receipt; what is left out stays. */
  async keepSeen(newer: Partial<Pick<Seen, 'tree' | 'receipt'>>): Promise<void> {
    const seen = await this.#readSeen()
    await writePrivateJson(this.#paths.seen, { ...seen, ...newer })
  }

  async #readSeen(): Promise<z.infer<typeof SeenFile>> {
    const file = await readPrivateJson(this.#paths.seen, SeenFile)
    return file ?? { tree: NOTHING_SEEN.tree, receipt: null, honoured: 0 }
  }

  /** Receipts whose entries were not yet found in the tree, oldest first. */
  async pendingReceipts(): Promise<ReceiptLine[]> {
    const { honoured } = await this.#readSeen()
    if (!(await pathExists(this.#paths.receipts))) return []
    const text = await readFile(this.#paths.receipts, 'utf8')
    // A crash may have left half a line at the end: it was never acknowledged to the caller.
    const lines = text.split('\n').slice(honoured, -1)
    return lines.map(line => ReceiptLine.parse(JSON.parse(line)))
  }

  /** How many receipts were ever kept, and how many of them have their proof. */
  async receiptCount(): Promise<{ readonly kept: number; readonly proved: number }> {
    const { honoured } = await this.#readSeen()
    return { kept: honoured + (await this.pendingReceipts()).length, proved: honoured }
  }

  /** Keeps the proof that a receipt's entry is in the log: with the receipt, all it takes to show it to anybody. */
  async keepProof(entry: Hash, proof: string): Promise<void> {
    await writePrivate(join(this.#paths.proofs, `${entry}.tlog-proof`), proof)
  }

  /** The next `count` receipts were found in the tree. */
  async markHonoured(count: number): Promise<void> {
    const seen = await this.#readSeen()
    await writePrivateJson(this.#paths.seen, { ...seen, honoured: seen.honoured + count })
  }

  /** Appends a receipt, durably: it is a promise to be held against the host later. */
  async keepReceipt(line: ReceiptLine): Promise<void> {
    await mkdir(this.home, { recursive: true, mode: 0o700 })
    const file = await open(this.#paths.receipts, 'a', 0o600)
    try {
      await file.appendFile(`${JSON.stringify(line)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
  }

  /** Writes down what proves that the host served something wrong; returns the file's path. */
  async keepEvidence(name: string, evidence: object): Promise<string> {
    const at = instant(this.clock()).replaceAll(':', '-')
    const path = join(this.#paths.evidence, `${at}-${name}.json`)
    await writePrivateJson(path, evidence)
    return path
  }
}

function openKeys(key: z.infer<typeof WorkingKey>): WorkingKeys {
  return {
    keyStatement: key.keyStatement,
    statement: key.statement,
    signKey: wiping(fromBase64url(key.sign), SigningKey.fromSeed),
    sealKey: wiping(fromBase64url(key.seal), SealSecretKey.parse),
    published: key.published,
    withdrawn: key.withdrawn,
  }
}
