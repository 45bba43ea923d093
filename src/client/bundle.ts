import { box, unbox } from '../crypto/box.ts'
import { type Bytes, equal, fromBase64url, wiping } from '../crypto/bytes.ts'
import { type AccountKey, SealSecretKey } from '../crypto/keys.ts'
import { padText, parsePaddedJson } from '../crypto/padding.ts'
import { SigningKey } from '../crypto/sign.ts'
import type { Verified } from '../log/verified.ts'
import { Bundle } from '../protocol/bundle.ts'
import type { RecordId } from '../protocol/ids.ts'
import type { Identity, State } from '../protocol/statements.ts'
import { checkEpochSecret } from './epochs.ts'
import { VerificationError } from './errors.ts'
import { hashText } from './grant-seal.ts'
import { bundleInfo } from './infos.ts'

/** Shortest padded bundle, bytes: a record with few grants looks like one with some. */
const BUNDLE_MIN = 4096

/** Seals a bundle under the account key: what the host keeps and the state names. */
export function sealBundle(accountKey: AccountKey, bundle: Bundle): Bytes {
  const info = bundleInfo(bundle.recordId, bundle.version)
  return wiping(accountKey.bytes, key => wiping(bundlePlaintext(bundle), plain => box(key, info, plain)))
}

/** What is in a bundle's box: the JSON and its padding. */
export function bundlePlaintext(bundle: Bundle): Bytes {
  return padText(JSON.stringify(bundle), BUNDLE_MIN)
}

/**
 * Opens the bundle that a verified state names. Checks the hash before opening, then that it is of this record and
 * version, and that its keys are those of the identity and of the state: a host can neither swap it nor serve an old
 * one. Throws `VerificationError` `bundle-hash`, `bundle-content`, `epoch-key`, `CryptoError` `box-open`.
 */
export function openBundle(input: {
  readonly accountKey: AccountKey
  readonly sealed: Bytes
  readonly recordId: RecordId
  readonly state: State
  readonly identity: Verified<Identity>
}): { readonly bundle: Bundle; readonly sign: SigningKey; readonly seal: SealSecretKey } {
  const { accountKey, sealed, recordId, state, identity } = input
  if (hashText(sealed) !== state.bundle.hash) {
    throw new VerificationError('The host gave another bundle than the one the state names; it was not opened', {
      code: 'bundle-hash',
      evidence: { state: state.bundle, got: hashText(sealed) },
    })
  }
  const info = bundleInfo(recordId, state.bundle.version)
  const bundle = wiping(
    wiping(accountKey.bytes, key => unbox(key, info, sealed)),
    readBundle,
  )
  const sign = wiping(fromBase64url(bundle.identity.sign), SigningKey.fromSeed)
  const seal = wiping(fromBase64url(bundle.identity.seal), SealSecretKey.parse)
  const mine =
    bundle.recordId === recordId &&
    bundle.version === state.bundle.version &&
    bundle.seen.seq <= state.seq &&
    equal(sign.verifyKey.bytes, fromBase64url(identity.payload.signKey)) &&
    equal(seal.publicKey.bytes, fromBase64url(identity.payload.sealKey)) &&
    bundle.compartments.length === state.compartments.length
  if (!mine) throw content()
  for (const [index, { id, epoch, secret }] of bundle.compartments.entries()) {
    const current = state.compartments[index]
    if (current === undefined || current.id !== id) throw content()
    using held = wiping(fromBase64url(secret), SealSecretKey.parse)
    checkEpochSecret(current, { epoch, secret: held })
  }
  return { bundle, sign, seal }
}

function readBundle(plain: Bytes): Bundle {
  let value: unknown
  try {
    value = parsePaddedJson(plain, BUNDLE_MIN)
  } catch {
    throw content()
  }
  const parsed = Bundle.safeParse(value)
  if (!parsed.success) throw content()
  return parsed.data
}

function content(): VerificationError {
  return new VerificationError('The bundle does not hold the keys that the identity and the state name', {
    code: 'bundle-content',
  })
}
