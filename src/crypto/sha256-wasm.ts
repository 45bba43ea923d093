import { createSHA256 } from 'hash-wasm'
import type { Bytes } from './bytes.ts'

// hash-wasm's door: SHA-256 of what is long, for `hash.ts` where the platform has no synchronous one. Loaded there alone.

const state = await createSHA256()

/** SHA-256 (FIPS 180-4). */
export function wasmSha256(data: Bytes): Bytes {
  return state.init().update(data).digest('binary')
}
