/** Vectors of key statements (a doctor’s, and those of every other kind of card, right and wrong) and of withdrawals. */
import { type Bytes, fromBase64, fromHex, toBase64, toHex } from '../../src/crypto/bytes.ts'
import { cosignStatement, ed25519Signer, type Signer, signStatement } from '../../src/crypto/statement.ts'
import { parseCertificate, parseCrl } from '../../src/crypto/x509.ts'
import { holderName, verifyKeyStatement } from '../../src/log/key-statement.ts'
import { verifyKeyWithdrawal } from '../../src/log/key-withdrawal.ts'
import type { DeploymentId } from '../../src/protocol/ids.ts'
import { StatementTyp } from '../../src/protocol/statements.ts'
import { readCards } from './cards.ts'
import {
  anyOf,
  draw,
  type Format,
  flippedHex,
  hex,
  type Members,
  refused,
  text64,
  textOf,
  type VectorCase,
} from './vector-file.ts'
import { deployment, doctor, hashOf, host } from './world.ts'

const other = (): DeploymentId => text64(draw('another deployment', 16)) as DeploymentId
const parseAuthority = (der: string) => parseCertificate(der)
const AT = '2026-11-24T08:20:00.000Z'

export const keyStatement: Format = {
  file: 'key-statement',
  page: 'key-statement.md',
  about:
    'Working keys of card holders, verified at a moment with the lists given. writer.cardKey: where the card and its key are; RS256 is deterministic.',
  async shared() {
    return { deployment, authorities: [(await doctor()).card.file.authority, ...readCards().file.authorities] }
  },
  async cases() {
    const { card, sign, seal, payload, text, hash } = await doctor()
    const good: VectorCase = {
      name: 'a key statement',
      writer: { signSeed: hex(sign.seed), sealSeed: hex(seal.bytes), cardKey: 'card.json' },
      given: { statement: text, crls: card.file.crls, at: AT },
      opens: { hash, nationalId: payload.nationalId, kind: payload.kind, name: 'Claire LEROY' },
    }
    const signed = (changes: object, first = card.signer, second = sign, kid = 'self') =>
      cosignStatement(StatementTyp.key, { ...payload, ...changes }, first, ed25519Signer(second, kid))
    const bad = async (name: string, code: string, statement: Promise<string>) =>
      refused(name, code, good, { statement: await statement })
    const withoutCard = ed25519Signer(sign, 'card')
    const chainOf = (x5c: readonly string[]) => signed({}, { ...card.signer, x5c })
    const [leaf, issuer] = card.file.chain as [string, string]
    const altered = (der: string) => toBase64(fromHex(flippedHex(toHex(fromBase64(der)), -1)))
    return [
      good,
      refused('before it begins', 'key-time', good, { at: '2026-11-24T07:59:59.000Z' }),
      refused('after its end', 'key-time', good, { at: '2027-11-24T08:00:00.000Z' }),
      refused('no lists', 'crl-missing', good, { crls: [] }),
      refused('lists out of date', 'crl-stale', good, { at: '2026-12-24T08:20:00.000Z' }),
      refused('the card revoked before', 'certificate-revoked', good, {
        crls: card.file.crlsRevoked,
        at: '2026-11-24T09:30:00.000Z',
      }),
      await bad('signKey did not sign', 'statement-signature', signed({}, card.signer, host())),
      await bad(
        'the card did not sign',
        'statement-signature',
        signed({}, { ...card.signer, sign: bytes => draw(`${bytes.length}`, 256) }),
      ),
      await bad('no card', 'key-certificate', signed({}, withoutCard)),
      await bad('second kid', 'key-id', signed({}, card.signer, sign, 'me')),
      await bad('another deployment', 'key-holder', signed({ deployment: other() })),
      await bad('another national id', 'key-holder', signed({ nationalId: '810000000025' })),
      await bad('another kind', 'key-holder', signed({ kind: 'establishment' })),
      await bad('outliving its card', 'key-time', signed({ notAfter: '2036-11-24T08:00:00.000Z' })),
      await bad('an incomplete chain', 'certificate-untrusted', chainOf(card.file.chain.slice(0, 1))),
      await bad('a leaf whose signature is altered', 'certificate-untrusted', chainOf([altered(leaf), issuer])),
      await bad('an issuer whose signature is altered', 'certificate-untrusted', chainOf([leaf, altered(issuer)])),
      await bad('a card after the anchor', 'certificate-untrusted', chainOf([leaf, issuer, card.file.authority, leaf])),
      refused('lists whose signatures are altered', 'crl-missing', good, { crls: card.file.crls.map(altered) }),
      refused('the list of one issuer missing', 'crl-missing', good, { crls: card.file.crls.slice(0, 1) }),
      ...(await otherCards(signed)),
    ]
  },
  async open(given, shared) {
    const { hash, payload, holder } = await verifyKeyStatement(textOf(given, 'statement'), {
      deployment: anyOf(shared, 'deployment'),
      cardAuthorities: anyOf<string[]>(shared, 'authorities').map(parseAuthority),
      crls: (given.crls as string[]).map(list => parseCrl(fromBase64(list))),
      at: new Date(textOf(given, 'at')),
    })
    return { hash, nationalId: payload.nationalId, kind: payload.kind, name: holderName(holder) }
  },
}

