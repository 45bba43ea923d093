/** The plaintext of a manifest (docs/protocol/manifest.md): one JSON text for one manifest, padded. */
import type { Bytes } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { padText, parsePaddedJson } from '../../crypto/padding.ts'
import { Manifest } from '../../protocol/record.ts'

/** A manifest is padded to at least this many bytes: the shortest titles do not show. */
const MANIFEST_MIN_BYTES = 1024

/** What is sealed of a manifest: the JSON and its padding. */
export function manifestPlaintext(manifest: Manifest): Bytes {
  return padText(JSON.stringify(manifest), MANIFEST_MIN_BYTES)
}

/** The manifest of such a plaintext; `null` when it is none, in another text of the same JSON too. */
export function readManifest(plaintext: Bytes): Manifest | null {
  try {
    return Manifest.safeParse(parsePaddedJson(plaintext, MANIFEST_MIN_BYTES)).data ?? null
  } catch (error) {
    if (CryptoError.is(error, 'text-malformed')) return null
    throw error
  }
}
