/** Files that must be on the disk before something else happens. */
import { open, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { randomBytes, toHex } from '../crypto/bytes.ts'

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Whether a name is that of a replacement that never came to its end: only a crash leaves one. */
export function isScratch(name: string): boolean {
  return /^\.[0-9a-f]{16}\.new$/.test(name)
}

/** Replaces a file by new content: after a crash it holds either the old or the new, whole. Resolves once durable. */
export async function replaceFile(path: string, content: Uint8Array | string): Promise<void> {
  const scratch = join(dirname(path), `.${toHex(randomBytes(8))}.new`)
  const file = await open(scratch, 'wx', 0o644)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(scratch, path)
  await syncFolder(dirname(path))
}
