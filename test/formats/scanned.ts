/** Vectors of what one screen shows another: a request for access compared in a consultation, a new device let in. */
import {
  checkConsultation,
  consultationText,
  consultationWords,
  readConsultation,
} from '../../src/client/consultation.ts'
import { pairingHash, pairingSealInfo } from '../../src/client/infos.ts'
import { readPairing } from '../../src/client/patient/pairing.ts'
import { equal, fromBase64url } from '../../src/crypto/bytes.ts'
import { SealSecretKey } from '../../src/crypto/keys.ts'
import { open, sealWithSeed } from '../../src/crypto/seal.ts'
import type { RequestId } from '../../src/protocol/ids.ts'
import { flipped64 } from './keys.ts'
import {
  anyOf,
  bytesOf,
  draw,
  type Format,
  hex,
  Refused,
  refused,
  text64,
  textOf,
  type VectorCase,
} from './vector-file.ts'
import { accountKey, doctor, id, patient } from './world.ts'

export const consultation: Format = {
  file: 'consultation',
  page: 'consultation.md',
  about: 'What both sides make of one request, and what was scanned of it: the same, or another.',
  async cases() {
    const [{ recordId, hash: identity }, { hash: keyStatement }] = [await patient(), await doctor()]
    const compared = { recordId, request: id<RequestId>('request'), identity, keyStatement } as const
    const other = { ...compared, request: id<RequestId>('another request') } as const
    const good: VectorCase = {
      name: 'a request compared',
      given: { ...compared, scanned: consultationText(compared) },
      opens: { words: consultationWords(compared), text: consultationText(compared) },
    }
    const scanned = textOf(good.given, 'scanned')
    const malformed = (name: string, text: string) => refused(name, 'consultation-malformed', good, { scanned: text })
    return [
      good,
      {
        name: 'another request of the same professional',
        given: { ...other, scanned: consultationText(other) },
        opens: { words: consultationWords(other), text: consultationText(other) },
      },
      refused('the code of another request', 'consultation-other', good, { scanned: consultationText(other) }),
      refused('another key asks', 'consultation-other', good, { keyStatement: text64(draw('another key', 32)) }),
      refused('another identity', 'consultation-other', good, { identity: text64(draw('another identity', 32)) }),
      refused('another record', 'consultation-other', good, { recordId: text64(draw('another record', 16)) }),
      malformed('another version', scanned.replace(':1:', ':2:')),
      malformed('more behind it', `${scanned}:`),
      malformed('spare bits set', `${scanned.slice(0, -1)}${nextSymbol(scanned)}`),
      malformed('the code of a device', scanned.replace('request', 'device')),
    ]
  },
  open(given) {
    const compared = {
      recordId: anyOf(given, 'recordId'),
      request: anyOf(given, 'request'),
      identity: anyOf(given, 'identity'),
      keyStatement: anyOf(given, 'keyStatement'),
    } as Parameters<typeof consultationText>[0]
    checkConsultation(readConsultation(textOf(given, 'scanned')), compared)
    return { words: consultationWords(compared), text: consultationText(compared) }
  },
}

export const pairing: Format = {
  file: 'pairing',
  page: 'devices.md',
  about:
    'A new device’s code, the key the host gave for it, and the account key sealed to it. secret: of the new device (seed). writer.encapsulation: that of the seal.',
  cases() {
    const secret = SealSecretKey.parse(draw('new device', 32))
    const nonce = draw('pairing nonce', 16)
    const sealKey = secret.publicKey.bytes
    const text = ['coffre-device:1', text64(draw('pairing', 32)), text64(nonce), text64(pairingHash(nonce, sealKey))]
    const info = pairingSealInfo(nonce, sealKey)
    const seed = draw('pairing encapsulation', 64)
    const sealed = text64(sealWithSeed(secret.publicKey, info, accountKey(), seed))
    const good: VectorCase = {
      name: 'a device let in',
      writer: { nonce: hex(nonce), encapsulation: hex(seed), info: hex(info) },
      given: { text: text.join(':'), secret: hex(secret.bytes), sealKey: text64(sealKey), sealed },
      opens: { pairing: text[1] as string, accountKey: hex(accountKey()) },
    }
    const shown = (...changed: string[]) => text.map((part, i) => changed[i] || part).join(':')
    const stranger = SealSecretKey.parse(draw('host’s own key', 32))
    return Promise.resolve([
      good,
      refused('the host’s own key', 'pairing-key', good, { sealKey: text64(stranger.publicKey.bytes) }),
      refused('another nonce', 'pairing-key', good, { text: shown('', '', text64(draw('another nonce', 16))) }),
      refused('sealed to another key', 'seal-open', good, {
        sealed: text64(sealWithSeed(stranger.publicKey, info, accountKey(), seed)),
      }),
      refused('sealed for another code', 'seal-open', good, {
        sealed: text64(sealWithSeed(secret.publicKey, pairingSealInfo(draw('x', 16), sealKey), accountKey(), seed)),
      }),
      refused('the seal altered', 'seal-open', good, { sealed: flipped64(sealed, -1) }),
      refused('another version', 'pairing-malformed', good, { text: shown('coffre-device:2') }),
      refused('a short nonce', 'pairing-malformed', good, { text: shown('', '', text64(nonce.subarray(1))) }),
      refused('more behind it', 'pairing-malformed', good, { text: `${text.join(':')}:` }),
    ])
  },
  open(given) {
    const { pairing, nonce, hash } = readPairing(textOf(given, 'text'))
    const sealKey = fromBase64url(textOf(given, 'sealKey'))
    if (!equal(pairingHash(nonce, sealKey), hash)) throw new Refused('pairing-key')
    using secret = SealSecretKey.parse(bytesOf(given, 'secret'))
    const key = open(secret, pairingSealInfo(nonce, sealKey), fromBase64url(textOf(given, 'sealed')))
    return { pairing, accountKey: hex(key) }
  },
}

/** The symbol of base64url that says the same to a reader who ignores spare bits. */
function nextSymbol(text: string): string {
  const symbols = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return symbols[symbols.indexOf(text.at(-1) ?? '') + 1] ?? ''
}
