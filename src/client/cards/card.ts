/** A health card as the SDK sees it: certificates, a key that signs and never leaves, a client certificate for TLS. */
import type { Bytes } from '../../crypto/bytes.ts'
import type { StatementAlgorithm } from '../../crypto/statement.ts'
import type { Certificate, CertificateIdentity } from '../../crypto/x509.ts'
import type { ClientTls } from '../transport.ts'

/** What a card can sign with: the algorithms of statements, `Ed25519` left out. */
export type CardAlgorithm = Exclude<StatementAlgorithm, 'Ed25519'>

/** A card that was opened with its PIN. */
export interface Card {
  /** Leaf first, then its authorities; the root is left out (whoever verifies has it as an anchor). */
  readonly certificates: readonly Certificate[]
  /** Whom the leaf stands for, as the certificate says it; the host and every reader verify the chain themselves. */
  readonly holder: CertificateIdentity
  /** What the key can do, preferred first; never empty. */
  readonly algorithms: readonly CardAlgorithm[]
  /** Signs the bytes (hashing them with SHA-256 itself). Throws `InputError` `card-unsupported`. */
  sign(bytes: Bytes, algorithm: CardAlgorithm): Promise<Bytes>
  /** For the professionals' listener. */
  readonly tls: ClientTls
}
