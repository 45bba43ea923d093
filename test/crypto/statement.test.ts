import fc from 'fast-check'
import t from 'tap'
import { fromBase64url, randomBytes, toBase64, toBase64url, utf8 } from '../../src/crypto/bytes.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import {
  cosignStatement,
  ed25519Signer,
  parseStatement,
  type Signer,
  STATEMENT_MAX_BYTES,
  type StatementPolicy,
  signStatement,
  statementHash,
  verifyStatement,
} from '../../src/crypto/statement.ts'
import { type Issued, issue, type Kind } from './authority.ts'
import { codeOf } from './vectors.ts'

const TYP = 'coffre-test+jws'
const payload = { deployment: 'd', text: 'é', list: [1, 2] }
const key = SigningKey.generate()
const signer = ed25519Signer(key, 'kid')
const policy: StatementPolicy = { typ: TYP, algorithms: ['Ed25519'], keys: [key.verifyKey] }
const text = await signStatement(TYP, payload, signer)

/** A signer as a card is one: it gets bytes and gives a signature. */
function cardSigner({ keys, certificate }: Issued, alg: 'RS256' | 'PS256' | 'ES256'): Signer {
  const parameters = {
    RS256: { name: 'RSASSA-PKCS1-v1_5' },
    PS256: { name: 'RSA-PSS', saltLength: 32 },
    ES256: { name: 'ECDSA', hash: 'SHA-256' },
  }[alg]
  return {
    alg,
    x5c: [toBase64(certificate.der)],
    sign: async bytes => {
      const key = alg === 'PS256' ? await asPss(keys.privateKey) : keys.privateKey
      return new Uint8Array(await crypto.subtle.sign(parameters, key, bytes as Uint8Array<ArrayBuffer>))
    },
  }
}

async function asPss(key: CryptoKey): Promise<CryptoKey> {
  const pkcs8 = await crypto.subtle.exportKey('pkcs8', key)
  return crypto.subtle.importKey('pkcs8', pkcs8, { name: 'RSA-PSS', hash: 'SHA-256' }, false, ['sign'])
}

/** A compact JWS with any header, signed by `key`, as an attacker who holds a key of his own would make it. */
function forged(header: string | object, body: string | object = payload, by = key): string {
  const segment = (part: string | object) => toBase64url(utf8(typeof part === 'string' ? part : JSON.stringify(part)))
  const input = `${segment(header)}.${segment(body)}`
  return `${input}.${toBase64url(by.sign(utf8(input)))}`
}

t.test('what is signed verifies, and is named by its hash', async t => {
  const { payload: read, hash, headers } = await verifyStatement(text, policy)
  t.same(read, payload)
  t.same(hash, sha256(utf8(text)))
  t.same(statementHash(text), hash)
  t.same(headers, [{ alg: 'Ed25519', typ: TYP, kid: 'kid' }])
  const parsed = parseStatement(text)
  t.same(JSON.parse(new TextDecoder().decode(parsed.payloadBytes)), payload)
  t.equal(parsed.signatures[0]?.header.kid, 'kid')
  t.equal(
    await codeOf(async () => verifyStatement(await signStatement(TYP, payload, ed25519Signer(key)), policy)),
    null,
  )
})

t.test('RFC 8037 appendix A.4: the same signature over the same input', async t => {
  const rfc = SigningKey.fromSeed(fromBase64url('nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A'))
  const input = 'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc'
  t.equal(
    toBase64url(rfc.sign(utf8(input))),
    'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
  )
})

