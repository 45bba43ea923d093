/**
 * A truthful store of as many entries as wanted: the beginning played at a real vault, then reads, lists and refusals
 * written straight into its tables as the host would have, each behind a request that its actor really signed, with
 * tiles and cosigned checkpoints. An audit of it holds. Threads play and sign (entry-writer.ts); this one files.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { fromBase64url, toBase64url } from '../../src/crypto/bytes.ts'
import { addCosignatures, parseCheckpoint, signCheckpoint } from '../../src/log/checkpoint.ts'
import { cosign, cosignerKeys } from '../../src/log/cosignature.ts'
import { formatSignatures, parseNote } from '../../src/log/note.ts'
import { TileBuilder, type TileFile } from '../../src/log/tile-builder.ts'
import type { Hash } from '../../src/protocol/ids.ts'
import type { BlockAsked, EntryRow, EntryWriterData, Head } from './entry-writer.ts'
import { type Cast, makeCast } from './generated-world.ts'

const DAY_MS = 86_400_000
/** Entries that a thread writes at a time. */
const BLOCK = 512
/** Blocks that a thread may be ahead. */
const AHEAD = 3
/** Entries between two checkpoints: a host under load takes so many in a round. */
const CHECKPOINT_EVERY = 4096
/** Entries between two commits: an index in the order of chance is written back whole each time. */
const COMMIT_EVERY = 512 * 1024

interface GenerateOptions {
  /** About how many entries in all, the beginning included. */
  readonly entries: number
  /** 8 to 400 unless given. */
  readonly records?: number
  /** The log's time, in days up to now. 180 unless given: cards, keys and grants outlive it. */
  readonly days?: number
  /** Threads that play and sign; as many as cores unless given. */
  readonly threads?: number
  readonly onProgress?: (done: number, total: number) => void
}

/** Makes the store in `folder`/store, with `anchors.json` and `signers.json` beside it. Returns how many entries it has. */
export async function generateStore(folder: string, options: GenerateOptions): Promise<number> {
  const { entries, days = 180, threads = availableParallelism(), onProgress = () => {} } = options
  const records = Math.max(threads, options.records ?? clamp(entries / 500, 8, 400))
  const holders = threads * clamp(entries / 2500 / threads, 4, 48)
  const began = Date.now()
  const cast = await makeCast(folder, { records, holders, days, groups: threads })
  const store = await StoreWriter.open(join(folder, 'store'), cast)
  const span = { from: began - days * DAY_MS, to: began, entries }
  const writers = Array.from({ length: threads }, (_, i) => new EntryWriter(dataOf(cast, store, { i, threads, span })))
  try {
    const waiting: Promise<EntryRow[]>[] = []
    let next = store.size
    let turn = 0
    const ask = () => {
      if (next >= entries) return
      const count = Math.min(BLOCK, entries - next)
      const block = (writers[turn++ % threads] as EntryWriter).write({ first: next, count, tree: store.tree })
      block.catch(() => {}) // told when its turn comes
      waiting.push(block)
      next += count
    }
    for (let i = 0; i < AHEAD * threads; i++) ask()
    for (let block = waiting.shift(); block !== undefined; block = waiting.shift()) {
      const rows = await block
      ask()
      store.write(rows)
      onProgress(store.size, entries)
    }
  } finally {
    await Promise.all(writers.map(writer => writer.stop()))
  }
  store.close()
  return store.size
}

function dataOf(
  { members, records, strangers }: Cast,
  { heads }: StoreWriter,
  { i, threads, span }: { readonly i: number; readonly threads: number; readonly span: EntryWriterData['span'] },
): EntryWriterData {
  const own = <T>(all: readonly T[]) => all.filter((_, at) => at % threads === i)
  return { members, records: own(records), strangers: own(strangers), heads, span, seed: 0x2545f491 + i }
}

/** A thread that writes entries. */
class EntryWriter {
  readonly #worker: Worker
  readonly #waiting: PromiseWithResolvers<EntryRow[]>[] = []

