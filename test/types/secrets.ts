/** A secret opens one kind of thing. Checked by `tsc`, never run. */
import { sealBundle } from '../../src/client/bundle.ts'
import { openBody } from '../../src/client/document/body.ts'
import type { Checks } from '../../src/client/document/checks.ts'
import { checkEpochSecret } from '../../src/client/epochs.ts'
import { openGift, sealGift } from '../../src/client/grant-seal.ts'
import type { SlotOpener } from '../../src/client/slots.ts'
import type { AccountKey, DeviceSecret, DocumentKey, KitSecret, SealSecretKey } from '../../src/crypto/keys.ts'
import type { MlDsaSigningKey, MlDsaVerifyKey } from '../../src/crypto/mldsa.ts'
import type { SigningKey } from '../../src/crypto/sign.ts'
import { ed25519Signer, verifyStatement } from '../../src/crypto/statement.ts'
import type { Bundle } from '../../src/protocol/bundle.ts'
import type { StateCompartment } from '../../src/protocol/statements.ts'

interface Secrets {
  readonly epoch: SealSecretKey
  readonly document: DocumentKey
  readonly account: AccountKey
  readonly kit: KitSecret
  readonly device: DeviceSecret
  readonly sign: SigningKey
  readonly mlDsa: MlDsaSigningKey
}

type Body = Parameters<typeof openBody>[1]

export function misuse(
  secrets: Secrets,
  given: { checks: Checks; body: Body; bundle: Bundle; compartment: StateCompartment; mlDsa: MlDsaVerifyKey },
  bytes: Uint8Array,
): void {
  const { epoch, document, account, kit, device, sign, mlDsa } = secrets
  const { checks, body, bundle, compartment } = given

  openBody(checks, { ...body, documentKey: document }, [])
  // @ts-expect-error an epoch's secret where a document's key belongs
  openBody(checks, { ...body, documentKey: epoch }, [])
  // @ts-expect-error bare bytes where a document's key belongs
  openBody(checks, { ...body, documentKey: bytes }, [])
  // @ts-expect-error an account key where a document's key belongs
  openBody(checks, { ...body, documentKey: account }, [])

  sealBundle(account, bundle)
  // @ts-expect-error an epoch's secret where the account key belongs
  sealBundle(epoch, bundle)
  // @ts-expect-error the kit's secret where the account key belongs: it opens a slot, not the bundle
  sealBundle(kit, bundle)

  checkEpochSecret(compartment, { epoch: 0, secret: epoch })
  // @ts-expect-error a document's key where an epoch's secret belongs
  checkEpochSecret(compartment, { epoch: 0, secret: document })
  // @ts-expect-error a device's secret where an epoch's belongs
  checkEpochSecret(compartment, { epoch: 0, secret: device })

  openGift(epoch, bytes, bytes)
  // @ts-expect-error a signing key where the key that opens a grant's seal belongs
  openGift(sign, bytes, bytes)
  // @ts-expect-error a document's key given away as a compartment's secret
  sealGift(epoch.publicKey, bytes, { name: 'imaging', secret: document })

  // @ts-expect-error a device's secret where the kit's belongs
  const slot: SlotOpener = { kind: 'kit', kit: device }
  void slot

  // @ts-expect-error a key of the log where one of statements belongs
  ed25519Signer(mlDsa)
  // @ts-expect-error a statement verified under a key of the log
  void verifyStatement('', { typ: 'coffre-test+jws', algorithms: ['Ed25519'], keys: [given.mlDsa] })
}
