import { type Bytes, concat } from './bytes.ts'

// An ECDSA signature (r, s) and (r, n − s) are both good: without a rule, anyone turns a statement into a second text
// with another hash. Statements carry the lower of the two (as SEC 1 implementations of Bitcoin's BIP 62 do).

/** Order of P-256 (FIPS 186-5 / SP 800-186 §3.2.1.3). */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

function s(signature: Bytes): bigint {
  return BigInt(`0x${signature.subarray(32).toHex()}`)
}

/** Whether a signature in JWS form (r ‖ s, 64 bytes) carries the lower s; false for any other length. */
export function hasLowS(signature: Bytes): boolean {
  return signature.length === 64 && s(signature) <= N / 2n
}

/** The same signature with the lower s. What is not 64 bytes long comes back as it was, to be refused by the verifier. */
export function toLowS(signature: Bytes): Bytes {
  if (signature.length !== 64 || hasLowS(signature)) return signature
  const lower = Uint8Array.fromHex((N - s(signature)).toString(16).padStart(64, '0'))
  return concat(signature.subarray(0, 32), lower)
}
