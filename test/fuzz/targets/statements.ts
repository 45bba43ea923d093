/** Signed texts: statements of one and of two signatures, receipts, request signatures and what stands beside them. */
import { fromBase64, fromBase64url, fromUtf8, toBase64url, utf8 } from '../../../src/crypto/bytes.ts'
import { sha256 } from '../../../src/crypto/hash.ts'
import {
  formatContentDigest,
  newNonce,
  parseBase,
  parseContentDigest,
  parseRequestSignature,
  type SignedRequest,
  signatureBase,
  signRequest,
  verifyBase,
} from '../../../src/crypto/httpsig.ts'
import { SigningKey } from '../../../src/crypto/sign.ts'
import { parseStatement } from '../../../src/crypto/statement.ts'
import { parseCertificate, parseCrl } from '../../../src/crypto/x509.ts'
import { writeEntry } from '../../../src/log/entry.ts'
import { verifyDeposit, verifyPlacement } from '../../../src/log/grant.ts'
import { verifyKeyStatement } from '../../../src/log/key-statement.ts'
import { makeReceipt, verifyReceipt } from '../../../src/log/receipt.ts'
import { formatSeen, parseSeen } from '../../../src/log/seen.ts'
import type { Hash, Instant, NationalId } from '../../../src/protocol/ids.ts'
import { AT, makeAuthor, makePatient, makePlacement, makeSample, newId } from '../../fixtures/document.ts'
import { mutateJson, mutateText } from '../mutate.ts'
import type { Random } from '../random.ts'
import { target } from '../target.ts'

const patient = await makePatient()
const author = await makeAuthor(patient.deployment)
const sample = await makeSample(patient, author, utf8('bonjour'))
const { documentId } = sample.sealed
const placement = await makePlacement(patient, {
  documentId,
  from: newId(),
  to: newId(),
  epoch: 3,
  envelope: toBase64url(sha256(utf8('x'))) as Hash,
})
const host = SigningKey.generate()
export const entry = writeEntry(
  { record: patient.recordId, n: 0, prev: null },
  {
    t: AT.toISOString() as Instant,
    actor: { kind: 'host', id: 'host' },
    action: 'document.read',
    object: { document: documentId },
    outcome: 'ok',
    grant: null,
    state: null,
    request: null,
  },
)
/** As most entries are: behind a signed request. */
export const readByDoctor = writeEntry(
  { record: patient.recordId, n: 1, prev: entry.hash },
  {
    t: AT.toISOString() as Instant,
    actor: { kind: 'professional', id: '810000000017' as NationalId, key: entry.hash },
    action: 'document.read',
    object: { document: documentId },
    outcome: 'ok',
    grant: entry.hash,
    state: entry.hash,
    request: { base: '"@method": GET\n"@path": /', signature: toBase64url(new Uint8Array(64)) },
  },
)
const receipt = await makeReceipt(entry, { deployment: patient.deployment, hostKey: host })

const form = ['statement-malformed', 'statement-header', 'text-malformed']
export const verification = [
  ...form,
  'statement-form',
  'statement-signatures',
  'statement-type',
  'statement-algorithm',
  'statement-signature',
]
const ofRecord = [...verification, 'statement-record', 'statement-key-id', 'deposit-key-id']
const certificates = [
  'certificate-malformed',
  'certificate-unsupported',
  'certificate-identity',
  'certificate-untrusted',
  'certificate-expired',
  'certificate-not-yet-valid',
  'certificate-usage',
  'certificate-revoked',
  'certificate-key',
  'crl-missing',
  'crl-stale',
  'crl-malformed',
]

/** The same statement with header or payload changed as JSON and written down properly: what a careless signer makes. */
export function nearStatement(texts: readonly string[]) {
  return (random: Random): string => {
    const parts = random.pick(texts).split(/([.~])/)
    const at = random.once(2) ? 0 : 2
    const decoded = fromUtf8(fromBase64url(parts[at] ?? ''))
    const changed = random.once(4) ? mutateText(random, decoded, [decoded]) : mutateJson(random, JSON.parse(decoded))
    parts[at] = toBase64url(new Uint8Array(Buffer.from(changed)))
    return parts.join('')
  }
}

const signer = { keyId: 'kid_1', key: SigningKey.generate(), created: 1_800_000_000, nonce: newNonce() }
const seen = formatSeen({
  tree: { size: 12, root: toBase64url(sha256(utf8('r'))) as Hash },
  chain: { n: 3, hash: toBase64url(sha256(utf8('h'))) as Hash },
})

/** A request as lines: method, authority, path, query, then fields. */
function requestText(path: string, query: string, headers: Record<string, string>): string {
  const unsigned = {
    method: 'POST',
    authority: 'host.example:8443',
    path,
    query,
    headers: { 'coffre-seen': seen, ...headers },
  }
  const signed = { ...unsigned.headers, ...signRequest({ ...unsigned, body: utf8('{}') }, signer) }
  return [
    'POST',
    unsigned.authority,
    path,
    query,
    ...Object.entries(signed).map(([name, value]) => `${name}: ${value}`),
  ].join('\n')
}