t.test('a card’s signature, in each algorithm, and no other than its own', async t => {
  const cards = { 'rsa-2048': ['RS256', 'PS256'], 'p-256': ['ES256'] } as const
  for (const [kind, algorithms] of Object.entries(cards)) {
    const card = await issue({ kind: kind as Kind })
    for (const alg of algorithms) {
      const keys = [card.certificate.publicKey]
      const signed = await signStatement(TYP, payload, cardSigner(card, alg))
      t.same((await verifyStatement(signed, { typ: TYP, algorithms: [alg], keys })).payload, payload, alg)
      t.equal(parseStatement(signed).signatures[0]?.header.x5c?.[0], toBase64(card.certificate.der))
      t.equal(
        await codeOf(() => verifyStatement(signed, { typ: TYP, algorithms: ['Ed25519'], keys })),
        'statement-algorithm',
      )
      const other = [(await issue({ kind: kind as Kind })).certificate.publicKey]
      t.equal(
        await codeOf(() => verifyStatement(signed, { typ: TYP, algorithms: [[alg]], keys: other })),
        'statement-signature',
      )
      const underEd = { typ: TYP, algorithms: [alg], keys: [key.verifyKey] }
      t.equal(await codeOf(() => verifyStatement(signed, underEd)), 'statement-algorithm', 'a key of another kind')
    }
  }
  const small = await issue({ kind: 'rsa-1024' })
  const signed = await signStatement(TYP, payload, cardSigner(small, 'RS256'))
  const keys = [small.certificate.publicKey]
  t.equal(await codeOf(() => verifyStatement(signed, { typ: TYP, algorithms: ['RS256'], keys })), 'statement-algorithm')
})

t.test('the other S of an ES256 signature is another text, and refused', async t => {
  const card = await issue()
  const keys = [card.certificate.publicKey]
  for (let i = 0; i < 4; i++) {
    const signed = await signStatement(TYP, payload, cardSigner(card, 'ES256'))
    const at = signed.lastIndexOf('.') + 1
    const signature = fromBase64url(signed.slice(at))
    const n = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const s = n - BigInt(`0x${signature.subarray(32).toHex()}`)
    signature.set(Uint8Array.fromHex(s.toString(16).padStart(64, '0')), 32)
    const twin = signed.slice(0, at) + toBase64url(signature)
    t.equal(await codeOf(() => verifyStatement(signed, { typ: TYP, algorithms: ['ES256'], keys })), null)
    t.equal(await codeOf(() => verifyStatement(twin, { typ: TYP, algorithms: ['ES256'], keys })), 'statement-signature')
  }
})

t.test('one kind never serves as another', async t => {
  t.equal(await codeOf(() => verifyStatement(text, { ...policy, typ: 'coffre-other+jws' })), 'statement-type')
  for (const typ of ['coffre-test', 'Coffre-test+jws', '', 'a b+jws', 'JWT']) {
    t.equal(await codeOf(() => signStatement(typ, payload, signer)), 'statement-header', typ)
  }
})

t.test('headers that bring a key, a place to fetch one, or rules of their own', async t => {
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: toBase64url(key.verifyKey.bytes) }
  const base = { alg: 'Ed25519', typ: TYP }
  const headers: Record<string, string | object> = {
    jwk: { ...base, jwk },
    jku: { ...base, jku: 'https://attacker.example/keys' },
    x5u: { ...base, x5u: 'https://attacker.example/cert' },
    crit: { ...base, crit: ['exp'] },
    b64: { ...base, b64: false, crit: ['b64'] },
    none: { alg: 'none', typ: TYP },
    'None in other letters': { alg: 'nOnE', typ: TYP },
    HS256: { alg: 'HS256', typ: TYP },
    EdDSA: { alg: 'EdDSA', typ: TYP },
    'no alg': { typ: TYP },
    'no typ': { alg: 'Ed25519' },
    'typ not a text': { alg: 'Ed25519', typ: [TYP] },
    'kid too long': { ...base, kid: 'k'.repeat(129) },
    'kid with a path': { ...base, kid: '../x' },
    'kid not a text': { ...base, kid: 1 },
    'x5c empty': { ...base, x5c: [] },
    'x5c too long': { ...base, x5c: ['AA==', 'AA==', 'AA==', 'AA==', 'AA==', 'AA=='] },
    'x5c not texts': { ...base, x5c: [1] },
    'another order': { typ: TYP, alg: 'Ed25519' },
    'white space': `{"alg":"Ed25519", "typ":"${TYP}"}`,
    'a member twice': `{"alg":"none","alg":"Ed25519","typ":"${TYP}"}`,
    'typ twice': `{"alg":"Ed25519","typ":"coffre-other+jws","typ":"${TYP}"}`,
    'an escape': `{"alg":"Ed25519","typ":"coffre\\u002dtest+jws"}`,
    'not an object': '[]',
    null: 'null',
  }
  for (const [name, header] of Object.entries(headers)) {
    t.equal(await codeOf(() => verifyStatement(forged(header), policy)), 'statement-header', name)
  }
  t.equal(await codeOf(() => verifyStatement(forged({ ...base, x5c: ['AA'] }), policy)), 'statement-header')
  t.equal(await codeOf(() => verifyStatement(forged('{'), policy)), 'statement-malformed')
})

