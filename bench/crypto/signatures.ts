import { generateKeyPairSync, sign as nativeSign, verify as nativeVerify } from 'node:crypto'
import { fromBase64url, randomBytes, toBase64url, utf8 } from '../../src/crypto/bytes.ts'
import { newNonce, parseRequestSignature, signRequest, verifyBase } from '../../src/crypto/httpsig.ts'
import { SigningKey, VerifyKey } from '../../src/crypto/sign.ts'
import { ed25519Signer, signStatement, verifyStatement } from '../../src/crypto/statement.ts'
import { formatSeen, NOTHING_SEEN } from '../../src/log/seen.ts'
import { type Contest, type Figure, perSecond } from '../harness/figure.ts'

const TIMES = 1000

export default {
  what: 'Statements of some 400 bytes and request signatures, made and verified whole, beside the runtime’s bare Ed25519 on as many bytes; one core.',
  unit: '/s',
  cores: 1,
  async *contests(): AsyncGenerator<Contest> {
    const key = SigningKey.generate()
    const payload = {
      deployment: toBase64url(randomBytes(16)),
      hash: toBase64url(randomBytes(32)),
      more: 'x'.repeat(250),
    }
    const text = await signStatement('coffre-bench+jws', payload, ed25519Signer(key, 'k'))
    const policy = { typ: 'coffre-bench+jws', algorithms: ['Ed25519'], keys: [key.verifyKey] } as const
    const request = {
      method: 'GET',
      authority: 'host.example:8443',
      path: `/v1/records/${toBase64url(randomBytes(16))}/documents/${toBase64url(randomBytes(16))}`,
      query: '',
      headers: { 'coffre-seen': formatSeen(NOTHING_SEEN) },
    }
    const signer = { keyId: 'k', key, created: 1_800_000_000, nonce: newNonce() }
    const body = utf8('')
    const headers = { ...request.headers, ...signRequest({ ...request, body }, signer) }

    const raw = generateKeyPairSync('ed25519')
    const message = utf8(text)
    const signature = nativeSign(null, message, raw.privateKey)
    const stored = raw.publicKey.export({ format: 'jwk' }).x as string
    const bareSign = repeated(() => nativeSign(null, message, raw.privateKey))
    const bareVerify = repeated(() => nativeVerify(null, message, raw.publicKey, signature))
    const against = [{ of: 'coffre', against: 'bare Ed25519' }]
    const pairs = {
      'sign statement': [() => signStatement('coffre-bench+jws', payload, ed25519Signer(key, 'k')), bareSign],
      'verify statement': [() => verifyStatement(text, policy), bareVerify],
      'sign request': [() => signRequest({ ...request, body }, signer), bareSign],
      'verify request': [
        () => {
          const read = parseRequestSignature({ ...request, headers })
          return verifyBase(read.base, read.signature, key.verifyKey)
        },
        bareVerify,
      ],
      'verify under a key as stored': [
        () => VerifyKey.parse(fromBase64url(stored)).verify(message, signature),
        bareVerify,
      ],
    } as const
    for (const [variant, [work, bare]] of Object.entries(pairs)) {
      yield { variant, sides: { coffre: repeated(work), 'bare Ed25519': bare }, comparisons: against }
    }
  },
} satisfies Figure

function repeated(work: () => unknown) {
  return perSecond(TIMES, async () => {
    for (let i = 0; i < TIMES; i++) await work()
  })
}
