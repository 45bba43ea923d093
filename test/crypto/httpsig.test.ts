import fc from 'fast-check'
import t from 'tap'
import { utf8 } from '../../src/crypto/bytes.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import {
  contentDigest,
  formatContentDigest,
  newNonce,
  parseBase,
  parseContentDigest,
  parseRequestSignature,
  type RequestSigner,
  signRequest,
  verifyBase,
} from '../../src/crypto/httpsig.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { codeOf } from './vectors.ts'

t.test('Content-Digest, as in RFC 9421 and RFC 9530', async t => {
  t.equal(contentDigest(utf8('{"hello": "world"}')), 'sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:')
  t.equal(contentDigest(utf8('{"hello": "world"}\n')), 'sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:')
  const hash = sha256(utf8('x'))
  t.same(parseContentDigest(formatContentDigest(hash)), hash)
  const good = formatContentDigest(hash)
  const [bytes] = [good.slice(9, -2)]
  for (const bad of [
    '',
    good.slice(1),
    `${good} `,
    `${good}, ${good}`,
    `sha-512=:${bytes}:`,
    `sha-256=:${bytes.slice(0, -2)}9=:`,
  ]) {
    t.throws(() => parseContentDigest(bad), { code: 'signature-malformed' }, bad)
  }
})

const key = SigningKey.generate()
const signer: RequestSigner = { keyId: 'kid_1', key, created: 1_800_000_000, nonce: newNonce() }
const request = {
  method: 'POST',
  authority: 'localhost:8443',
  path: '/v1/records/AbC-_/documents',
  query: '?limit=10&from=%20',
  headers: { 'coffre-seen': 'eyJ4IjoxfQ', 'user-agent': 'é, not signed' } as Record<string, string>,
  body: utf8('{}'),
}

type Signed = Omit<typeof request, 'body'>
function signed(changes: Partial<typeof request> = {}, by: RequestSigner = signer): Signed {
  const { body, ...rest } = { ...request, ...changes }
  return { ...rest, headers: { ...rest.headers, ...signRequest({ ...rest, body }, by) } }
}
const good = (request: Signed) => {
  const { base, signature } = parseRequestSignature(request)
  return verifyBase(base, signature, key.verifyKey)
}

t.test('a signed request verifies, and its base says what was asked', async t => {
  const acting = { 'coffre-session': 'abc', 'coffre-acting': 'eyJ9' }
  for (const headers of [request.headers, { ...request.headers, ...acting }]) {
    const sent = signed({ headers })
    t.ok(good(sent))
    const { base, keyId, nonce, created, covered } = parseRequestSignature(sent)
    t.same([keyId, nonce, created], [signer.keyId, signer.nonce, signer.created])
    t.equal(covered.length, 'coffre-session' in headers ? 8 : 6)
    t.same(parseBase(base), {
      method: 'POST',
      authority: request.authority,
      path: request.path,
      query: request.query,
      contentDigest: sha256(request.body),
      seen: 'eyJ4IjoxfQ',
      ...('coffre-session' in headers ? { session: 'abc', acting: 'eyJ9' } : {}),
      created: signer.created,
      nonce: signer.nonce,
      keyId: signer.keyId,
      tag: 'coffre-v1',
    })
  }
  t.equal(parseBase(parseRequestSignature(signed({ query: '' })).base).query, '')
  t.match(parseRequestSignature(signed({ query: '' })).base, /^"@query": \?$/m)
})

t.test('whatever is changed on the way, the signature no longer holds', async t => {
  const sent = signed({ headers: { ...request.headers, 'coffre-session': 's1' } })
  const changes: Record<string, Partial<Signed>> = {
    method: { method: 'PUT' },
    authority: { authority: 'localhost:8444' },
    path: { path: '/v1/records/AbC-_/document' },
    query: { query: '?limit=11&from=%20' },
    'query dropped': { query: '' },
    digest: { headers: { ...sent.headers, 'content-digest': contentDigest(utf8('other')) } },
    seen: { headers: { ...sent.headers, 'coffre-seen': 'eyJ4IjowfQ' } },
    session: { headers: { ...sent.headers, 'coffre-session': 's2' } },
    created: { headers: replaced(sent, 'signature-input', 'created=18', 'created=17') },
    keyid: { headers: replaced(sent, 'signature-input', 'kid_1', 'kid_2') },
    nonce: { headers: replaced(sent, 'signature-input', signer.nonce, newNonce()) },
  }
  t.ok(good(sent))
  for (const [name, change] of Object.entries(changes)) t.notOk(good({ ...sent, ...change }), name)
})

function replaced(sent: Signed, field: string, from: string, to: string): Record<string, string> {
  return { ...sent.headers, [field]: (sent.headers[field] as string).replace(from, to) }
}

