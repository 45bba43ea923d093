import { toBase64 } from '../../crypto/bytes.ts'
import type { Signer } from '../../crypto/statement.ts'
import { InputError } from '../errors.ts'
import type { Card } from './card.ts'

/** The card as a statement's signer: its first algorithm, its chain in `x5c`. Throws `InputError` `card-unsupported`. */
export function cardSigner(card: Card): Signer {
  const [alg] = card.algorithms
  if (alg === undefined) throw new InputError('This card cannot sign statements', { code: 'card-unsupported' })
  return {
    alg,
    x5c: card.certificates.map(({ der }) => toBase64(der)),
    sign: bytes => card.sign(bytes, alg),
  }
}
