/**
 * A truthful store of as many entries as wanted: the beginning played at a real vault, then reads, lists and refusals
 * written straight into its tables as the host would have, each behind a request that its actor really signed, with
 * tiles and cosigned checkpoints. An audit of it holds.
 */
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { fromBase64url, toBase64url } from '../../src/crypto/bytes.ts'
import { addCosignatures, parseCheckpoint, signCheckpoint } from '../../src/log/checkpoint.ts'
import { cosign, cosignerKeys } from '../../src/log/cosignature.ts'
import { entryHash, parseEntry } from '../../src/log/entry.ts'
import { listHash } from '../../src/log/list.ts'
import { formatSignatures, parseNote } from '../../src/log/note.ts'
import { formatSeen } from '../../src/log/seen.ts'
import { TileBuilder, type TileFile } from '../../src/log/tile-builder.ts'
import type { EventObject } from '../../src/protocol/entry.ts'
import type { Hash } from '../../src/protocol/ids.ts'
import { type Cast, type CastRecord, makeCast } from './generated-world.ts'
import type { Signed, SignerKeys, ToSign } from './request-signer.ts'

const DAY_MS = 86_400_000
/** Entries between two checkpoints: a host under load takes so many in a round. */
const CHECKPOINT_EVERY = 4096

interface GenerateOptions {
  /** About how many entries in all, the beginning included. */
  readonly entries: number
  /** 8 to 400 unless given. */
  readonly records?: number
  /** The log's time, in days up to now. 180 unless given: cards, keys and grants outlive it. */
  readonly days?: number
  /** Threads that sign. */
  readonly threads?: number
  readonly onProgress?: (done: number, total: number) => void
}

/** An act about to be entered. */
interface Act {
  readonly member: number
  readonly record: CastRecord
  readonly action: 'document.read' | 'document.list'
  readonly object: EventObject
  readonly outcome: 'ok' | 'refused'
  readonly grant: Hash | null
  readonly path: string
  readonly t: number
}

/** Makes the store in `folder`/store, with `anchors.json` and `signers.json` beside it. Returns how many entries it has. */
export async function generateStore(folder: string, options: GenerateOptions): Promise<number> {
  const { entries, days = 180, threads = 2, onProgress = () => {} } = options
  const records = options.records ?? clamp(entries / 500, 8, 400)
  const began = Date.now()
  const cast = await makeCast(folder, { records, holders: clamp(entries / 2500, 8, 96), days })
  const script = new Script(cast, { from: began - days * DAY_MS, to: began, entries })
  const writer = await StoreWriter.open(join(folder, 'store'), cast)
  script.begin(writer.size)
  const signers = await Signers.start(cast, threads)
  try {
    const seen = (member: number, record: string) => writer.seen(member, record)
    let signing: ReturnType<Signers['sign']> | null = signers.sign(script.round(), seen)
    while (signing !== null) {
      const { acts, signed } = await signing
      signing = script.isDone ? null : signers.sign(script.round(), seen)
      writer.write(acts, signed)
      onProgress(Math.min(writer.size, entries), entries)
    }
  } finally {
    await signers.stop()
  }
  writer.close()
  return writer.size
}

/** Who does what, when: the same for the same cast and times. */
class Script {
  readonly #cast: Cast
  readonly #span: { readonly from: number; readonly to: number; readonly entries: number }
  readonly #ofMember = new Map<number, CastRecord[]>()
  #next = 0
  #half = 0
  #random = 0x2545f491

  constructor(cast: Cast, span: { from: number; to: number; entries: number }) {
    this.#cast = cast
    this.#span = span
    for (const record of cast.records) {
      for (const member of [record.patient, ...record.grants.map(grant => grant.member)]) {
        this.#ofMember.set(member, [...(this.#ofMember.get(member) ?? []), record])
      }
    }
  }

  /** How many entries the beginning made. */
  begin(size: number): void {
    this.#next = size
  }

  get isDone(): boolean {
    return this.#next >= this.#span.entries
  }

