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
