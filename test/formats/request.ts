/** Vectors of request signatures. */
import { type Bytes, equal, fromUtf8, toBase64, utf8 } from '../../src/crypto/bytes.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import {
  parseBase,
  parseRequestSignature,
  type SignableRequest,
  signRequest,
  verifyBase,
} from '../../src/crypto/httpsig.ts'
import { SigningKey, VerifyKey } from '../../src/crypto/sign.ts'
import {
  anyOf,
  bytesOf,
  draw,
  type Format,
  hex,
  type Members,
  Refused,
  refused,
  text64,
  textOf,
  type VectorCase,
} from './vector-file.ts'

const SEEN = 'tree=0:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'

/** A signed GET of that path. */
export async function signedRequest({ path, key, keyId }: { path: string; key: SigningKey; keyId: string }) {
  const request = { method: 'GET', authority: 'localhost:8444', path, query: '', headers: { 'coffre-seen': SEEN } }
  const signer = { keyId, key, created: 1795508700, nonce: text64(draw('request nonce', 16)) }
  const fields = signRequest({ ...request, body: new Uint8Array(0) }, signer)
  return parseRequestSignature({ ...request, headers: { ...request.headers, ...fields } })
}

/** Fields, targets and parameters that are not of the one form: each could be read in two ways, or written in two. */
function wrongForms(good: VectorCase, acting: VectorCase): VectorCase[] {
  const headersOf = ({ given }: VectorCase) => given.headers as Record<string, string>
  const bad = (name: string, changes: Members) => refused(name, 'signature-malformed', good, changes)
  const field = (name: string, changes: Record<string, string>) =>
    bad(name, { headers: { ...headersOf(good), ...changes } })
  const without = (left: string) => {
    const { [left]: _, ...headers } = headersOf(good)
    return bad(`no ${left}`, { headers })
  }
  const { 'signature-input': input = '', signature = '', 'content-digest': digest = '' } = headersOf(good)
  const spare = (text: string, at: number) => text.slice(0, at) + nextSymbol(text[at] as string) + text.slice(at + 1)
  const parameter = (name: string, from: RegExp, to: string) =>
    field(name, { 'signature-input': input.replace(from, to) })
  return [
    ...['signature', 'signature-input', 'content-digest', 'coffre-seen'].map(without),
    parameter('two signatures', /$/, `, sig2=${input.slice(7)}`),
    parameter('a space between parameters', /;nonce/, '; nonce'),
    parameter('two spaces between components', /" "@authority"/, '"  "@authority"'),
    parameter('a component with a parameter', /"@path"/, '"@path";req'),
    parameter('a component twice', /"@path"/, '"@path" "@path"'),
    parameter('components in another order', /"@method" "@authority"/, '"@authority" "@method"'),
    parameter('a component that is no field of ours', /"coffre-seen"/, '"coffre-seen" "date"'),
    parameter('a component in capitals', /"content-digest"/, '"Content-Digest"'),
    parameter('created as text', /created=(\d+)/, 'created="$1"'),
    parameter('created with a fraction', /created=(\d+)/, 'created=$1.0'),
    parameter('created with a leading zero', /created=(\d+)/, 'created=0$1'),
    parameter('created below zero', /created=/, 'created=-'),
    parameter('created of thirteen digits', /created=(\d+)/, 'created=$1000'),
    parameter('a nonce of 15 bytes', /nonce="[^"]+"/, `nonce="${text64(draw('short nonce', 15))}"`),
    parameter('a nonce with spare bits set', /nonce="[^"]{21}./, `nonce="${'A'.repeat(21)}B`),
    parameter('a nonce as a token', /nonce="([^"]+)"/, 'nonce=$1'),
    parameter('a keyid with a space', /keyid="key:/, 'keyid="key: '),
    parameter('an empty keyid', /keyid="[^"]+"/, 'keyid=""'),
    parameter('a keyid of 129 characters', /keyid="[^"]+"/, `keyid="${'k'.repeat(129)}"`),
    parameter('alg left out', /;alg="ed25519"/, ''),
    parameter('tag left out', /;tag="coffre-v1"/, ''),
    parameter('created twice', /(;created=\d+)/, '$1$1'),
    parameter('a label in capitals', /^coffre/, 'Coffre'),
    field('a signature of 63 bytes', { signature: `coffre=:${toBase64(new Uint8Array(63).fill(7))}:` }),
    field('a signature in base64url', { signature: signature.replace(/=:.{4}/, '=:-__-') }),
    field('a signature with spare bits set', { signature: spare(signature, signature.length - 4) }),
    field('a signature without padding', { signature: signature.replace('==:', ':') }),
    field('a second signature beside it', { signature: `${signature}, ${signature.replace('coffre', 'sig2')}` }),
    field('a signature under another label', { signature: signature.replace('coffre', 'sig1') }),
    field('a digest with spare bits set', { 'content-digest': spare(digest, digest.length - 3) }),
    field('two digests', { 'content-digest': `${digest}, ${digest}` }),
    field('a digest with a parameter', { 'content-digest': `${digest};x` }),
    field('an empty coffre-seen', { 'coffre-seen': '' }),
    field('coffre-seen with a space at its end', { 'coffre-seen': `${SEEN} ` }),
    field('coffre-seen with a line feed', { 'coffre-seen': `${SEEN}\n"@method": DELETE` }),
    field('coffre-seen outside ASCII', { 'coffre-seen': `${SEEN}é` }),
    refused('coffre-acting with a tab', 'signature-malformed', acting, {
      headers: { ...headersOf(acting), 'coffre-acting': 'e30\te30' },
    }),
    bad('a method in small letters', { method: 'post' }),
    bad('a method of 17 letters', { method: 'P'.repeat(17) }),
    bad('an authority in capitals', { authority: 'LOCALHOST:8444' }),
    bad('an authority with port 443', { authority: 'localhost:443' }),
    bad('an authority with a user', { authority: 'a@localhost:8444' }),
    bad('a path that is not absolute', { path: 'v1/access-requests' }),
    bad('a path with a space', { path: '/v1/access requests' }),
    bad('a path with a query in it', { path: '/v1/access-requests?x=1' }),
    bad('a query that is "?" alone', { query: '?' }),
    bad('a query with a fragment', { query: '?x=1#y' }),
    bad('a query without its mark', { query: 'x=1' }),
  ]
}

