import { type Bytes, equal, randomBytes, wipe } from './bytes.ts'
import { CryptoError } from './errors.ts'
import { XWING } from './sodium.ts'
import { xwing } from './xwing.ts'

// Keys are types, not bytes: each kind is a class of its own, so that one cannot stand where another belongs; made by
// `generate` or `parse`, copied on entry, gone after `wipe`. No secret key shows when logged, printed or put into JSON.
//
// Nothing the host runs may import this file.

/** Bytes that are secret. The base of the kinds below; `kind` makes them different types. */
abstract class SecretBytes {
  abstract readonly kind: string
  #bytes: Bytes | null

  protected constructor(bytes: Bytes, length: number, what: string) {
    if (!(bytes instanceof Uint8Array) || bytes.length !== length) {
      throw new CryptoError(`${what} has ${length} bytes, not ${bytes.length}`, { code: 'key-length' })
    }
    this.#bytes = new Uint8Array(bytes)
  }

  /** A copy of the bytes; whoever asks wipes it. Throws `CryptoError` `key-wiped` after `wipe`. */
  get bytes(): Bytes {
    if (this.#bytes === null) throw new CryptoError('This key was wiped: load it again', { code: 'key-wiped' })
    return new Uint8Array(this.#bytes)
  }

  /** Overwrites the key; it cannot be used any more. Best effort, see `wipe` in `bytes.ts`. */
  wipe(): void {
    if (this.#bytes !== null) wipe(this.#bytes)
    this.#bytes = null
  }

  /** The same, for `using`. */
  [Symbol.dispose](): void {
    this.wipe()
  }

  /** What JSON, logs and messages get instead of the key. */
  toJSON(): string {
    return `[${this.kind}]`
  }

  toString(): string {
    return `[${this.kind}]`
  }
}

/** Key of one document: its body and manifest keys derive from it; sealed in envelopes. 32 bytes. */
export class DocumentKey extends SecretBytes {
  override readonly kind = 'document-key'
  static readonly byteLength = 32

  private constructor(bytes: Bytes) {
    super(bytes, DocumentKey.byteLength, 'A document key')
  }

  static generate(): DocumentKey {
    return new DocumentKey(randomBytes(DocumentKey.byteLength))
  }

  /** Copies 32 bytes. Throws `CryptoError` `key-length`. */
  static parse(bytes: Bytes): DocumentKey {
    return new DocumentKey(bytes)
  }
}

/** Key of a patient's bundle; wrapped in slots. 32 bytes. */
export class AccountKey extends SecretBytes {
  override readonly kind = 'account-key'
  static readonly byteLength = 32

  private constructor(bytes: Bytes) {
    super(bytes, AccountKey.byteLength, 'An account key')
  }

  static generate(): AccountKey {
    return new AccountKey(randomBytes(AccountKey.byteLength))
  }

  /** Copies 32 bytes. Throws `CryptoError` `key-length`. */
  static parse(bytes: Bytes): AccountKey {
    return new AccountKey(bytes)
  }
}

/** The secret printed in the recovery kit. 16 bytes, all random: it can be used as a key as it is. */
export class KitSecret extends SecretBytes {
  override readonly kind = 'kit-secret'
  static readonly byteLength = 16

  private constructor(bytes: Bytes) {
    super(bytes, KitSecret.byteLength, 'A kit secret')
  }

  static generate(): KitSecret {
    return new KitSecret(randomBytes(KitSecret.byteLength))
  }

  /** Copies 16 bytes. Throws `CryptoError` `key-length`. */
  static parse(bytes: Bytes): KitSecret {
    return new KitSecret(bytes)
  }
}

/** What a registered device keeps; half of the device slot's key. 32 bytes. */
export class DeviceSecret extends SecretBytes {
  override readonly kind = 'device-secret'
  static readonly byteLength = 32

  private constructor(bytes: Bytes) {
    super(bytes, DeviceSecret.byteLength, 'A device secret')
  }

  static generate(): DeviceSecret {
    return new DeviceSecret(randomBytes(DeviceSecret.byteLength))
  }

  /** Copies 32 bytes. Throws `CryptoError` `key-length`. */
  static parse(bytes: Bytes): DeviceSecret {
    return new DeviceSecret(bytes)
  }
}

/** The private half of a sealing key: a 32-byte X-Wing seed. Opens seals; never signs. */
export class SealSecretKey extends SecretBytes {
  override readonly kind = 'seal-secret-key'
  static readonly byteLength = XWING.seed
  #publicKey: SealPublicKey | null = null
  #decapsulate: ((ciphertext: Bytes) => Bytes | null) | null = null
  #decapsulateAside: ((ciphertext: Bytes) => Promise<Bytes | null>) | null = null

  private constructor(bytes: Bytes) {
    super(bytes, SealSecretKey.byteLength, 'A sealing secret key')
  }

  static generate(): SealSecretKey {
    return new SealSecretKey(randomBytes(SealSecretKey.byteLength))
  }

  /** Copies 32 bytes. Throws `CryptoError` `key-length`. */
  static parse(bytes: Bytes): SealSecretKey {
    return new SealSecretKey(bytes)
  }

  /** The public half, computed from the seed at first use: what a statement claims is compared with this. */
  get publicKey(): SealPublicKey {
    if (this.#publicKey === null) {
      const seed = this.bytes
      this.#publicKey = SealPublicKey.parse(xwing.publicKey(seed))
      wipe(seed)
    }
    return this.#publicKey
  }

  /** X-Wing decapsulation of 1,120 bytes, the key prepared at first use. For `seal.ts` only; see `XwingEngine`. */
  decapsulate(ciphertext: Bytes): Bytes | null {
    if (this.#decapsulate === null) {
      const seed = this.bytes
      this.#decapsulate = xwing.decapsulator(seed)
      wipe(seed)
    }
    return this.#decapsulate(ciphertext)
  }

  /** The same beside this thread, where the platform has threads for it. */
  async decapsulateAside(ciphertext: Bytes): Promise<Bytes | null> {
    if (xwing.decapsulatorAside === undefined) return this.decapsulate(ciphertext)
    if (this.#decapsulateAside === null) {
      const seed = this.bytes
      this.#decapsulateAside = xwing.decapsulatorAside(seed)
      wipe(seed)
    }
    return this.#decapsulateAside(ciphertext)
  }

  override wipe(): void {
    super.wipe()
    this.#decapsulate = null
    this.#decapsulateAside = null
  }
}

/** The public half of a sealing key: an X-Wing public key, 1,216 bytes. */
export class SealPublicKey {
  readonly kind = 'seal-public-key'
  static readonly byteLength = XWING.publicKey
  readonly #bytes: Bytes

  private constructor(bytes: Bytes) {
    this.#bytes = bytes
  }

  /**
   * Copies 1,216 bytes. Throws `CryptoError` `key-length`, or `key-malformed` when the ML-KEM part is not canonical
   * (FIPS 203 §7.2, the modulus check).
   */
  static parse(bytes: Bytes): SealPublicKey {
    if (!(bytes instanceof Uint8Array) || bytes.length !== SealPublicKey.byteLength) {
      throw new CryptoError(`A sealing public key has ${SealPublicKey.byteLength} bytes, not ${bytes.length}`, {
        code: 'key-length',
      })
    }
    if (!passesModulusCheck(bytes)) {
      throw new CryptoError('Not a sealing public key: its ML-KEM part is out of range', { code: 'key-malformed' })
    }
    return new SealPublicKey(new Uint8Array(bytes))
  }

  /** A copy of the bytes. */
  get bytes(): Bytes {
    return new Uint8Array(this.#bytes)
  }

  /** Whether two keys are the same. */
  equals(other: SealPublicKey): boolean {
    return equal(this.#bytes, other.#bytes)
  }
}

/** FIPS 203 §7.2: 768 coefficients of 12 bits, each below q = 3329, in the first 1,152 bytes. */
function passesModulusCheck(bytes: Bytes): boolean {
  for (let i = 0; i < 1152; i += 3) {
    const [a, b, c] = bytes.subarray(i, i + 3) as unknown as [number, number, number]
    if ((a | ((b & 0x0f) << 8)) >= 3329 || ((b >> 4) | (c << 4)) >= 3329) return false
  }
  return true
}
