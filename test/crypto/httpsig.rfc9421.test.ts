import { constants, createPublicKey, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { equal, fromBase64, fromBase64url, toBase64, utf8 } from '../../src/crypto/bytes.ts'
import { hmacSha256 } from '../../src/crypto/hash.ts'
import { parseBase, parseRequestSignature, signatureBase, verifyBase } from '../../src/crypto/httpsig.ts'
import { SigningKey, VerifyKey } from '../../src/crypto/sign.ts'

/** `test/vectors/rfc9421/examples.json`. */
interface Example {
  readonly section: string
  readonly alg: string
  readonly key: string
  readonly of: 'request' | 'response'
  readonly lines: readonly (readonly [string, string])[]
  readonly label: string
  readonly parameters: string
  readonly signature: string
}
interface Examples {
  readonly keys: Readonly<Record<string, string>>
  readonly ed25519Seed: string
  readonly sharedSecret: string
  readonly request: {
    readonly method: string
    readonly authority: string
    readonly path: string
    readonly query: string
    readonly headers: Readonly<Record<string, string>>
  }
  readonly examples: readonly Example[]
}
const file: Examples = JSON.parse(readFileSync(join(import.meta.dirname, '../vectors/rfc9421/examples.json'), 'utf8'))
const { examples, keys, request, sharedSecret } = file
const keyOf = (name: string) =>
  createPublicKey({ key: Buffer.from(keys[name] as string, 'base64'), format: 'der', type: 'spki' })

/** Is the example's signature good over that base? Those of algorithms that we refuse are asked of the platform. */
function isGood({ alg, key, signature }: Example, base: string): boolean {
  const [text, bytes] = [utf8(base), fromBase64(signature)]
  switch (alg) {
    case 'ed25519':
      return verifyBase(base, bytes, VerifyKey.parse(fromBase64(keys[key] as string).subarray(-32)))
    case 'hmac-sha256':
      return equal(hmacSha256(fromBase64(sharedSecret), text), bytes)
    case 'ecdsa-p256-sha256':
      return verify('sha256', text, { key: keyOf(key), dsaEncoding: 'ieee-p1363' }, bytes)
    case 'rsa-pss-sha512':
      return verify(
        'sha512',
        text,
        { key: keyOf(key), padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 },
        bytes,
      )
    default:
      throw new TypeError(alg)
  }
}

t.test('RFC 9421 appendix B.2: the signature base of every example is the one that was signed', async t => {
  for (const example of examples) {
    const base = signatureBase(example.lines, example.parameters)
    t.ok(isGood(example, base), `${example.section}, ${example.alg}`)
    t.notOk(isGood(example, `${base} `), `${example.section}: over another base it is not`)
  }
  t.equal(examples.length, 6)
  t.comment('rfc9421/examples.json: 6 of 6 bases, 1 signature by our own algorithm')
})

t.test('RFC 9421 appendix B.2.6: the one algorithm of ours, signed again', async t => {
  const [example] = examples.filter(({ alg }) => alg === 'ed25519')
  const key = SigningKey.fromSeed(fromBase64url(file.ed25519Seed))
  t.equal(toBase64(key.sign(utf8(signatureBase(example?.lines ?? [], example?.parameters ?? '')))), example?.signature)
  t.strictSame([...key.verifyKey.bytes], [...fromBase64(keys['test-key-ed25519'] as string).subarray(-32)])
})

t.test('none of them is of our profile: each is refused, by what it is', async t => {
  const refused = []
  for (const { section, alg, label, of, lines, parameters, signature } of examples) {
    const headers = {
      ...request.headers,
      'coffre-seen': 'x',
      'signature-input': `${label}=${parameters}`,
      signature: `${label}=:${signature}:`,
    }
    t.throws(() => parseRequestSignature({ ...request, headers }), { code: 'signature-malformed' }, section)
    t.throws(() => parseBase(signatureBase(lines, parameters)), { code: 'signature-malformed' }, section)
    // Under our label, with our components and parameters but for the algorithm: it is the algorithm that is refused.
    if (of === 'request' && alg !== 'ed25519') refused.push(alg)
    const covered = '("@method" "@authority" "@path" "@query" "content-digest" "coffre-seen")'
    const ours = `coffre=${covered};created=1618884473;nonce="AAAAAAAAAAAAAAAAAAAAAA";keyid="kid-${alg}";alg="${alg}";tag="coffre-v1"`
    const shaped = {
      ...headers,
      'content-digest': 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:',
      'signature-input': ours,
      signature: `coffre=:${toBase64(new Uint8Array(64))}:`,
    }
    const read = () => parseRequestSignature({ ...request, headers: shaped })
    if (alg === 'ed25519') t.ok(read().base, 'ed25519 is read')
    else t.throws(read, { code: 'signature-malformed' }, `${alg} is refused`)
  }
  t.strictSame([...new Set(refused)], ['rsa-pss-sha512', 'hmac-sha256'])
})
