// The door to certificates: reading, chains and revocation, and whom a certificate stands for.
export {
  Certificate,
  Crl,
  parseCertificate,
  parseCrl,
} from './certificate.ts'
export { type VerifiedChain, verifyChain } from './certificate-chain.ts'
export {
  type CertificateIdentity,
  identityOf,
} from './certificate-identity.ts'
