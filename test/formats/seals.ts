import { openGift } from '../../src/client/grant-seal.ts'
import { type Bytes, fromBase64url } from '../../src/crypto/bytes.ts'
import type { SealSecretKey } from '../../src/crypto/keys.ts'
import type { CompartmentId, Hash } from '../../src/protocol/ids.ts'
import { hex, type Members, Refused } from './vector-file.ts'
import { hash } from './world.ts'

/** A compartment as a delegation or a recovery names it. */
interface Sealed {
  readonly id: CompartmentId
  readonly epoch: number
  readonly seal: Hash
}

/** Opens the seals beside a delegation or a recovery: each is the one named, and bound to what `infoOf` says. */
export function openSeals(
  compartments: readonly Sealed[],
  seals: readonly string[],
  { key, infoOf }: { readonly key: SealSecretKey; readonly infoOf: (place: Sealed) => Bytes },
): Members[] {
  if (seals.length !== compartments.length) throw new Refused('grant-seal')
  return compartments.map((place, i) => {
    const sealed = fromBase64url(seals[i] as string)
    if (hash(sealed) !== place.seal) throw new Refused('grant-seal')
    const { name, secret } = openGift(key, infoOf(place), sealed)
    return { id: place.id, name, secret: secret === null ? null : hex(secret.bytes) }
  })
}
