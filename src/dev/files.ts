import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

// How the development world writes: whole files or none, keys once and for their owner alone.

/** Modes: what only its owner reads, and what everyone may. */
export const PRIVATE = 0o600
export const PUBLIC = 0o644

/** Whether the file is there. */
export const isThere = existsSync

/** A text file's content, without the final line feed. */
export function readText(path: string): string {
  return readFileSync(path, 'utf8').replace(/\n$/, '')
}

/**
 * The text of a file made once: an existing one is read and never written again, its mode set right. For keys.
 * `make` is called only when there is none.
 */
export async function keep(
  path: string,
  make: () => string | Promise<string>,
  mode: number = PRIVATE,
): Promise<string> {
  if (!existsSync(path)) {
    const aside = writeAside(path, await make(), mode)
    try {
      linkSync(aside, path) // fails when someone else made it meanwhile: theirs stands
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    } finally {
      rmSync(aside)
    }
  }
  chmodSync(path, mode)
  return readText(path)
}

/** Writes or replaces a file in one step. Never for a private key: see `keep`. */
export function put(path: string, content: string | Uint8Array, mode: number = PUBLIC): void {
  renameSync(writeAside(path, content, mode), path)
}

function writeAside(path: string, content: string | Uint8Array, mode: number): string {
  const aside = `${path}.${randomBytes(6).toString('hex')}.new`
  folder(dirname(path))
  writeFileSync(aside, content, { mode, flag: 'wx' })
  chmodSync(aside, mode) // the umask may have taken bits away
  return aside
}

/** Makes a folder, its parents with it; for its owner alone. */
export function folder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  return path
}