const WITHDRAWN = '2026-11-24T08:20:00.000Z'

export const keyWithdrawal: Format = {
  file: 'key-withdrawal',
  page: 'key-statement.md',
  about:
    'A working key taken back by a card of its holder. given.key: its statement, to be verified first, with lists and moment of its own.',
  shared: keyStatement.shared as NonNullable<Format['shared']>,
  async cases() {
    const { card, sign, text, hash } = await doctor()
    const made = (changes: object = {}, signer: Signer = card.signer) =>
      signStatement(StatementTyp.withdrawal, { deployment, keyStatement: hash, t: WITHDRAWN, ...changes }, signer)
    const good: VectorCase = {
      name: 'a withdrawal',
      writer: { cardKey: 'card.json' },
      given: {
        withdrawal: await made(),
        key: { statement: text, crls: card.file.crls, at: AT },
        crls: card.file.crls,
        at: WITHDRAWN,
      },
      opens: { hash: hashOf(await made()), keyStatement: hash, t: WITHDRAWN },
    }
    const bad = async (name: string, code: string, withdrawal: Promise<string>, changes: Members = {}) =>
      refused(name, code, good, { withdrawal: await withdrawal, ...changes })
    return [
      good,
      await bad('of another key', 'withdrawal-key', made({ keyStatement: text64(draw('another key', 32)) })),
      await bad('of another deployment', 'key-holder', made({ deployment: other() })),
      await bad('another holder’s card', 'key-holder', made({}, readCards().signer('adeli')), {
        crls: [...card.file.crls, ...readCards().card('adeli').crls],
      }),
      await bad('the working key alone', 'key-certificate', made({}, ed25519Signer(sign, 'self'))),
      await bad('with a reason', 'statement-form', made({ reason: 'lost' })),
      await bad(
        'the card did not sign',
        'statement-signature',
        made({}, { ...card.signer, sign: bytes => draw(`${bytes.length}`, 256) }),
      ),
      await bad('of another type', 'statement-type', signStatement(StatementTyp.key, { deployment }, card.signer)),
      refused('no lists', 'crl-missing', good, { crls: [] }),
      refused('the card revoked before', 'certificate-revoked', good, {
        crls: card.file.crlsRevoked,
        at: '2026-11-24T09:30:00.000Z',
      }),
    ]
  },
  async open(given, shared) {
    const known = {
      deployment: anyOf<DeploymentId>(shared, 'deployment'),
      cardAuthorities: anyOf<string[]>(shared, 'authorities').map(parseAuthority),
    }
    const when = (of: Members) => ({
      crls: (of.crls as string[]).map(list => parseCrl(fromBase64(list))),
      at: new Date(textOf(of, 'at')),
    })
    const of = anyOf<Members>(given, 'key')
    const key = await verifyKeyStatement(textOf(of, 'statement'), { ...known, ...when(of) })
    const { hash, payload } = await verifyKeyWithdrawal(textOf(given, 'withdrawal'), { ...known, ...when(given), key })
    return { hash, keyStatement: payload.keyStatement, t: payload.t }
  },
}

