import t from 'tap'
import { parseAnchors } from '../../src/client/anchors.ts'
import { verifyPatient, verifyPublishedKey } from '../../src/client/trust.ts'
import { toBase64url } from '../../src/crypto/bytes.ts'
import { SealSecretKey } from '../../src/crypto/keys.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { cosignStatement, ed25519Signer } from '../../src/crypto/statement.ts'
import { parseCertificate } from '../../src/crypto/x509.ts'
import type { DeploymentId, Hash, NationalId } from '../../src/protocol/ids.ts'
import { StatementTyp } from '../../src/protocol/statements.ts'
import { DOCTOR, makeAuthority, makeSoftwareCard } from '../fixtures/certificates.ts'
import { AT, makeRecord } from '../fixtures/record.ts'

t.test('a published key is checked before anything is sealed to it', async t => {
  const record = await makeRecord()
  const { deployment } = record.trust.anchors
  const authority = await makeAuthority('persons', AT)
  const other = await makeAuthority('persons', AT)
  const { card } = await makeSoftwareCard(authority, DOCTOR, AT)
  const statementFor = async (deploymentId: DeploymentId, nationalId: string = DOCTOR.id) => {
    const [sign, seal] = [SigningKey.generate(), SealSecretKey.generate()]
    return cosignStatement(
      StatementTyp.key,
      {
        deployment: deploymentId,
        kind: 'professional',
        nationalId,
        signKey: toBase64url(sign.verifyKey.bytes),
        sealKey: toBase64url(seal.publicKey.bytes),
        seq: 0,
        prev: null,
        notBefore: AT.toISOString(),
        notAfter: new Date(AT.getTime() + 30 * 86_400_000).toISOString(),
      },
      { alg: 'RS256', x5c: card.certificates.map(({ der }) => der.toBase64()), sign: b => card.sign(b, 'RS256') },
      ed25519Signer(sign, 'self'),
    )
  }
  const rootOf = ({ anchor }: typeof authority) => parseCertificate(anchor.replaceAll(/-----[A-Z ]+-----|\s/g, ''))
  const trust = { ...record.trust, cardAuthorities: [rootOf(authority)] }
  const crls = await authority.crls(AT)
  const statement = await statementFor(deployment)
  const nationalId = DOCTOR.id as NationalId
  const check = (
    change: { statement?: string; crls?: string[]; at?: Date; trust?: typeof trust } = {},
    expected = {},
  ) =>
    verifyPublishedKey(
      change.trust ?? trust,
      { statement: change.statement ?? statement, crls: change.crls ?? crls },
      { at: change.at ?? AT, expected: { nationalId, ...expected } },
    )
  t.equal((await check()).payload.nationalId, DOCTOR.id)
  await t.rejects(check({}, { nationalId: '899999999999' }), { code: 'key-substituted' }, 'another holder’s key')
  await t.rejects(check({}, { hash: toBase64url(new Uint8Array(32)) as Hash }), { code: 'key-substituted' })
  await t.rejects(check({ crls: [] }), { code: 'crl-missing' }, 'without revocation lists')
  await t.rejects(check({ at: new Date(AT.getTime() + 31 * 86_400_000) }), { name: /Error/ }, 'out of date')
  await t.rejects(
    check({ trust: { ...record.trust, cardAuthorities: [rootOf(other)] } }),
    { code: 'certificate-untrusted' },
    'a card of an authority that is none of the anchors’',
  )
  const elsewhere = await makeRecord()
  const foreign = await statementFor(elsewhere.trust.anchors.deployment)
  await t.rejects(check({ statement: foreign }), { code: 'key-holder' }, 'another deployment’s')
  const borrowed = await statementFor(deployment, '810000000025')
  await t.rejects(check({ statement: borrowed }), { code: 'key-holder' }, 'a name that the card does not bear')
})

t.test('a patient is who the insurer’s registration says', async t => {
  const record = await makeRecord()
  const other = await makeRecord()
  const { opening, view, ins, trust } = record
  const claimed = { ...opening, identity: opening.request.identity, recordId: view.patient.recordId }
  t.equal((await verifyPatient(trust, ins, claimed)).recordId, view.patient.recordId)
  const swapped = { ...claimed, identity: other.opening.request.identity }
  await t.rejects(verifyPatient(trust, ins, swapped), { name: 'CryptoError' }, 'a key that the host slipped in')
  await t.rejects(verifyPatient(other.trust, ins, claimed), { name: 'CryptoError' }, 'another insurer')
  const renamed = { ...claimed, recordId: other.view.patient.recordId }
  await t.rejects(verifyPatient(trust, ins, renamed), { code: 'record-identity' })
})

t.test('anchors that are none are refused', async t => {
  t.throws(() => parseAnchors('{'), { code: 'anchors-invalid' })
  t.throws(() => parseAnchors('{"v":1}'), { code: 'anchors-invalid' })
})