  constructor(workerData: EntryWriterData) {
    this.#worker = new Worker(new URL('./entry-writer.ts', import.meta.url), { workerData })
    this.#worker.on('message', (rows: EntryRow[]) => this.#waiting.shift()?.resolve(rows))
    this.#worker.on('error', error => {
      for (const { reject } of this.#waiting.splice(0)) reject(error)
    })
  }

  write(asked: BlockAsked): Promise<EntryRow[]> {
    const answer = Promise.withResolvers<EntryRow[]>()
    this.#waiting.push(answer)
    this.#worker.postMessage(asked)
    return answer.promise
  }

  async stop(): Promise<void> {
    await this.#worker.terminate()
  }
}

/** Files entries, tiles and checkpoints without the host's syncing: a generated store that was cut short is thrown away. */
class StoreWriter {
  readonly #cast: Cast
  readonly #folder: string
  readonly #database: Database.Database
  readonly #insert: Database.Statement
  readonly #builder: TileBuilder
  readonly #made = new Set<string>()
  #tree: { size: number; root: Hash }
  #latest = ''

  private constructor(folder: string, cast: Cast, database: Database.Database, builder: TileBuilder) {
    this.#folder = folder
    this.#cast = cast
    this.#database = database
    this.#builder = builder
    this.#insert = database.prepare(
      'INSERT INTO entries (seq, chain, n, t, hash, link, event) VALUES (?, ?, ?, ?, ?, ?, ?)',
    )
    this.#tree = { size: builder.size, root: toBase64url(builder.root()) as Hash }
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

  /** The newest that was published. */
  get tree(): BlockAsked['tree'] {
    return this.#tree
  }

  /** The last entry of each chain, as long as nothing was written. */
  get heads(): Map<string, Head> {
    const rows = this.#database.prepare('SELECT chain, MAX(n) AS n, hash FROM entries GROUP BY chain').all()
    return new Map((rows as (Head & { chain: string })[]).map(({ chain, n, hash }) => [chain, { n, hash }]))
  }

  write(rows: readonly EntryRow[]): void {
    for (const row of rows) {
      this.#insert.run(this.size, ...row)
      this.#builder.append(fromBase64url(row[3]))
      if (this.size % CHECKPOINT_EVERY === 0) this.#checkpoint(row[2])
      if (this.size % COMMIT_EVERY === 0) this.#database.exec('COMMIT; BEGIN')
    }
    this.#latest = rows.at(-1)?.[2] ?? this.#latest
  }

  #checkpoint(latest: string): void {
    this.#store(this.#builder.take())
    const root = this.#builder.root()
    const time = Math.ceil(Date.parse(latest) / 1000)
    const { log, witness } = this.#cast
    const note = signCheckpoint({ size: this.size, root }, log, time)
    const { text } = parseNote(note)
    const answer = formatSignatures(cosign({ text, ...parseCheckpoint(text) }, witness, time))
    const signed = addCosignatures(note, answer, cosignerKeys(witness))
    this.#tree = { size: this.size, root: toBase64url(root) as Hash }
    this.#database
      .prepare('INSERT INTO checkpoints (size, root, signed, published) VALUES (?, ?, ?, 1)')
      .run(this.size, this.#tree.root, signed)
    writeFileSync(join(this.#folder, 'log', 'checkpoint'), signed)
  }

  #store(files: readonly TileFile[]): void {
    for (const { path, bytes } of files) {
      const target = join(this.#folder, 'log', path)
      const folder = dirname(target)
      if (!this.#made.has(folder)) mkdirSync(folder, { recursive: true })
      this.#made.add(folder)
      writeFileSync(target, bytes)
    }
  }

  close(): void {
    if (this.#tree.size < this.size) this.#checkpoint(this.#latest)
    this.#database.exec('COMMIT')
    this.#database.pragma('journal_mode = WAL')
    this.#database.close()
  }
}

const clamp = (value: number, low: number, high: number) => Math.round(Math.max(low, Math.min(high, value)))
