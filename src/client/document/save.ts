/** Writing an opened document down: nothing of it stands under its name before all of it was checked. */
import { randomUUID } from 'node:crypto'
import { link, open, rename, rm } from 'node:fs/promises'
import type { Bytes } from '../../crypto/bytes.ts'
import { InputError } from '../errors.ts'

/**
 * Writes a content to a file readable by its owner alone, beside its place first; a content that ends in an error
 * leaves nothing. Returns its length in bytes. Throws `InputError` `file-exists` unless `overwrite`, and whatever the
 * content throws.
 */
export async function saveContent(
  content: AsyncIterable<Bytes>,
  path: string,
  { overwrite = false }: { readonly overwrite?: boolean } = {},
): Promise<number> {
  const beside = `${path}.${randomUUID()}.part`
  const file = await openNew(beside)
  let length = 0
  try {
    try {
      for await (const piece of content) {
        await file.writeFile(piece)
        length += piece.length
      }
      await file.sync()
    } finally {
      await file.close()
    }
    if (overwrite) await rename(beside, path)
    else await linkNew(beside, path)
  } finally {
    await rm(beside, { force: true })
  }
  return length
}

async function openNew(path: string) {
  try {
    return await open(path, 'wx', 0o600)
  } catch (cause) {
    throw new InputError(`Cannot write ${path}; name another folder with --out`, { code: 'file-unwritable', cause })
  }
}

/** A link, unlike a rename, fails when the name is taken. */
async function linkNew(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause
    throw new InputError(`${to} is there already; name another file with --out, or give --force`, {
      code: 'file-exists',
      cause,
    })
  }
}
