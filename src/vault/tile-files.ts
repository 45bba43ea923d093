/** The public files of the log, laid out as C2SP tlog-tiles asks: `checkpoint`, `tile/…`. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { mkdir, open, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Bytes } from '../crypto/bytes.ts'
import type { TileFile } from '../log/tile-builder.ts'
import { parseTilePath } from '../log/tiles.ts'
import { isScratch, replaceFile, syncFolder } from './durable.ts'

export class TileFiles {
  readonly folder: string

  /** Makes the folder (its name is durable once its parent was synced) and removes what a crash left half-written. */
  constructor(folder: string) {
    this.folder = folder
    mkdirSync(folder, { recursive: true })
    for (const name of readdirSync(folder).filter(isScratch)) rmSync(join(folder, name))
  }

  /** Stores tiles; resolves once they and their names are durable. The same tile again is written again. */
  async store(files: readonly TileFile[]): Promise<void> {
    const folders = new Set<string>()
    for (const { path, bytes } of files) {
      const target = join(this.folder, path)
      await this.#makeFolder(dirname(target), folders)
      const file = await open(target, 'w', 0o644)
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
    }
    for (const folder of folders) await syncFolder(folder)
  }

  /** What stands at a path of the log: a tile or the checkpoint. Null for anything else. */
  fetch(path: string): Promise<Bytes | null> {
    return readTile(this.folder, path)
  }

  async publish(checkpoint: string): Promise<void> {
    await replaceFile(join(this.folder, 'checkpoint'), checkpoint)
  }

  /** Makes a folder and remembers every one up to the log's for syncing. */
  async #makeFolder(folder: string, folders: Set<string>): Promise<void> {
    await mkdir(folder, { recursive: true })
    for (let each = folder; each.length >= this.folder.length; each = dirname(each)) folders.add(each)
  }
}

/** `TileFiles.fetch` for who only reads. */
export async function readTile(folder: string, path: string): Promise<Bytes | null> {
  if (path !== 'checkpoint' && parseTilePath(path) === null) return null
  try {
    return await readFile(join(folder, path))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
