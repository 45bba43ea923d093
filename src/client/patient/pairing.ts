/** A new device added by an old one that scans its code (docs/protocol/devices.md). */
import { equal, fromBase64url, randomBytes, toBase64url, wiping } from '../../crypto/bytes.ts'
import { AccountKey, SealPublicKey, SealSecretKey } from '../../crypto/keys.ts'
import { open, seal } from '../../crypto/seal.ts'
import { PairingAccepted, PairingAnswered, PairingKey, PairingStarted } from '../../protocol/devices.ts'
import { bytesField, Hash, type Instant } from '../../protocol/ids.ts'
import { type Clock, clockFor } from '../clock.ts'
import { InputError, StepError, VerificationError } from '../errors.ts'
import { Host } from '../http.ts'
import { pairingHash, pairingSealInfo } from '../infos.ts'
import type { PatientSession } from './session.ts'
import type { PatientStore } from './store.ts'

const PREFIX = 'coffre-device:1'
const NONCE_BYTES = 16
/** Between two looks for the answer, milliseconds. */
const PAUSE_MS = 1000

/** A new device that waits to be let in. */
export interface Pairing {
  /** What the old device scans or is told; it holds no secret that opens anything. */
  readonly text: string
  readonly expiresAt: Instant
  /** Waits for an old device's answer. Throws `StepError` `pairing-over`, `CryptoError` `seal-open`, as `Host.call`. */
  accountKey(): Promise<AccountKey>
}

/** On the new device: makes a key, gives its public half to the host and its hash, with a nonce, to the screen. */
export async function startPairing(input: {
  readonly home: PatientStore
  readonly anchors?: string
  readonly clock?: Clock
  /** Milliseconds between two looks for the answer; a second unless given. */
  readonly pauseMs?: number
}): Promise<Pairing> {
  const trust = await input.home.trust(input.anchors)
  const clock = clockFor(trust.anchors, input.clock)
  const host = new Host({ anchors: trust.anchors, listener: 'patients', clock })
  const secret = SealSecretKey.generate()
  const nonce = randomBytes(NONCE_BYTES)
  const sealKey = secret.publicKey.bytes
  const body = { sealKey: toBase64url(sealKey) }
  const { handle, pairing, expiresAt } = await host.call({
    method: 'POST',
    path: '/v1/pairings',
    body,
    answer: PairingStarted,
  })
  const text = [PREFIX, pairing, toBase64url(nonce), toBase64url(pairingHash(nonce, sealKey))].join(':')
  const ask = { method: 'POST', path: '/v1/pairings/answer', body: { handle }, answer: PairingAnswered } as const
  return {
    text,
    expiresAt,
    async accountKey() {
      using key = secret
      try {
        for (;;) {
          const { sealed } = await host.call(ask)
          if (sealed !== null) {
            return wiping(open(key, pairingSealInfo(nonce, sealKey), fromBase64url(sealed)), AccountKey.parse)
          }
          if (clock().toISOString() > expiresAt) {
            throw new StepError('Nobody let this device in within ten minutes: begin again', { code: 'pairing-over' })
          }
          await new Promise(resolve => setTimeout(resolve, input.pauseMs ?? PAUSE_MS))
        }
      } finally {
        await host.close()
      }
    },
  }
}

/**
 * On an old device: lets in the device whose code was scanned. The key that the host hands over is held against the hash in
 * the code, so the host cannot put its own in its place; then the account key is sealed to it.
 * Throws `InputError` `pairing-malformed`, `VerificationError` `pairing-key`, `HostRefusal` (`pairing-unknown`,
 * `sign-in-again`, `contact-new`); as `PatientSession.call`.
 */
export async function welcomeDevice(session: PatientSession, text: string): Promise<void> {
  const { pairing, nonce, hash } = readPairing(text)
  const path = session.path(`/pairings/${pairing}`)
  const { sealKey } = await session.call({ method: 'GET', path, answer: PairingKey })
  const key = fromBase64url(sealKey)
  if (!equal(pairingHash(nonce, key), hash)) {
    throw new VerificationError('The host gave another key than that of the device that was scanned', {
      code: 'pairing-key',
      evidence: { pairing, sealKey },
    })
  }
  const to = SealPublicKey.parse(key)
  const sealed = wiping(session.accountKey.bytes, secret => seal(to, pairingSealInfo(nonce, key), secret))
  await session.call({ method: 'POST', path, body: { sealed: toBase64url(sealed) }, answer: PairingAccepted })
}

/** What an old device scanned. Throws `InputError` `pairing-malformed`. */
export function readPairing(text: string) {
  const [scheme, version, pairing, nonce = '', hash = '', ...rest] = text.trim().split(':')
  const named = Hash.safeParse(pairing)
  const formed =
    `${scheme}:${version}` === PREFIX &&
    rest.length === 0 &&
    bytesField({ exactly: NONCE_BYTES }).safeParse(nonce).success &&
    Hash.safeParse(hash).success
  if (!formed || !named.success) {
    throw new InputError('That is not the code of a new device: scan it again, or type it whole', {
      code: 'pairing-malformed',
    })
  }
  return { pairing: named.data, nonce: fromBase64url(nonce), hash: fromBase64url(hash) }
}