t.test('unsigned, signed by another, or altered', async t => {
  const [header, body, signature] = text.split('.') as [string, string, string]
  const other = toBase64url(utf8(JSON.stringify({ ...payload, deployment: 'e' })))
  const malformed: Record<string, string> = {
    empty: '',
    'no signature': `${header}.${body}.`,
    'no payload': `${header}..${signature}`,
    'two parts': `${header}.${body}`,
    'four parts': `${text}.x`,
    'five parts, as an encrypted one': `${text}.x.y`,
    padding: `${header}.${body}.${signature}=`,
    'unused bits': `${text.slice(0, -1)}${nextSymbol(text.at(-1) as string)}`,
    'a line break after it': `${text}\n`,
    'a space before': ` ${text}`,
    JSON: JSON.stringify({ protected: header, payload: body, signature }),
    'payload an array': forged({ alg: 'Ed25519', typ: TYP }, '[]'),
    'payload a text': forged({ alg: 'Ed25519', typ: TYP }, '"x"'),
    'payload null': forged({ alg: 'Ed25519', typ: TYP }, 'null'),
    'payload not JSON': forged({ alg: 'Ed25519', typ: TYP }, '{"a":1}x'),
    'payload with white space': forged({ alg: 'Ed25519', typ: TYP }, '{"a": 1}'),
    'payload with a member twice': forged({ alg: 'Ed25519', typ: TYP }, '{"a":1,"a":2}'),
    'payload with an escape not needed': forged({ alg: 'Ed25519', typ: TYP }, '{"a":"\\u0062"}'),
    'too large': forged({ alg: 'Ed25519', typ: TYP }, { x: 'x'.repeat(STATEMENT_MAX_BYTES) }),
  }
  for (const [name, bad] of Object.entries(malformed)) {
    t.equal(await codeOf(() => verifyStatement(bad, policy)), 'statement-malformed', name)
  }
  t.equal(await codeOf(() => verifyStatement(`${header}.${other}.${signature}`, policy)), 'statement-signature')
  const mallory = ed25519Signer(SigningKey.generate(), 'kid')
  t.equal(
    await codeOf(async () => verifyStatement(await signStatement(TYP, payload, mallory), policy)),
    'statement-signature',
  )
  const large = { x: 'x'.repeat(STATEMENT_MAX_BYTES) }
  t.equal(await codeOf(() => signStatement(TYP, large, signer)), 'statement-malformed', 'nor is it made')
})

/** A base64url symbol that differs in its last bit, which a 64-byte signature does not use. */
function nextSymbol(symbol: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet[alphabet.indexOf(symbol) ^ 1] as string
}

t.test('any bit changed anywhere is refused', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 33, max: 126 }), async (at, code) => {
      const symbol = String.fromCharCode(code)
      if (text[at] === symbol) return true
      return (await codeOf(() => verifyStatement(text.slice(0, at) + symbol + text.slice(at + 1), policy))) !== null
    }),
    { numRuns: 300 },
  )
})

