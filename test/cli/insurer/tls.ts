import { issueServer, LIFETIME_DAYS, makeServerAuthority, validityOf } from '../../../src/dev/certificates.ts'
import { keyPem, makeKeys } from '../../../src/dev/key-pairs.ts'

/** A server authority, and a certificate and key for the loopback address, PEM. */
export async function makeTls(): Promise<{ authority: string; cert: string; key: string }> {
  const at = new Date()
  const authority = await makeServerAuthority({ at })
  const keys = await makeKeys('p-256')
  const certificate = await issueServer(authority, keys.publicKey, validityOf(at, LIFETIME_DAYS.server))
  return {
    authority: authority.certificate.toString('pem'),
    cert: certificate.toString('pem'),
    key: await keyPem(keys.privateKey),
  }
}
