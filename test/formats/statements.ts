/** Vectors of what all statements have in common: form, header, signatures, hash. */
import { type Bytes, fromBase64url, fromHex, utf8 } from '../../src/crypto/bytes.ts'
import { SigningKey, VerifyKey } from '../../src/crypto/sign.ts'
import { cosignStatement, ed25519Signer, signStatement, verifyStatement } from '../../src/crypto/statement.ts'
import { parseCertificate } from '../../src/crypto/x509.ts'
import { readCard } from './card.ts'
import { readCards } from './cards.ts'
import { flipped64 } from './keys.ts'
import {
  anyOf,
  draw,
  type Format,
  hex,
  type Json,
  type Members,
  refused,
  text64,
  textOf,
  type VectorCase,
} from './vector-file.ts'

const part = (text: string): string => text64(utf8(text))

/** Signs any header and payload text, right or wrong. */
function byHand(key: SigningKey, header: string, payload: string): string {
  const input = `${part(header)}.${part(payload)}`
  return `${input}.${text64(key.sign(utf8(input)))}`
}

const L = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn

/** The same signature with S + L: good for verifiers that do not look. */
function withHighS(signature: Bytes): Bytes {
  const s = BigInt(`0x${hex(signature.subarray(32).toReversed())}`) + L
  const high = fromHex(s.toString(16).padStart(64, '0')).toReversed()
  return Uint8Array.from([...signature.subarray(0, 32), ...high])
}

/** Order of P-256's group. */
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** The same ES256 signature with n − s: as good, and another text. */
function withOtherS(statement: string): string {
  const [header, payload, signature] = statement.split('.') as [string, string, string]
  const bytes = fromBase64url(signature)
  const other = fromHex((N - BigInt(`0x${hex(bytes.subarray(32))}`)).toString(16).padStart(64, '0'))
  return `${header}.${payload}.${text64(Uint8Array.from([...bytes.subarray(0, 32), ...other]))}`
}

/** One bit of the signature changed. */
function flippedEnd(statement: string): string {
  const at = statement.lastIndexOf('.') + 1
  return statement.slice(0, at) + flipped64(statement.slice(at), 10)
}

