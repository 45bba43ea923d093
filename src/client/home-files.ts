import { randomUUID } from 'node:crypto'
import { access, chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ZodType } from 'zod'
import { InputError } from './errors.ts'

// Files of a home folder: mode 0600 in folders of mode 0700, replaced whole (written beside, synced, renamed), so that a
// crash leaves the old one or the new one and never half of either.

/** Whether something is there. */
export async function pathExists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch {
    return false
  }
}

/** Writes a file readable by its owner alone, durably, in place of what was there. */
export async function writePrivate(path: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const beside = `${path}.${randomUUID()}.new`
  const file = await open(beside, 'wx', 0o600)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
  await chmod(beside, 0o600)
  await rename(beside, path)
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** The same for a value, as JSON. */
export async function writePrivateJson(path: string, value: object): Promise<void> {
  await writePrivate(path, `${JSON.stringify(value, null, 2)}\n`)
}

/**
 * Reads a JSON file of a home folder by its schema; `null` when it is not there.
 * Throws `InputError` `file-invalid` when it is there and is not what it should be.
 */
export async function readPrivateJson<T>(path: string, schema: ZodType<T>): Promise<T | null> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw new InputError(`Cannot read ${path}; check its owner and mode`, { code: 'file-invalid', cause: error })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Without the cause: the platform's message quotes the text, which may be secret.
    throw new InputError(`${path} is damaged: restore it from a copy`, { code: 'file-invalid' })
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new InputError(`${path} is not a file of this version: restore it from a copy`, { code: 'file-invalid' })
}

/** Removes a file if it is there. */
export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true })
}