/** The symbol of base64 after this one: sets a spare bit where the text ends in one that has none set. */
function nextSymbol(symbol: string): string {
  const all = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
  return all[all.indexOf(symbol) + 1] as string
}

export const requestSignature: Format = {
  file: 'request-signature',
  page: 'request-signature.md',
  about:
    'A request as it arrives (method, authority, path, query, header fields, body as text) and the key of its keyid: form, signature, digest. `signature-malformed`: not the one form; `signature-invalid`: not good, or another body.',
  async cases() {
    const key = SigningKey.fromSeed(draw('request key', 32))
    const body = '{"ins":"6042636791378413971156"}'
    const make = (name: string, request: Omit<SignableRequest, 'authority'> & { body: string }): VectorCase => {
      const signer = { keyId: 'key:example', key, created: 1795508700, nonce: text64(draw(`${name} nonce`, 16)) }
      const whole = { ...request, authority: 'localhost:8444' }
      const fields = signRequest({ ...whole, body: utf8(request.body) }, signer)
      const headers = { ...request.headers, ...fields } as Record<string, string>
      const { base } = parseRequestSignature({ ...whole, headers })
      return {
        name,
        writer: { seed: hex(key.seed), keyid: signer.keyId, created: signer.created, nonce: signer.nonce },
        given: { ...whole, headers, publicKey: hex(key.verifyKey.bytes) },
        opens: { base, keyid: signer.keyId, created: signer.created, nonce: signer.nonce },
      }
    }
    const post = { method: 'POST', path: '/v1/access-requests', query: '', body }
    const good = make('a request with a body', { ...post, headers: { 'coffre-seen': SEEN } })
    const session = make('a patient’s, in a session, with a query', {
      method: 'GET',
      path: '/v1/records/AAECAwQFBgcICQoLDA0ODw/chain',
      query: '?after=-1',
      headers: { 'coffre-seen': SEEN, 'coffre-session': text64(draw('session', 32)) },
      body: '',
    })
    const acting = make('an establishment’s, with the acting person', {
      ...post,
      headers: { 'coffre-seen': SEEN, 'coffre-acting': text64(utf8('{"id":"860000000011"}')) },
    })
    const headers = good.given.headers as Record<string, string>
    const field = (name: string, code: string, changes: Record<string, string>) =>
      refused(name, code, good, { headers: { ...headers, ...changes } })
    const input = headers['signature-input'] as string
    const another = toBase64(new Uint8Array(64).fill(7))
    return [
      good,
      session,
      acting,
      refused('another body', 'signature-invalid', good, { body: body.replace('6', '7') }),
      refused('another method', 'signature-invalid', good, { method: 'PUT' }),
      refused('another path', 'signature-invalid', good, { path: '/v1/access-request' }),
      refused('another host', 'signature-invalid', good, { authority: 'localhost:8443' }),
      refused('a query added', 'signature-invalid', good, { query: '?x=1' }),
      refused('another key', 'signature-invalid', good, {
        publicKey: hex(SigningKey.fromSeed(draw('y', 32)).verifyKey.bytes),
      }),
      field('another signature', 'signature-invalid', { signature: `coffre=:${another}:` }),
      field('coffre-seen changed', 'signature-invalid', { 'coffre-seen': SEEN.replace('0:', '1:') }),
      field('a field of ours that is not covered', 'signature-malformed', {
        'coffre-session': text64(draw('session', 32)),
      }),
      refused('a signature base above 8 KiB', 'signature-malformed', acting, {
        headers: { ...(acting.given.headers as Members), 'coffre-acting': 'A'.repeat(8192) },
      }),
      field('another tag', 'signature-malformed', { 'signature-input': input.replace('coffre-v1', 'coffre-v2') }),
      field('another algorithm', 'signature-malformed', {
        'signature-input': input.replace('ed25519', 'rsa-v1_5-sha256'),
      }),
      field('parameters in another order', 'signature-malformed', {
        'signature-input': input.replace(/(;created=\d+)(;nonce="[^"]+")/, '$2$1'),
      }),
      field('a component left out', 'signature-malformed', { 'signature-input': input.replace('"@query" ', '') }),
      field('another label', 'signature-malformed', { 'signature-input': input.replace('coffre=', 'sig1=') }),
      field('an expiry', 'signature-malformed', { 'signature-input': `${input};expires=1795508800` }),
      field('a digest of another kind', 'signature-malformed', { 'content-digest': 'sha-512=:AAAA:' }),
      ...wrongForms(good, acting),
    ]
  },
  open(given) {
    const request = anyOf<SignableRequest>({ given }, 'given')
    const read = parseRequestSignature(request)
    const good = verifyBase(read.base, read.signature, VerifyKey.parse(bytesOf(given, 'publicKey')))
    const digest: Bytes = parseBase(read.base).contentDigest
    if (!good || !equal(digest, sha256(utf8(textOf(given, 'body'))))) throw new Refused('signature-invalid')
    return { base: fromUtf8(utf8(read.base)), keyid: read.keyId, created: read.created, nonce: read.nonce }
  },
}
