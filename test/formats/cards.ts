/**
 * Cards of every kind, right and wrong, for `key-statement.json`: an input as `card.json` is, made once
 * (`test/vectors/coffre/cards.json`). All leaves have one RSA key, so that what they sign comes out alike each time.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonName } from '@peculiar/x509'
import { toBase64, utf8 } from '../../src/crypto/bytes.ts'
import type { Signer } from '../../src/crypto/statement.ts'
import { keysOfPem } from '../../src/dev/key-pairs.ts'
import {
  day,
  type Issued,
  issue,
  KeyUsageFlags,
  list,
  listDer,
  NOW,
  SERVER_AUTH,
  type Wish,
} from '../crypto/authority.ts'
import { signedPs256 } from './card.ts'
import { VECTORS } from './paths.ts'
import { once } from './vector-file.ts'

export const CARDS_FILE = join(VECTORS, 'cards.json')

/** A card: leaf first, root left out; the lists of its issuers. DER in base64. */
export interface ShownChain {
  readonly chain: readonly string[]
  readonly crls: readonly string[]
}

export interface CardsFile {
  readonly about: string
  readonly authorities: readonly string[]
  /** PKCS#8: 2,048 bits, of all leaves but one; 1,024 bits, of that one. */
  readonly key: string
  readonly weakKey: string
  readonly cards: Readonly<Record<string, ShownChain>>
  /** Statements of the first card by PS256 with salts of another length than the hash's, by their length in bytes. */
  readonly salts: Readonly<Record<'0' | '20' | '222', string>>
}

const OID = { surname: '2.5.4.4', givenName: '2.5.4.42', title: '2.5.4.12' } as const
const FR: JsonName = [{ C: ['FR'] }]
const person = (id: string): JsonName[number] => ({
  CN: [id],
  [OID.surname]: ['LEROY'],
  [OID.givenName]: ['Claire'],
})
const doctor = (id = '810000000017'): JsonName => [...FR, { [OID.title]: ['Médecin'] }, person(id)]
const structure = (id: string, more: JsonName = [{ CN: ['Imagerie'] }]): JsonName => [
  ...FR,
  { O: ['CENTRE HOSPITALIER DU VAL'] },
  { OU: [id] },
  ...more,
]
const authorityName = (name: string): JsonName => [...FR, { O: ['COFFRE VECTEURS'] }, { CN: [name] }]

const YEARS = { from: day(-30), to: day(1000) } as const
const base64 = (issued: Issued) => toBase64(issued.certificate.der)
const pkcs8 = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'der' }).toString('base64')

const pairOf = (key: KeyObject) => keysOfPem(key.export({ type: 'pkcs8', format: 'pem' }) as string, 'rsa-2048')