function readRequest(text: string) {
  const [method = '', authority = '', path = '', query = '', ...lines] = text.split('\n')
  const headers = Object.fromEntries(lines.map(line => [line.split(': ')[0] ?? '', line.slice(line.indexOf(': ') + 2)]))
  return { method, authority, path, query, headers }
}

const requests = [
  requestText('/v1/records/AAAA', '', {}),
  requestText('/v1/records/AAAA/documents', '?after=3', { 'coffre-session': 'A'.repeat(43), 'coffre-acting': 'e30' }),
]
const bases = requests.map(text => parseRequestSignature(readRequest(text)).base)

const statements = [sample.stored.deposit, placement]
const cosigned = [patient.identity.text, author.statement]
const key = author.key
const keyContext = {
  deployment: patient.deployment,
  cardAuthorities: [parseCertificate(author.authority.anchor.replaceAll(/-----[A-Z ]+-----|\s/g, ''))],
  crls: (await author.authority.crls(AT)).map(der => parseCrl(fromBase64(der))),
  at: AT,
}

export default [
  target({
    name: 'statement',
    share: 4,
    samples: [...statements, ...cosigned],
    near: nearStatement([...statements, ...cosigned]),
    take: (text: string) => parseStatement(text),
    refusals: form,
  }),
  target({
    name: 'deposit-statement',
    share: 1,
    samples: [sample.stored.deposit],
    near: nearStatement([sample.stored.deposit]),
    take: (text: string) => verifyDeposit(text, { deployment: patient.deployment, recordId: patient.recordId, key }),
    refusals: ofRecord,
    authentic: true,
  }),
  target({
    name: 'placement-statement',
    share: 1,
    samples: [placement],
    near: nearStatement([placement]),
    take: (text: string) => verifyPlacement(text, patient),
    refusals: ofRecord,
    authentic: true,
  }),
  target({
    name: 'key-statement',
    share: 0.05,
    samples: [author.statement],
    near: nearStatement([author.statement]),
    take: (text: string) => verifyKeyStatement(text, keyContext),
    refusals: [
      ...verification,
      ...certificates,
      'key-certificate',
      'key-holder',
      'key-time',
      'key-id',
      'key-length',
      'key-malformed',
    ],
    authentic: true,
  }),
  target({
    name: 'receipt',
    share: 1,
    samples: [receipt],
    near: nearStatement([receipt]),
    take: (text: string) => verifyReceipt(text, { deployment: patient.deployment, hostKey: host.verifyKey }),
    refusals: [...verification, 'receipt-key-id', 'receipt-deployment', 'receipt-hash', 'receipt-due', 'entry-form'],
    authentic: true,
  }),
  target({
    name: 'request-signature',
    share: 3,
    samples: requests,
    take(text: string) {
      const signature = parseRequestSignature(readRequest(text))
      return verifyBase(signature.base, signature.signature, signer.key.verifyKey) ? signature.base : null
    },
    refusals: ['signature-malformed', 'text-malformed'],
  }),
  target({
    name: 'signature-base',
    share: 4,
    samples: bases,
    take: (text: string) => parseBase(text),
    refusals: ['signature-malformed'],
    write: baseOf,
  }),
  target({
    name: 'content-digest',
    share: 6,
    samples: ['sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:'],
    take: (text: string) => parseContentDigest(text),
    refusals: ['signature-malformed'],
  }),
  target({
    name: 'seen',
    share: 6,
    samples: [seen, seen.split(',')[0] as string, `${seen.split(',')[0]}, receipt=${toBase64url(sha256(utf8('q')))}`],
    take: (text: string) => parseSeen(text),
    refusals: ['seen-malformed'],
    write: formatSeen,
  }),
]

/** The one base that says this. */
function baseOf(said: SignedRequest): string {
  const lines: [string, string][] = [
    ['@method', said.method],
    ['@authority', said.authority],
    ['@path', said.path],
    ['@query', said.query === '' ? '?' : said.query],
    ['content-digest', formatContentDigest(said.contentDigest)],
    ['coffre-seen', said.seen],
    ...(said.session === undefined ? [] : [['coffre-session', said.session] as [string, string]]),
    ...(said.acting === undefined ? [] : [['coffre-acting', said.acting] as [string, string]]),
  ]
  const names = lines.map(([name]) => `"${name}"`).join(' ')
  const { created, nonce, keyId, tag } = said
  return signatureBase(
    lines,
    `(${names});created=${created};nonce="${nonce}";keyid="${keyId}";alg="ed25519";tag="${tag}"`,
  )
}
