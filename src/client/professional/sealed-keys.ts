/**
 * A workstation's files at rest, sealed by the card (docs/protocol/workstation.md).
 *
 * The file key is HKDF of the card's RSASSA-PKCS1-v1_5 signature over a random challenge stored beside: that signature
 * is the same each time, only the card can make it, and it is made of nothing else. So a stolen folder opens only with
 * the card and its PIN, and a card that is lost or renewed takes the folder's keys with it (enrol again).
 *
 * What this is not: whoever once could use the card (PIN entered, malicious software on the workstation) can keep the
 * file key. The workstation is outside the perimeter, as the threat model says.
 */

import { z } from 'zod'
import { box, unbox } from '../../crypto/box.ts'
import { type Bytes, fromBase64url, fromUtf8, lp, randomBytes, toBase64url, utf8, wiping } from '../../crypto/bytes.ts'
import { CryptoError } from '../../crypto/errors.ts'
import { hkdfSha256 } from '../../crypto/hash.ts'
import { bytesField } from '../../protocol/ids.ts'
import type { Card } from '../cards/card.ts'
import { InputError } from '../errors.ts'
import { readPrivateJson, writePrivateJson } from '../home-files.ts'

/** What the card sealed the folder with: public, of no use without the card. */
export const CardChallenge = z.strictObject({
  /** SHA-256 of the card's certificate, hexadecimal. */
  card: z.string().regex(/^[0-9a-f]{64}$/),
  challenge: bytesField({ exactly: 32 }),
})
export type CardChallenge = z.infer<typeof CardChallenge>

const SealedFile = z.strictObject({ v: z.literal(1), sealed: bytesField({ min: 48, max: 64 * 1024 * 1024 }) })

/** A new challenge for a card. */
export function newChallenge(card: Card): CardChallenge {
  return { card: fingerprintOf(card), challenge: toBase64url(randomBytes(32)) }
}

/**
 * The folder's key, from the card. Throws `InputError` `card-unsupported` for a card whose signatures are not
 * deterministic (no RSA key), `card-other` when the folder was sealed by another card.
 */
export async function unlockWith(card: Card, challenge: CardChallenge): Promise<FileKey> {
  if (!card.algorithms.includes('RS256')) {
    throw new InputError(
      'This card has no RSA key: its signatures differ each time, so the workstation’s keys cannot be sealed by it',
      { code: 'card-unsupported' },
    )
  }
  const fingerprint = fingerprintOf(card)
  if (fingerprint !== challenge.card) {
    throw new InputError(
      'This workstation’s keys were sealed by another card; insert that one, or enrol in a new --home',
      {
        code: 'card-other',
      },
    )
  }
  const message = lp('coffre/v1/workstation-challenge', fromBase64url(challenge.challenge))
  const signature = await card.sign(message, 'RS256')
  const info = lp('coffre/v1/workstation-key', fingerprint)
  return new FileKey(wiping(signature, ikm => hkdfSha256({ ikm, salt: new Uint8Array(0), info, length: 32 })))
}

/** Opens and closes a folder's sealed files. */
export class FileKey {
  readonly #key: Bytes

  /** For `unlockWith`. */
  constructor(key: Bytes) {
    this.#key = key
  }

  /** Writes a value sealed under this key and the file's name. */
  async write(path: string, name: string, value: object): Promise<void> {
    const sealed = wiping(utf8(JSON.stringify(value)), plain => box(this.#key, fileInfo(name), plain))
    await writePrivateJson(path, { v: 1, sealed: toBase64url(sealed) })
  }

  /**
   * Reads it; `null` when there is no such file. Throws `InputError` `file-invalid` when it does not open: another
   * card's, another file's, or damaged.
   */
  async read<T>(path: string, name: string, schema: z.ZodType<T>): Promise<T | null> {
    const file = await readPrivateJson(path, SealedFile)
    if (file === null) return null
    try {
      return schema.parse(JSON.parse(wiping(unbox(this.#key, fileInfo(name), fromBase64url(file.sealed)), fromUtf8)))
    } catch (cause) {
      if (!CryptoError.is(cause) && !(cause instanceof z.ZodError)) throw cause
      throw new InputError(
        `${path} does not open with this card, or is damaged: restore it, or enrol in a new --home`,
        {
          code: 'file-invalid',
        },
      )
    }
  }
}

const fileInfo = (name: string): Bytes => lp('coffre/v1/workstation-file', name)

function fingerprintOf(card: Card): string {
  const [leaf] = card.certificates
  if (leaf === undefined) throw new InputError('This card holds no certificate', { code: 'card-malformed' })
  return leaf.fingerprint
}
