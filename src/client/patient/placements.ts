import { fromBase64url, toBase64url, wiping } from '../../crypto/bytes.ts'
import { DocumentKey, SealPublicKey, type SealSecretKey } from '../../crypto/keys.ts'
import { open, seal } from '../../crypto/seal.ts'
import { ed25519Signer, signStatement } from '../../crypto/statement.ts'
import type { CompartmentId, DeploymentId, DocumentId, Hash } from '../../protocol/ids.ts'
import type { StateChangeAction } from '../../protocol/messages.ts'
import { type Deposit, type Placement, StatementTyp } from '../../protocol/statements.ts'
import { instant } from '../clock.ts'
import { StepError } from '../errors.ts'
import { hashText } from '../grant-seal.ts'
import { envelopeInfo } from '../infos.ts'
import { changeState, type PlannedChange } from './change.ts'
import { openForReading, readerOf } from './documents.ts'
import type { PatientSession } from './session.ts'
import { compartmentOf, placementOf, type RecordView, stateCompartment } from './view.ts'

/** The three ways of placing a document elsewhere. */
type Placing = Extract<StateChangeAction, 'document.mask' | 'document.unmask' | 'document.move'>

/** A document that was moved. */
export interface Placed {
  readonly documentId: DocumentId
  /** Kinds of the compartments it lay in and lies in. */
  readonly from: string
  readonly to: string
  readonly state: Hash
}

/**
 * Masks a document: its key is sealed again, to the *masked* compartment, and the host destroys the envelope before. To
 * professionals without an express grant on *masked* it then never existed. What it cannot undo: whoever read it before
 * may have kept it.
 * Throws `StepError` `already-masked`; as `readDocument`, `changeState`.
 */
export async function maskDocument(session: PatientSession, documentId: DocumentId): Promise<Placed> {
  return place(session, documentId, 'document.mask', view => compartmentOf(view, 'masked').id)
}

/**
 * Shows a masked document again: in the compartment it was deposited into, or the one named.
 * Throws `StepError` `not-masked`, `InputError` `compartment-unknown`; as `readDocument`, `changeState`.
 */
export async function unmaskDocument(session: PatientSession, documentId: DocumentId, to?: string): Promise<Placed> {
  return place(session, documentId, 'document.unmask', (view, deposited) =>
    to === undefined ? deposited : compartmentOf(view, to).id,
  )
}

/**
 * Moves a document to another compartment, an own one for instance. Into and out of *masked* it goes by masking and
 * showing again. Throws `StepError` `already-there`, `move-masked`, `InputError` `compartment-unknown`; as
 * `readDocument`, `changeState`.
 */
export async function moveDocument(session: PatientSession, documentId: DocumentId, to: string): Promise<Placed> {
  return place(session, documentId, 'document.move', view => compartmentOf(view, to).id)
}

async function place(
  session: PatientSession,
  documentId: DocumentId,
  action: Placing,
  target: (view: RecordView, deposited: CompartmentId) => CompartmentId,
): Promise<Placed> {
  const { document, stored } = await openForReading(session, await session.view(), documentId)
  const deposit = document.deposit.payload
  let from = ''
  let to = ''
  const { state } = await changeState(session, async view => {
    const here = placementOf(view, documentId)
    const old = here?.payload ?? null
    const lies = old?.to ?? deposit.compartment
    const goes = target(view, deposit.compartment)
    checkMove(view, action, { lies, goes })
    from = kindOf(view, lies)
    to = kindOf(view, goes)

    using reader = readerOf(session, view)
    const secret = await reader.epochSecret(lies, old?.epoch ?? deposit.epoch)
    return await planPlacement(view, {
      action,
      deployment: session.trust.anchors.deployment,
      deposit,
      envelope: here === null ? stored.envelope : (view.sealedPlacements.get(here.hash)?.envelope ?? ''),
      secret,
      goes,
      now: session.clock(),
    })
  })
  return { documentId, from, to, state }
}

/**
 * Plans that a document is placed elsewhere: its key, opened with the secret of the epoch it lies in, is sealed to the
 * current epoch of where it goes. Throws `CryptoError` `seal-open`, `VerificationError` `record-state`.
 */
export async function planPlacement(
  view: Pick<RecordView, 'state' | 'placements' | 'patient' | 'sign'>,
  input: {
    readonly action: Placing
    readonly deployment: DeploymentId
    readonly deposit: Pick<Deposit, 'documentId' | 'compartment' | 'epoch' | 'commitment'>
    /** base64url; the one in force. */
    readonly envelope: string
    readonly secret: SealSecretKey
    readonly goes: CompartmentId
    readonly now: Date
  },
): Promise<PlannedChange> {
  const { action, deployment, deposit, secret, goes, now } = input
  const { documentId } = deposit
  const here = placementOf(view, documentId)
  const lies = here?.payload.to ?? deposit.compartment
  const place = { recordId: view.patient.recordId, documentId, commitment: fromBase64url(deposit.commitment) }
  const opened = open(
    secret,
    envelopeInfo({
      ...place,
      compartmentId: lies,
      epoch: here?.payload.epoch ?? deposit.epoch,
      epochPublicKey: secret.publicKey.bytes,
    }),
    fromBase64url(input.envelope),
  )
  using documentKey = wiping(opened, DocumentKey.parse)
  const next = stateCompartment(view, goes)
  const epochKey = SealPublicKey.parse(fromBase64url(next.publicKey))
  const info = envelopeInfo({ ...place, compartmentId: goes, epoch: next.epoch, epochPublicKey: epochKey.bytes })
  const sealed = wiping(documentKey.bytes, key => seal(epochKey, info, key))
  const payload: Placement = {
    deployment,
    recordId: view.patient.recordId,
    documentId,
    from: lies,
    to: goes,
    epoch: next.epoch,
    envelope: hashText(sealed),
    t: instant(now),
  }
  const signer = ed25519Signer(view.sign, view.patient.identity.hash)
  const statement = await signStatement(StatementTyp.placement, payload, signer)
  return {
    action,
    placement: { statement, envelope: toBase64url(sealed) },
    ...(here === null ? {} : { dropPlacement: here.hash }),
    object: { document: documentId },
  }
}

function checkMove(
  view: RecordView,
  action: Placing,
  { lies, goes }: { readonly lies: CompartmentId; readonly goes: CompartmentId },
): void {
  const masked = compartmentOf(view, 'masked').id
  if (action === 'document.move') {
    if (lies === goes) {
      throw new StepError('The document lies there already; nothing was changed', { code: 'already-there' })
    }
    if (lies === masked || goes === masked) {
      throw new StepError('To hide a document use "coffre patient mask"; to show it again, "coffre patient unmask"', {
        code: 'move-masked',
      })
    }
    return
  }
  if (action === 'document.mask' && lies === masked) {
    throw new StepError('This document is masked already; nothing was changed', { code: 'already-masked' })
  }
  if (action === 'document.unmask' && (lies !== masked || goes === masked)) {
    throw new StepError('This document is not masked; nothing was changed', { code: 'not-masked' })
  }
}

function kindOf(view: RecordView, id: CompartmentId): string {
  return view.bundle.compartments.find(each => each.id === id)?.kind ?? id
}
