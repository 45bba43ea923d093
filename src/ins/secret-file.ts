/** A 32-byte secret of an organisation in a file of its own: the authority's K, the insurer's signing seed. */
import { closeSync, fstatSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Bytes, fromBase64url, randomBytes, toBase64url, utf8, wipe } from '../crypto/bytes.ts'
import { CoffreError } from '../crypto/errors.ts'

/** A key file cannot be used. Codes `key-file-missing`, `key-file-mode`, `key-file-malformed`, `key-file-exists`. */
export class KeyFileError extends CoffreError {}

/**
 * Reads the secret of a file that holds 32 bytes as base64url and a line feed. The file must be a plain one that its
 * owner alone may read (0600 or 0400): wider, it is refused, as its content may have been copied. Throws
 * `KeyFileError`.
 */
export function readKeyFile(path: string): Bytes {
  const file = openExisting(path)
  const content = Buffer.alloc(64)
  try {
    // The mode of the opened file, not of its name: nobody can swap it in between.
    const { mode } = fstatSync(file)
    if ((mode & 0o170_000) !== 0o100_000) throw malformed(path, 'it is not a plain file')
    if ((mode & 0o077) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0')
      throw new KeyFileError(
        `${path} may be read by others (mode ${octal}): chmod 600 it, and ask yourself who may have copied it`,
        { code: 'key-file-mode' },
      )
    }
    const text = content.toString('latin1', 0, readSync(file, content, 0, content.length, 0))
    if (!/^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\n?$/.test(text)) throw malformed(path, 'it does not hold 32 bytes')
    return fromBase64url(text.trimEnd())
  } finally {
    wipe(content)
    closeSync(file)
  }
}

/**
 * Makes a new random secret in a new file of mode 0600, on disk (file and folder synced) when it returns.
 * Throws `KeyFileError` `key-file-exists` rather than overwrite.
 */
export function createKeyFile(path: string): void {
  let file: number
  try {
    file = openSync(path, 'wx', 0o600)
  } catch (cause) {
    throw new KeyFileError(`${path} cannot be made anew; a key is never overwritten`, {
      code: 'key-file-exists',
      cause,
    })
  }
  const secret = randomBytes(32)
  try {
    writeSync(file, utf8(`${toBase64url(secret)}\n`))
    fsyncSync(file)
  } finally {
    wipe(secret)
    closeSync(file)
  }
  syncFolder(dirname(path))
}

/** Makes the names in a folder durable (a new or renamed file is not, until its folder is synced). */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function openExisting(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (cause) {
    throw new KeyFileError(`${path} cannot be opened; give the path of a key file that you may read`, {
      code: 'key-file-missing',
      cause,
    })
  }
}

function malformed(path: string, why: string): KeyFileError {
  return new KeyFileError(`${path} is not a usable key file: ${why}`, { code: 'key-file-malformed' })
}