/** Cards that hold: whom they stand for. */
const GOOD: readonly (readonly [name: string, card: string, kind: string, nationalId: string, shown: string])[] = [
  ['a card under a P-256 authority', 'doctor', 'professional', '810000000017', 'Claire LEROY'],
  ['a professional with an ADELI number of Corsica', 'adeli', 'professional', '02A1234567', 'Claire LEROY'],
  ['an establishment', 'establishment', 'establishment', '1690000012', 'CENTRE HOSPITALIER DU VAL'],
  ['an establishment by its director’s card', 'director', 'establishment', '1690000012', 'CENTRE HOSPITALIER DU VAL'],
  ['an establishment by its SIRET', 'siret', 'establishment', '318000000000017', 'CENTRE HOSPITALIER DU VAL'],
  ['a practice', 'practice', 'establishment', '481000000001701', 'CENTRE HOSPITALIER DU VAL'],
  ['a card revoked later', 'revoked later', 'professional', '810000000017', 'Claire LEROY'],
]

/** Cards that do not, and why; the statement names the doctor and is signed as it should be. */
const BAD: readonly (readonly [code: string, card: string])[] = [
  ['certificate-identity', 'no country'],
  ['certificate-identity', 'another country'],
  ['certificate-identity', 'no profession'],
  ['certificate-identity', 'names apart'],
  ['certificate-identity', 'a short number'],
  ['certificate-identity', 'both'],
  ['certificate-identity', 'a structure without a number'],
  ['certificate-identity', 'two numbers'],
  ['certificate-malformed', 'a certificate that is none'],
  ['certificate-malformed', 'an issuer that is none'],
  ['certificate-not-yet-valid', 'not yet'],
  ['key-time', 'over'],
  ['certificate-usage', 'for servers'],
  ['certificate-usage', 'for nothing'],
  ['certificate-usage', 'no digital signature'],
  ['certificate-usage', 'an authority'],
  ['certificate-untrusted', 'a critical extension'],
  ['statement-algorithm', 'weak'],
  ['certificate-expired', 'issuer over'],
  ['certificate-not-yet-valid', 'issuer not yet'],
  ['certificate-untrusted', 'issuer no authority'],
  ['certificate-untrusted', 'issuer may not sign certificates'],
  ['crl-missing', 'issuer may not sign lists'],
  ['certificate-untrusted', 'issuer weak'],
  ['certificate-untrusted', 'issuer with SHA-1'],
  ['certificate-untrusted', 'two issuers'],
  ['certificate-expired', 'root over'],
  ['certificate-untrusted', 'another issuer'],
  ['certificate-revoked', 'revoked'],
  ['certificate-revoked', 'revoked by a list of before'],
  ['certificate-revoked', 'revoked at a later date, in a list in force'],
  ['certificate-revoked', 'issuer revoked'],
  ['crl-stale', 'a list of a time to come'],
  ['crl-missing', 'a list another signed'],
  ['crl-malformed', 'a delta list'],
  ['crl-malformed', 'a list without a next'],
  ['crl-malformed', 'a list that is none'],
]

type Signed = (changes: object, card: Signer) => Promise<string>

/** A case for each card of `cards.json`, and two that show what is looked at first. */
async function otherCards(signed: Signed): Promise<VectorCase[]> {
  const { sign } = await doctor()
  const { card, signer } = readCards()
  const make = async (name: string, from: string, holder: object = {}, by = signer(from)) => ({
    name,
    writer: { signSeed: hex(sign.seed), cardKey: 'cards.json' },
    given: { statement: await signed(holder, by), crls: card(from).crls, at: AT },
  })
  const good = GOOD.map(async ([name, from, kind, nationalId, shown]): Promise<VectorCase> => {
    const made = await make(name, from, { kind, nationalId })
    return { ...made, opens: { hash: hashOf(made.given.statement), nationalId, kind, name: shown } }
  })
  const wrong = BAD.map(async ([code, from]): Promise<VectorCase> => {
    const { given } = await make(`card: ${from}`, from)
    const at = from === 'not yet' ? '2026-11-24T08:05:00.000Z' : AT
    return { name: `card: ${from}`, given: { ...given, at }, refused: code }
  })
  const unsigned = { ...signer('no country'), sign: (bytes: Bytes) => draw(`${bytes.length}`, 256) }
  const { given } = await make('first', 'no country', {}, unsigned)
  const first: VectorCase = { name: 'a card of nobody, and not signed by it', given, refused: 'certificate-identity' }
  return [...(await Promise.all([...good, ...wrong])), first]
}