  /**
   * The next acts, each by another member and none by who acted in the round before: what a member says to have seen
   * is then known when it is signed, one round ahead.
   */
  round(): Act[] {
    const { members } = this.#cast
    this.#half = 1 - this.#half
    const half = members.map((_, i) => i).filter(i => i % 2 === this.#half)
    const left = this.#span.entries - this.#next
    const count = Math.min(Math.max(1, Math.floor(half.length / 2)), Math.max(1, left))
    return Array.from({ length: count }, (_, i) => {
      const at = i + this.#below(half.length - i)
      const member = half[at] as number
      half[at] = half[i] as number
      return this.#act(member)
    })
  }

  #act(member: number): Act {
    const t = this.#time(this.#next++)
    const { actor } = this.#cast.members[member] as Cast['members'][0]
    const own = this.#ofMember.get(member) ?? []
    const record = (own[this.#below(own.length)] ??
      this.#cast.records[this.#below(this.#cast.records.length)]) as CastRecord
    const grant = record.grants.find(each => each.member === member)
    const path = `/v1/records/${record.id}/documents`
    const within =
      actor.kind === 'patient'
        ? record.documents
        : record.documents.filter(each => grant?.reads.includes(each.compartment))
    if (actor.kind !== 'patient' && grant === undefined) {
      const document = record.documents[0]?.id as string
      const object = { document, reason: 'no-grant' }
      return {
        member,
        record,
        action: 'document.read',
        object,
        outcome: 'refused',
        grant: null,
        path: `${path}/${document}`,
        t,
      }
    }
    const act = { member, record, outcome: 'ok', grant: grant?.grant ?? null, t } as const
    if (this.#below(4) === 0) {
      const object = { ids: listHash(within.map(({ id }) => id)), count: within.length }
      return { ...act, action: 'document.list', object, path }
    }
    const document = within[this.#below(within.length)]?.id as string
    return { ...act, action: 'document.read', object: { document }, path: `${path}/${document}` }
  }

  /** More by day than by night. */
  #time(n: number): number {
    const { from, to, entries } = this.#span
    const days = (n / entries) * ((to - from) / DAY_MS)
    const part = days % 1
    return (
      from + 3_600_000 + (Math.floor(days) + part + 0.11 * Math.sin(2 * Math.PI * part)) * (DAY_MS - 3_600_000 / 180)
    )
  }

  #below(bound: number): number {
    this.#random ^= this.#random << 13
    this.#random ^= this.#random >>> 17
    this.#random ^= this.#random << 5
    return (this.#random >>> 0) % Math.max(1, bound)
  }
}

/** Writes entries, tiles and checkpoints without the host's syncing: a generated store that was cut short is thrown away. */
class StoreWriter {
  readonly #cast: Cast
  readonly #folder: string
  readonly #database: Database.Database
  readonly #insert: Database.Statement
  readonly #builder: TileBuilder
  readonly #heads = new Map<string, { n: number; hash: Hash }>()
  /** Last own entry of each member. */
  readonly #receipts = new Map<number, { n: number; hash: Hash; record: string }>()
  #tree: { size: number; root: Hash }
  #latest = 0

  private constructor(folder: string, cast: Cast, database: Database.Database, builder: TileBuilder) {
    this.#folder = folder
    this.#cast = cast
    this.#database = database
    this.#builder = builder
    this.#insert = database.prepare(
      'INSERT INTO entries (seq, chain, n, t, hash, link, event) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    this.#tree = { size: builder.size, root: toBase64url(builder.root()) as Hash }
    for (const { chain, n, hash } of database
      .prepare('SELECT chain, MAX(n) AS n, hash FROM entries GROUP BY chain')
      .all() as { chain: string; n: number; hash: Hash }[]) {
      this.#heads.set(chain, { n, hash })
    }
    database.exec('BEGIN')
  }

  static async open(folder: string, cast: Cast): Promise<StoreWriter> {
    const database = new Database(join(folder, 'store.sqlite'))
    for (const pragma of ['journal_mode = OFF', 'synchronous = OFF', 'cache_size = -2000000']) database.pragma(pragma)
    const last = database.prepare('SELECT size, root FROM checkpoints ORDER BY size DESC LIMIT 1').get() as {
      size: number
      root: Hash
    }
    const builder = await TileBuilder.resume({ size: last.size, root: fromBase64url(last.root) }, async path =>
      readFileSync(join(folder, 'log', path)),
    )
    return new StoreWriter(folder, cast, database, builder)
  }

  get size(): number {
    return this.#builder.size
  }

  /** What a member has seen by now. */
  seen(member: number, record: string): string {
    const own = this.#receipts.get(member)
    const isPatient = this.#cast.members[member]?.actor.kind === 'patient'
    const rest =
      own === undefined ? {} : isPatient ? (own.record === record ? { chain: own } : {}) : { receipt: own.hash }
    return formatSeen({ tree: this.#tree, ...rest })
  }

  write(acts: readonly Act[], signed: readonly Signed[]): void {
    for (const [i, act] of acts.entries()) this.#entry(act, signed[i] as Signed)
  }

  #entry({ member, record, action, object, outcome, grant, t }: Act, request: Signed): void {
    const head = this.#heads.get(record.id) as { n: number; hash: Hash }
    const { actor } = this.#cast.members[member] as Cast['members'][0]
    const n = head.n + 1
    const at = new Date(t).toISOString()
    const link = JSON.stringify({ v: 1, record: record.id, n, prev: head.hash, salt: newSalt() })
    const event = JSON.stringify({
      t: at,
      actor,
      action,
      object,
      outcome,
      grant,
      state: record.state,
      request,
      salt: newSalt(),
    })
    const hash = entryHash({ link, event })
    if (this.size % 1000 === 0) parseEntry({ link, event })
    this.#insert.run(this.size, record.id, n, at, hash, link, event)
    this.#builder.append(fromBase64url(hash))
    this.#heads.set(record.id, { n, hash })
    this.#receipts.set(member, { n, hash, record: record.id })
    this.#latest = t
    if (this.size % CHECKPOINT_EVERY === 0) this.#checkpoint()
  }

  #checkpoint(): void {
    this.#store(this.#builder.take())
    const root = this.#builder.root()
    const time = Math.ceil(this.#latest / 1000)
    const { log, witness } = this.#cast
    const note = signCheckpoint({ size: this.size, root }, log, time)
    const { text } = parseNote(note)
    const answer = formatSignatures(cosign({ text, ...parseCheckpoint(text) }, witness, time))
    const signed = addCosignatures(note, answer, cosignerKeys(witness))
    this.#tree = { size: this.size, root: toBase64url(root) as Hash }
    this.#database
      .prepare('INSERT INTO checkpoints (size, root, signed, published) VALUES (?, ?, ?, 1)')
      .run(this.size, this.#tree.root, signed)
    this.#database.exec('COMMIT; BEGIN')
    writeFileSync(join(this.#folder, 'log', 'checkpoint'), signed)
  }

  #store(files: readonly TileFile[]): void {
    for (const { path, bytes } of files) {
      const target = join(this.#folder, 'log', path)
      mkdirSync(dirname(target), { recursive: true })
      writeFileSync(target, bytes)
    }
  }

  close(): void {
    if (this.#tree.size < this.size) this.#checkpoint()
    this.#database.exec('COMMIT')
    this.#database.pragma('journal_mode = WAL')
    this.#database.close()
  }
}

/** The threads that sign, each a part of every round. */
class Signers {
  readonly #cast: Cast
  readonly #threads: readonly Worker[]

  private constructor(cast: Cast, threads: readonly Worker[]) {
    this.#cast = cast
    this.#threads = threads
  }

  static async start(cast: Cast, threads: number): Promise<Signers> {
    const workerData: SignerKeys = { keys: cast.members.map(({ keyId, seed }) => ({ keyId, seed })) }
    const url = new URL('./request-signer.ts', import.meta.url)
    return new Signers(
      cast,
      Array.from({ length: threads }, () => new Worker(url, { workerData })),
    )
  }

  async sign(
    acts: readonly Act[],
    seen: (member: number, record: string) => string,
  ): Promise<{ acts: readonly Act[]; signed: Signed[] }> {
    const asked = acts.map(({ member, path, t, record }): ToSign => {
      const { actor, authority } = this.#cast.members[member] as Cast['members'][0]
      const acting =
        actor.kind === 'establishment'
          ? { acting: Buffer.from(JSON.stringify(actor.acting)).toString('base64url') }
          : {}
      return {
        signer: member,
        authority,
        path,
        seen: seen(member, record.id),
        created: Math.floor(t / 1000),
        ...acting,
      }
    })
    const share = Math.ceil(asked.length / this.#threads.length)
    const parts = this.#threads.map((thread, i) => answerOf(thread, asked.slice(i * share, (i + 1) * share)))
    return { acts, signed: (await Promise.all(parts)).flat() }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#threads.map(thread => thread.terminate()))
  }
}

function answerOf(thread: Worker, batch: readonly ToSign[]): Promise<Signed[]> {
  if (batch.length === 0) return Promise.resolve([])
  return new Promise((resolve, reject) => {
    thread.once('error', reject)
    thread.once('message', (signed: Signed[]) => {
      thread.off('error', reject)
      resolve(signed)
    })
    thread.postMessage(batch)
  })
}

// Drawn many at a time, as the host does.
let drawn = Buffer.alloc(0)

function newSalt(): string {
  if (drawn.length === 0) drawn = randomBytes(16 * 1024)
  const salt = drawn.toString('base64url', 0, 16)
  drawn = drawn.subarray(16)
  return salt
}

const clamp = (value: number, low: number, high: number) => Math.round(Math.max(low, Math.min(high, value)))
