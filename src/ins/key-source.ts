/** Where the INS authority's key K is: today a file; an HSM answers the same two questions. */
import { type Bytes, utf8, wipe } from '../crypto/bytes.ts'
import { hkdfExpandSha256, hmacSha256 } from '../crypto/hash.ts'
import { createKeyFile, readKeyFile } from './secret-file.ts'

/**
 * What the authority asks of K. Nothing gives K away: an implementation may hold it where it cannot be read.
 * Each answer is 32 bytes.
 */
export interface InsKeySource {
  /** HMAC-SHA-256 under K: the tag that an INS is made of. */
  tag(message: Bytes): Bytes
  /** HMAC-SHA-256 under K': what stands in the register instead of a NIR. */
  registerTag(message: Bytes): Bytes
}

/** K in the memory of this process, read from a file. `close` overwrites it; a closed one answers nothing. */
export class InsKeyFile implements InsKeySource {
  readonly #key: Bytes
  readonly #registerKey: Bytes
  #open = true

  private constructor(key: Bytes) {
    this.#key = key
    // Expand alone (RFC 5869 §2.3; K is uniformly random already): one HMAC under K, so that an HSM can do it too.
    this.#registerKey = hkdfExpandSha256({ prk: key, info: utf8('coffre/v1/ins-register-key'), length: 32 })
  }

  /** Throws `KeyFileError` (secret-file.ts): missing, readable by others, malformed. */
  static read(path: string): InsKeyFile {
    return new InsKeyFile(readKeyFile(path))
  }

  /** Makes a new K at `path`. Throws `KeyFileError` `key-file-exists`: K is never overwritten. */
  static create(path: string): InsKeyFile {
    createKeyFile(path)
    return InsKeyFile.read(path)
  }

  tag(message: Bytes): Bytes {
    return hmacSha256(this.#use(this.#key), message)
  }

  registerTag(message: Bytes): Bytes {
    return hmacSha256(this.#use(this.#registerKey), message)
  }

  close(): void {
    this.#open = false
    wipe(this.#key)
    wipe(this.#registerKey)
  }

  toJSON(): string {
    return '[INS key]'
  }

  #use(key: Bytes): Bytes {
    if (!this.#open) throw new TypeError('This INS key was closed')
    return key
  }
}
