/**
 * Bodies as files: `bodies/<first two>/<root>`, uploads as `uploads/<id>`.
 *
 * Order of a deposit: each part written and fsynced → the upload linked under its root, both folders fsynced → the
 * database names the body → the upload is unlinked. A crash before the last step but one leaves files nobody names;
 * `collect` removes them after the next start.
 */
import { existsSync, mkdirSync, unlinkSync } from 'node:fs'
import { type FileHandle, link, mkdir, open, readdir, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Bytes } from '../../crypto/bytes.ts'
import { Sha256 } from '../../crypto/hash.ts'
import { BLOCK_LENGTH, BlockTree } from '../../log/block-tree.ts'
import type { Hash, UploadId } from '../../protocol/ids.ts'
import { syncFolder } from '../durable.ts'
import { Refusal, VaultError } from '../errors.ts'
import type { Bodies, NamedFiles, PartDigest, PartPlace } from './bodies.ts'

export class FileBodies implements Bodies {
  readonly #bodies: string
  readonly #uploads: string
  /** One act at a time on each upload. */
  readonly #busy = new Map<UploadId, Promise<unknown>>()
  /** Uploads being deposited, each with the root of its body, which the store may be about to name. */
  readonly #published = new Map<UploadId, Hash>()

  constructor(folder: string) {
    this.#bodies = join(folder, 'bodies')
    this.#uploads = join(folder, 'uploads')
    for (const made of [this.#bodies, this.#uploads]) mkdirSync(made, { recursive: true, mode: 0o700 })
  }

  writePart(upload: UploadId, place: PartPlace, source: AsyncIterable<Bytes>): Promise<PartDigest> {
    return this.#alone(upload, () => this.#writePart(upload, place, source))
  }

  async #writePart(upload: UploadId, { offset, length }: PartPlace, source: AsyncIterable<Bytes>): Promise<PartDigest> {
    const tree = new BlockTree()
    const hash = new Sha256()
    const file = await open(join(this.#uploads, upload), 'a').then(async made => {
      await made.close()
      return open(join(this.#uploads, upload), 'r+')
    })
    try {
      // Two names: it is a body, whoever published it, this process or one that crashed.
      if ((await file.stat()).nlink > 1) {
        throw new Refusal('part-invalid', 'The upload is complete; deposit it, or start another')
      }
      let written = 0
      for await (const bytes of source) {
        if (written + bytes.length > length) throw wrongLength()
        await writeAll(file, bytes, offset + written)
        tree.update(bytes)
        hash.update(bytes)
        written += bytes.length
      }
      if (written !== length) throw wrongLength()
      await file.sync()
    } finally {
      await file.close()
    }
    await syncFolder(this.#uploads)
    return { blocks: tree.digest().leaves, sha256: hash.digest() }
  }

  publish(upload: UploadId, root: Hash): Promise<void> {
    return this.#alone(upload, () => this.#publish(upload, root))
  }

  async #publish(upload: UploadId, root: Hash): Promise<void> {
    this.#published.set(upload, root)
    const folder = join(this.#bodies, root.slice(0, 2))
    await mkdir(folder, { recursive: true, mode: 0o700 })
    try {
      await link(join(this.#uploads, upload), join(folder, root))
    } catch (error) {
      // The same body again: its name is the hash of its content.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    await syncFolder(folder)
    await syncFolder(this.#bodies)
  }

  async discard(upload: UploadId): Promise<void> {
    await this.#alone(upload, () => unlink(join(this.#uploads, upload)).catch(ignoreMissing))
    this.#published.delete(upload)
  }

  async #alone<T>(upload: UploadId, work: () => Promise<T>): Promise<T> {
    const mine = (this.#busy.get(upload) ?? Promise.resolve()).then(work, work)
    this.#busy.set(upload, mine)
    try {
      return await mine
    } finally {
      if (this.#busy.get(upload) === mine) this.#busy.delete(upload)
    }
  }

  async *read(root: Hash, start: number, end: number): AsyncIterable<Bytes> {
    let file: FileHandle
    try {
      file = await open(join(this.#bodies, root.slice(0, 2), root), 'r')
    } catch (cause) {
      throw new VaultError('A body is missing from the store: run `coffre host check` and restore it', {
        code: 'body-missing',
        cause,
      })
    }
    try {
      for (let at = start; at < end; ) {
        const piece = new Uint8Array(Math.min(BLOCK_LENGTH, end - at))
        const { bytesRead } = await file.read(piece, 0, piece.length, at)
        if (bytesRead === 0) {
          throw new VaultError('A body is shorter than it was: restore it', { code: 'body-missing' })
        }
        yield piece.subarray(0, bytesRead)
        at += bytesRead
      }
    } finally {
      await file.close()
    }
  }

  async remove(root: Hash, { isBody }: Pick<NamedFiles, 'isBody'>): Promise<void> {
    const from = join(this.#bodies, root.slice(0, 2))
    const file = join(from, root)
    // Asked and done in one turn, as below.
    if (isBody(root) || this.#isPublished(root) || !existsSync(file)) return
    unlinkSync(file)
    await syncFolder(from)
  }

  async collect({ isUpload, isBody }: NamedFiles, signal: AbortSignal): Promise<void> {
    for (const name of await readdir(this.#uploads)) {
      if (!isUpload(name)) unlinkSync(join(this.#uploads, name))
    }
    for (const folder of await readdir(this.#bodies)) {
      for (const name of await readdir(join(this.#bodies, folder))) {
        if (signal.aborted) return
        // Asked and done in one turn: a deposit of the same body cannot come in between.
        if (!isBody(name) && !this.#isPublished(name)) unlinkSync(join(this.#bodies, folder, name))
      }
    }
  }

  #isPublished(root: string): boolean {
    return this.#published.values().some(published => published === root)
  }
}

async function writeAll(file: FileHandle, bytes: Bytes, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    done += bytesWritten
  }
}

/** What a part of another length than it should have is told. */
export function wrongLength(): Refusal {
  return new Refusal('part-invalid', 'The part has not the length it should: every part but the last has 8 MiB')
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