t.test('two signatures over one payload', async t => {
  const second = SigningKey.generate()
  const [one, two] = [ed25519Signer(key, 'first'), ed25519Signer(second, 'self')]
  const both = await cosignStatement(TYP, payload, one, two)
  const policyOfTwo = { typ: TYP, algorithms: ['Ed25519', 'Ed25519'], keys: [key.verifyKey, second.verifyKey] } as const
  t.match(both, /^[\w-]+\.[\w-]+\.[\w-]+~[\w-]+\.\.[\w-]+$/)
  const { payload: read, headers } = await verifyStatement(both, policyOfTwo)
  t.same(read, payload)
  t.same(
    headers.map(({ kid }) => kid),
    ['first', 'self'],
  )
  const [first, detached] = both.split('~') as [string, string]
  const elsewhere = await cosignStatement(TYP, { ...payload, deployment: 'e' }, one, two)
  const [first2, detached2] = elsewhere.split('~') as [string, string]
  const [h2, , s2] = detached2.split('.') as [string, string, string]
  const attacks: Record<string, [string, string]> = {
    'only the first': [first, 'statement-signatures'],
    'the second over another payload': [`${first}~${detached2}`, 'statement-signature'],
    'the first over another payload': [`${first2}~${detached}`, 'statement-signature'],
    'the second with a payload of its own': [`${first}~${h2}.${first2.split('.')[1]}.${s2}`, 'statement-malformed'],
    'the first one’s signature twice': [
      `${first}~${first.split('.')[0]}..${first.split('.')[2]}`,
      'statement-signature',
    ],
    'a third': [`${both}~${detached}`, 'statement-malformed'],
    'a tilde and nothing': [`${first}~`, 'statement-malformed'],
    'a tilde first': [`~${detached}`, 'statement-malformed'],
    'the second a whole one': [`${first}~${first}`, 'statement-malformed'],
  }
  for (const [name, [bad, code]] of Object.entries(attacks)) {
    t.equal(await codeOf(() => verifyStatement(bad, policyOfTwo)), code, name)
  }
  const swapped = await cosignStatement(TYP, payload, two, one)
  t.equal(await codeOf(() => verifyStatement(swapped, policyOfTwo)), 'statement-signature', 'the other way round')
  t.equal(await codeOf(() => verifyStatement(both, policy)), 'statement-signatures', 'two where one is asked')
  const mixed = await cosignStatement(TYP, payload, one, { ...two, sign: () => randomBytes(64) })
  t.equal(await codeOf(() => verifyStatement(mixed, policyOfTwo)), 'statement-signature')
  t.equal(await codeOf(() => verifyStatement(text, { ...policy, keys: [], algorithms: [] })), 'statement-signatures')
})

t.test('two signatures whose headers name different kinds', async t => {
  const other = await cosignStatement('coffre-other+jws', payload, signer, signer)
  const ours = await cosignStatement(TYP, payload, signer, signer)
  const spliced = `${ours.split('~')[0]}~${other.split('~')[1]}`
  const both = { typ: TYP, algorithms: ['Ed25519', 'Ed25519'], keys: [key.verifyKey, key.verifyKey] } as const
  t.equal(await codeOf(() => verifyStatement(ours, both)), null)
  t.equal(await codeOf(() => verifyStatement(spliced, both)), 'statement-type')
})

t.test('a card and a working key together', async t => {
  const card = await issue({ kind: 'rsa-2048' })
  const both = await cosignStatement(TYP, payload, cardSigner(card, 'RS256'), ed25519Signer(key, 'self'))
  const keys = [card.certificate.publicKey, key.verifyKey]
  const algorithms = [['RS256', 'PS256', 'ES256'], 'Ed25519'] as const
  t.same((await verifyStatement(both, { typ: TYP, algorithms, keys })).payload, payload)
})