export const statement: Format = {
  file: 'statement',
  page: 'statement.md',
  about:
    'Statements of the typ coffre-example+jws, verified with one key or two: `keys`, in hexadecimal (Ed25519), or base64 of a certificate’s DER; `algorithms` allowed for each.',
  async cases() {
    const [first, second] = ['statement key', 'statement second key'].map(name =>
      SigningKey.fromSeed(draw(name, 32)),
    ) as [SigningKey, SigningKey]
    const typ = 'coffre-example+jws'
    const payload = { deployment: text64(draw('deployment', 16)), say: 'é' }
    const one = await signStatement(typ, payload, ed25519Signer(first, 'self'))
    const two = await cosignStatement(typ, payload, ed25519Signer(first, 'first'), ed25519Signer(second))
    const keys = [hex(first.verifyKey.bytes)]
    const opens = async (given: Members): Promise<Members> => openStatement(given)
    const make = async (name: string, given: Members, writer: Members): Promise<VectorCase> => ({
      name,
      writer,
      given,
      opens: await opens(given),
    })
    const good = await make(
      'one signature',
      { statement: one, typ, keys, algorithms: ['Ed25519'] },
      { seeds: [hex(first.seed)] },
    )
    const both = await make(
      'two signatures',
      { statement: two, typ, keys: [...keys, hex(second.verifyKey.bytes)], algorithms: ['Ed25519', 'Ed25519'] },
      { seeds: [hex(first.seed), hex(second.seed)] },
    )
    const card = readCard()
    const cards = readCards()
    const other = cards.card('doctor')
    const { salts } = cards.file
    const byCard = await signStatement(typ, payload, card.signer)
    const rsa = await make(
      'by a card, RS256',
      { statement: byCard, typ, keys: [card.file.chain[0] as string], algorithms: [['RS256', 'PS256', 'ES256']] },
      { cardKey: 'card.json' },
    )
    const anyAlgorithm = [['RS256', 'PS256', 'ES256']]
    const ps256 = await make(
      'by a card, PS256',
      { statement: card.file.ps256, typ, keys: [card.file.chain[0] as string], algorithms: anyAlgorithm },
      { cardKey: 'card.json' },
    )
    const es256: VectorCase = await make(
      'by a card, ES256',
      { statement: card.file.es256.statement, typ, keys: [card.file.es256.certificate], algorithms: anyAlgorithm },
      {},
    )
    const bad = (name: string, code: string, text: string, from = good) =>
      refused(name, code, from, { statement: text })
    const header = '{"alg":"Ed25519","typ":"coffre-example+jws","kid":"self"}'
    const body = JSON.stringify(payload)
    const headed = (name: string, code: string, text: string) => bad(name, code, byHand(first, text, body))
    const said = (name: string, text: string) => bad(name, 'statement-malformed', byHand(first, header, text))
    const [h, p, s] = one.split('.') as [string, string, string]
    const signature = fromBase64url(s)
    const [halfOne, halfTwo] = two.split('~') as [string, string]
    const lastBits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const sloppy = `${s.slice(0, -1)}${lastBits[lastBits.indexOf(s.slice(-1)) + 1]}`
    return [
      good,
      both,
      rsa,
      ps256,
      es256,
      bad('ES256 with the other S', 'statement-signature', withOtherS(card.file.es256.statement), es256),
      refused('ES256 under another card’s key', 'statement-algorithm', es256, { keys: [card.file.chain[0] as string] }),
      bad('PS256 altered', 'statement-signature', flippedEnd(card.file.ps256), ps256),
      ...Object.entries(salts).map(([length, text]) =>
        refused(`PS256 with a salt of ${length} bytes`, 'statement-signature', ps256, {
          statement: text,
          keys: [other.chain[0] as string],
        }),
      ),
      refused('RS256 by a key of 1,024 bits', 'statement-algorithm', rsa, {
        statement: await signStatement(typ, payload, cards.signer('weak')),
        keys: [cards.card('weak').chain[0] as string],
      }),
      bad('RS256 altered', 'statement-signature', flippedEnd(byCard), rsa),
      bad('the payload altered', 'statement-signature', `${h}.${part(body.replace('é', 'è'))}.${s}`),
      bad('S plus the group’s order', 'statement-signature', `${h}.${p}.${text64(withHighS(signature))}`),
      bad(
        'R of small order',
        'statement-signature',
        `${h}.${p}.${text64(Uint8Array.from([1, ...new Uint8Array(63)]))}`,
      ),
      bad('a signature of 63 bytes', 'statement-signature', `${h}.${p}.${text64(signature.subarray(0, 63))}`),
      refused('another key', 'statement-signature', good, { keys: [hex(second.verifyKey.bytes)] }),
      refused('another typ asked for', 'statement-type', good, { typ: 'coffre-grant+jws' }),
      refused('an algorithm not asked for', 'statement-algorithm', good, { algorithms: ['RS256'] }),
      refused('an algorithm that is not the key’s', 'statement-algorithm', good, {
        keys: [card.file.chain[0] as string],
      }),
      refused('one signature where two are asked for', 'statement-signatures', both, { statement: one }),
      refused('two signatures where one is asked for', 'statement-signatures', good, { statement: two }),
      refused('the second by another key', 'statement-signature', both, { keys: [...keys, ...keys] }),
      refused('the first by another key', 'statement-signature', both, {
        keys: [hex(second.verifyKey.bytes), hex(second.verifyKey.bytes)],
      }),
      bad(
        'two signatures, the payload twice',
        'statement-malformed',
        `${halfOne}~${halfTwo.replace('..', `.${p}.`)}`,
        both,
      ),
      bad('three signatures', 'statement-malformed', `${two}~${halfTwo}`, both),
      bad('padded base64', 'statement-malformed', `${h}.${p}.${s}==`),
      bad('base64url with spare bits set', 'statement-malformed', `${h}.${p}.${sloppy}`),
      bad('two parts', 'statement-malformed', `${h}.${p}`),
      bad('a line feed at the end', 'statement-malformed', `${one}\n`),
      headed('alg none', 'statement-header', header.replace('Ed25519', 'none')),
      headed('alg EdDSA', 'statement-header', header.replace('Ed25519', 'EdDSA')),
      headed(
        'a jwk',
        'statement-header',
        header.replace('}', `,"jwk":{"kty":"OKP","crv":"Ed25519","x":"${text64(first.verifyKey.bytes)}"}}`),
      ),
      headed('crit', 'statement-header', header.replace('}', ',"crit":["exp"],"exp":1}')),
      headed(
        'members in another order',
        'statement-header',
        '{"typ":"coffre-example+jws","alg":"Ed25519","kid":"self"}',
      ),
      headed('a member twice', 'statement-header', header.replace('}', ',"kid":"self"}')),
      headed('a space', 'statement-header', header.replace(',', ', ')),
      headed('a kid with a space', 'statement-header', header.replace('self', 'my self')),
      headed('a typ that is none', 'statement-header', header.replace('coffre-example+jws', 'JWT')),
      said('a payload with a space', body.replace(',', ', ')),
      said('a payload with a member twice', body.replace('}', ',"say":"è"}')),
      said('an escape that is not needed', body.replace('é', '\\u00e9')),
      said('a number not as written by ECMAScript', body.replace('}', ',"n":1.0}')),
      said('a payload that is a list', '[1]'),
      said('a payload that is no JSON', body.slice(1)),
    ]
  },
  open: openStatement,
}

async function openStatement(given: Members): Promise<Members> {
  const keyOf = (text: string) =>
    text.length === 64 ? VerifyKey.parse(fromHex(text)) : parseCertificate(text).publicKey
  const { payload, hash, headers } = await verifyStatement(textOf(given, 'statement'), {
    typ: textOf(given, 'typ'),
    algorithms: anyOf(given, 'algorithms'),
    keys: (given.keys as string[]).map(keyOf),
  })
  const kids = headers.map(({ kid }) => kid ?? null)
  return { hash: text64(hash), payload: payload as Json, kids }
}
