/** From a certified NIR to an INS (docs/protocol/ins.md). */
import { type Bytes, lp, toHex } from '../crypto/bytes.ts'
import type { Ins } from '../protocol/ids.ts'
import { INS_DIGITS, insCheckKey } from '../protocol/ins.ts'
import type { InsKeySource } from './key-source.ts'
import type { Nir } from './nir.ts'

/** How often a collision may raise the counter, which is one byte. */
export const MAX_COUNTER = 255

const MODULUS = 10n ** BigInt(INS_DIGITS)

/**
 * The INS of a certified number; `counter` is 0 unless the register found the INS of lower counters taken by another
 * person. Only `Register.assign` calls this for real persons: without the register two of them could share an INS.
 */
export function deriveIns(key: InsKeySource, nir: Nir, { counter }: { readonly counter: number }): Ins {
  if (!Number.isInteger(counter) || counter < 0 || counter > MAX_COUNTER) {
    throw new RangeError(`An INS counter is 0..${MAX_COUNTER}`)
  }
  return insOfTag(key.tag(lp('coffre/v1/ins', nir.characters13, Uint8Array.of(counter))))
}

/** The 22 digits of a 32-byte tag, read as one big-endian number. The bias of the modulo is below 2^-189. */
export function insOfTag(tag: Bytes): Ins {
  const digits = String(BigInt(`0x${toHex(tag)}`) % MODULUS).padStart(INS_DIGITS, '0')
  return (digits + insCheckKey(digits)) as Ins
}

/** What the register keeps instead of a NIR: useless to who lacks K. 32 bytes. */
export function nirFingerprint(key: InsKeySource, nir: Nir): Bytes {
  return key.registerTag(lp('coffre/v1/ins-register', nir.characters13))
}
