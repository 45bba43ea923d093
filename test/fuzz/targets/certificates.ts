/** X.509: certificates, revocation lists, chains. */
import { fromBase64 } from '../../../src/crypto/bytes.ts'
import { identityOf, parseCertificate, parseCrl, verifyChain } from '../../../src/crypto/x509.ts'
import { DOCTOR, HOSPITAL, makeAuthority, makeSoftwareCard } from '../../fixtures/certificates.ts'
import { AT } from '../../fixtures/document.ts'
import { target } from '../target.ts'

export const authority = await makeAuthority('persons', AT)
const { card } = await makeSoftwareCard(authority, DOCTOR, AT)
const organisations = await makeAuthority('organisations', AT)
const { card: hospital } = await makeSoftwareCard(organisations, HOSPITAL, AT)
const lists = (await authority.crls(AT)).map(fromBase64)
const crls = lists.map(parseCrl)
const anchor = parseCertificate(authority.anchor.replaceAll(/-----[A-Z ]+-----|\s/g, ''))
const issuers = card.certificates.slice(1).map(({ der }) => parseCertificate(der))
const [leaf] = card.certificates.map(({ der }) => der) as [Uint8Array]

const identity = ['certificate-malformed', 'certificate-unsupported', 'certificate-identity', 'certificate-key']
const chain = [
  ...identity,
  'certificate-untrusted',
  'certificate-expired',
  'certificate-not-yet-valid',
  'certificate-usage',
  'certificate-revoked',
  'crl-missing',
  'crl-stale',
  'crl-malformed',
]

export default [
  target({
    name: 'certificate',
    share: 0.1,
    samples: [leaf, ...hospital.certificates.slice(0, 1).map(({ der }) => der)],
    take: (der: Uint8Array) => identityOf(parseCertificate(der)),
    refusals: identity,
  }),
  target({
    name: 'certificate-chain',
    share: 0.05,
    samples: [leaf],
    take: (der: Uint8Array) =>
      verifyChain([parseCertificate(der), ...issuers], [anchor], {
        crls,
        at: AT,
        usage: 'client-auth',
        revocation: 'required',
      }),
    refusals: chain,
    authentic: true,
  }),
  target({
    name: 'crl',
    share: 0.1,
    samples: lists,
    take: (der: Uint8Array) => parseCrl(der),
    refusals: ['crl-malformed', 'certificate-malformed'],
  }),
]