t.test('only the one form is read', async t => {
  const sent = signed()
  const without = (name: string) => ({ ...sent.headers, [name]: undefined }) as unknown as Record<string, string>
  const edit = (from: string, to: string) => replaced(sent, 'signature-input', from, to)
  const refused: Record<string, Partial<Signed>> = {
    'no signature': { headers: without('signature') },
    'no signature-input': { headers: without('signature-input') },
    'no digest': { headers: without('content-digest') },
    'no seen': { headers: without('coffre-seen') },
    'a session that is not covered': { headers: { ...sent.headers, 'coffre-session': 'x' } },
    'an acting person that is not covered': { headers: { ...sent.headers, 'coffre-acting': 'x' } },
    'a component left out': { headers: edit(' "coffre-seen"', '') },
    'a component more': { headers: edit('"coffre-seen"', '"coffre-seen" "date"') },
    'another order': { headers: edit('"@method" "@authority"', '"@authority" "@method"') },
    'another tag': { headers: edit('coffre-v1', 'other') },
    'another algorithm': { headers: edit('ed25519', 'hmac-sha256') },
    'a parameter more': { headers: edit(';alg', ';expires=1;alg') },
    'another label': { headers: edit('coffre=', 'sig1=') },
    'two signatures': {
      headers: { ...sent.headers, signature: `${sent.headers.signature}, ${sent.headers.signature}` },
    },
    'nonce of another length': { headers: edit(signer.nonce, signer.nonce.slice(1)) },
    'nonce not canonical': { headers: edit(signer.nonce, `${'A'.repeat(21)}B`) },
    'created with a leading zero': { headers: edit('created=1', 'created=01') },
    'signature not canonical': { headers: { ...sent.headers, signature: `coffre=:${'A'.repeat(85)}B==:` } },
    'lower-case method': { method: 'post' },
    'upper-case host': { authority: 'LOCALHOST:8443' },
    'default port': { authority: 'localhost:443' },
    'a path with a query in it': { path: '/v1?x=1' },
    'a relative path': { path: 'v1' },
    'a line break in the path': { path: '/v1\n"@query": ?' },
    'a query without its mark': { query: 'limit=10' },
    'a bare mark': { query: '?' },
    'a line break in a header': { headers: { ...sent.headers, 'coffre-seen': 'x\n"coffre-session": y' } },
    'a space before': { headers: { ...sent.headers, 'coffre-seen': ' x' } },
    'not ASCII': { headers: { ...sent.headers, 'coffre-seen': 'é' } },
    'far too long': { headers: { ...sent.headers, 'coffre-seen': 'x'.repeat(20_000) } },
  }
  for (const [name, change] of Object.entries(refused)) {
    t.equal(await codeOf(() => parseRequestSignature({ ...sent, ...change })), 'signature-malformed', name)
  }
  const { base } = parseRequestSignature(sent)
  for (const [part, other] of [
    [`"@query": ${request.query}`, '"@query": '],
    ['"@authority"', '"@path": /\n"@authority"'],
    ['\n"@signature-params"', '\n\n"@signature-params"'],
    ['tag="coffre-v1"', 'tag="coffre-v1"\n'],
    [' "coffre-seen")', ')'],
    ['"coffre-seen": ', '"coffre-seen":  '],
  ] as const) {
    t.not(base.replace(part, other), base)
    t.throws(() => parseBase(base.replace(part, other)), { code: 'signature-malformed' }, other)
  }
  t.throws(() => signed({ path: '/a b' }), { code: 'signature-malformed' }, 'nor is another form signed')
  t.throws(() => signed({}, { ...signer, nonce: 'short' }), { code: 'signature-malformed' })
  t.throws(() => signed({}, { ...signer, keyId: 'a"b' }), { code: 'signature-malformed' })
  t.throws(() => signed({}, { ...signer, created: 1.5 }), { code: 'signature-malformed' })
})

t.test('a base is read back only byte for byte', async t => {
  const { base } = parseRequestSignature(signed())
  t.equal(await codeOf(() => parseBase(base)), null)
  const lines = base.split('\n')
  const bad: Record<string, string> = {
    empty: '',
    'a line break after it': `${base}\n`,
    'a line twice': [lines[0], ...lines].join('\n'),
    'lines swapped': [lines[1], lines[0], ...lines.slice(2)].join('\n'),
    'a line more': ['"date": x', ...lines].join('\n'),
    'no parameters': lines.slice(0, -1).join('\n'),
    'CR LF': lines.join('\r\n'),
  }
  for (const [name, text] of Object.entries(bad))
    t.equal(await codeOf(() => parseBase(text)), 'signature-malformed', name)
})

t.test('a base longer than an entry of the log holds is neither signed nor read', async t => {
  const acting = (length: number) => ({
    ...request,
    headers: { ...request.headers, 'coffre-acting': 'A'.repeat(length) },
  })
  t.ok(signRequest({ ...acting(7000), body: utf8('') }, signer))
  t.throws(() => signRequest({ ...acting(8192), body: utf8('') }, signer), { code: 'signature-malformed' })
})

t.test('no two requests share a base', async () => {
  const path = fc.stringMatching(/^\/[a-z/"\n?]{0,6}$/)
  const value = fc.stringMatching(/^[a-z":\n ]{1,6}$/)
  const baseOf = (p: string, seen: string) => {
    try {
      return parseRequestSignature(signed({ path: p, headers: { 'coffre-seen': seen } })).base
    } catch {
      return null
    }
  }
  fc.assert(
    fc.property(path, value, path, value, (a, x, b, y) => {
      const [one, two] = [baseOf(a, x), baseOf(b, y)]
      return one === null || two === null || (one === two) === (a === b && x === y)
    }),
    { numRuns: 100 },
  )
})