/** Makes other cards; every key statement signed with one is then to be made anew. */
export async function makeCardsFile(): Promise<CardsFile> {
  const [key, weakKey] = [2048, 1024].map(
    modulusLength => generateKeyPairSync('rsa', { modulusLength }).privateKey,
  ) as [KeyObject, KeyObject]
  const [keys, weakKeys] = [await pairOf(key), await pairOf(weakKey)]
  const root = await issue({ ...YEARS, name: authorityName('RACINE'), authority: null })
  const over = await issue({ from: day(-30), to: day(-1), name: authorityName('RACINE PASSEE'), authority: null })
  const under = (name: string, wish: Wish = {}) =>
    issue({ ...YEARS, name: authorityName(name), by: root, authority: 0, ...wish })
  const middle = await under('CARTES')
  const leafOf = (wish: Wish = {}) => issue({ ...YEARS, name: doctor(), by: middle, keys, ...wish })
  const rootList = await list(root)
  const listOf = (issuer: Issued, wish: Parameters<typeof list>[1] = {}) => list(issuer, { to: day(7), ...wish })
  const shown = async (leaf: Issued, issuers: readonly Issued[] = [middle], anchor = root): Promise<ShownChain> => ({
    chain: [leaf, ...issuers].map(base64),
    crls: (await Promise.all([anchor, ...issuers].map(each => listOf(each)))).map(({ der }) => toBase64(der)),
  })
  const cardOf = async (wish: Wish = {}) => shown(await leafOf(wish))
  /** A card under another issuer than the good one. */
  const cardBy = async (issuer: Issued, above: readonly Issued[] = [], anchor = root) =>
    shown(await leafOf({ by: issuer }), [issuer, ...above], anchor)
  const listed = async (lists: readonly Promise<{ readonly der: Uint8Array }>[], leaf: Issued) => ({
    chain: [leaf, middle].map(base64),
    crls: (await Promise.all(lists)).map(({ der }) => toBase64(der)),
  })
  const leaf = await leafOf()
  const outer = await under('DEHORS')
  const underOver = await under('SOUS RACINE PASSEE', { by: over })
  const deposited = Promise.resolve(rootList)
  return {
    about:
      'Cards of one key, right and wrong, made for these vectors: an input, not regenerated. The keys sign nothing else.',
    authorities: [root, over].map(base64),
    key: pkcs8(key),
    weakKey: pkcs8(weakKey),
    cards: {
      doctor: await shown(leaf),
      adeli: await cardOf({ name: doctor('02A1234567') }),
      establishment: await cardOf({ name: structure('1690000012') }),
      director: await cardOf({ name: structure('1690000012', [person('DIRECTION')]) }),
      siret: await cardOf({ name: structure('318000000000017') }),
      practice: await cardOf({ name: structure('481000000001701') }),
      'no country': await cardOf({ name: doctor().slice(1) }),
      'another country': await cardOf({ name: [{ C: ['BE'] }, ...doctor().slice(1)] }),
      'no profession': await cardOf({ name: [...FR, person('810000000017')] }),
      'names apart': await cardOf({
        name: [
          ...FR,
          { [OID.title]: ['Médecin'] },
          { CN: ['810000000017'] },
          { [OID.surname]: ['LEROY'] },
          { [OID.givenName]: ['Claire'] },
        ],
      }),
      'a short number': await cardOf({ name: doctor('81000000001') }),
      both: await cardOf({ name: [...structure('1690000012'), { [OID.title]: ['Médecin'] }] }),
      'a structure without a number': await cardOf({ name: structure('CENTRE') }),
      'two numbers': await cardOf({ name: [...structure('1690000012'), { OU: ['1690000020'] }] }),
      'not yet': await cardOf({ from: new Date(NOW.getTime() + 600_000) }),
      over: await cardOf({ to: day(1) }),
      'for servers': await cardOf({ extended: [SERVER_AUTH] }),
      'for nothing': await cardOf({ extended: [] }),
      'no digital signature': await cardOf({ usage: KeyUsageFlags.nonRepudiation }),
      'an authority': await cardOf({
        authority: 0,
        usage: KeyUsageFlags.digitalSignature,
        extended: ['1.3.6.1.5.5.7.3.2'],
      }),
      'a critical extension': await cardOf({ critical: '1.2.3.4' }),
      weak: await cardOf({ keys: weakKeys }),
      'issuer over': await cardBy(await under('PASSEE', { to: day(-1) })),
      'issuer not yet': await cardBy(await under('FUTURE', { from: day(1) })),
      'issuer no authority': await cardBy(
        await issue({
          ...YEARS,
          name: authorityName('SANS'),
          by: root,
          usage: KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign,
        }),
      ),
      'issuer may not sign certificates': await cardBy(await under('LISTES', { usage: KeyUsageFlags.cRLSign })),
      'issuer may not sign lists': await cardBy(await under('CERTIFICATS', { usage: KeyUsageFlags.keyCertSign })),
      'issuer weak': await cardBy(await under('FAIBLE', { kind: 'rsa-1024' })),
      'issuer with SHA-1': await cardBy(await under('SHA', { kind: 'rsa-sha-1' })),
      'two issuers': await cardBy(await under('DEDANS', { by: outer }), [outer]),
      'root over': await cardBy(underOver, [], over),
      'another issuer': await shown(await leafOf({ by: await issue({ ...YEARS, name: middle.name, authority: 0 }) })),
      revoked: await listed([deposited, listOf(middle, { revoked: [[leaf, day(-5)]] })], leaf),
      'revoked by a list of before': await listed(
        [deposited, listOf(middle), listOf(middle, { from: day(-4), to: day(-3), revoked: [[leaf, day(-5)]] })],
        leaf,
      ),
      'revoked at a later date, in a list in force': await listed(
        [deposited, listOf(middle, { revoked: [[leaf, day(0.5)]] })],
        leaf,
      ),
      'revoked later': await listed(
        [deposited, listOf(middle), listOf(middle, { from: day(1), revoked: [[leaf, day(0.5)]] })],
        leaf,
      ),
      'issuer revoked': await listed([listOf(root, { revoked: [[middle, day(-5)]] }), listOf(middle)], leaf),
      'a list of a time to come': await listed([deposited, listOf(middle, { from: day(1) })], leaf),
      'a list another signed': await listed(
        [deposited, listOf(await issue({ ...YEARS, name: middle.name, authority: 0 }))],
        leaf,
      ),
      'a delta list': {
        chain: [leaf, middle].map(base64),
        crls: [toBase64(rootList.der), toBase64(await listDer(middle, { critical: '2.5.29.27' }))],
      },
      'a list without a next': {
        chain: [leaf, middle].map(base64),
        crls: [toBase64(rootList.der), toBase64(await listDer(middle, { to: null }))],
      },
      'a list that is none': {
        chain: [leaf, middle].map(base64),
        crls: [toBase64(rootList.der), toBase64(utf8('none'))],
      },
      'a certificate that is none': { chain: [toBase64(utf8('none')), base64(middle)], crls: [] },
      'an issuer that is none': { chain: [base64(leaf), toBase64(utf8('none'))], crls: [] },
    },
    salts: {
      '0': await signedPs256(key, [base64(leaf)], 0),
      '20': await signedPs256(key, [base64(leaf)], 20),
      '222': await signedPs256(key, [base64(leaf)], 222),
    },
  }
}

/** What there is, and who signs with it. */
export const readCards = once(() => {
  const file: CardsFile = JSON.parse(readFileSync(CARDS_FILE, 'utf8'))
  const keyOf = (der: string) => createPrivateKey({ key: Buffer.from(der, 'base64'), type: 'pkcs8', format: 'der' })
  const [key, weakKey] = [keyOf(file.key), keyOf(file.weakKey)]
  const card = (name: string): ShownChain => {
    const found = file.cards[name]
    if (found === undefined) throw new Error(`cards.json has no card "${name}"`)
    return found
  }
  const signer = (name: string): Signer => ({
    alg: 'RS256',
    x5c: card(name).chain,
    sign: bytes => new Uint8Array(sign('sha256', bytes, name === 'weak' ? weakKey : key)),
  })
  return { file, card, signer }
})
