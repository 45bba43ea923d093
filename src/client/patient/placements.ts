import { fromBase64url, toBase64url } from '../../crypto/bytes.ts'
import { DocumentKey, SealPublicKey } from '../../crypto/keys.ts'
import { open, seal } from '../../crypto/seal.ts'
import { ed25519Signer, signStatement } from '../../crypto/statement.ts'
import type { CompartmentId, DocumentId, Hash } from '../../protocol/ids.ts'
import type { StateChangeAction } from '../../protocol/messages.ts'
import { type Placement, StatementTyp } from '../../protocol/statements.ts'
import { instant } from '../clock.ts'
import { StepError } from '../errors.ts'
import { hashText } from '../grant-seal.ts'
import { envelopeInfo } from '../infos.ts'
import { changeState } from './change.ts'
import { openForReading, readerOf } from './documents.ts'
import type { PatientSession } from './session.ts'
import { compartmentOf, placementOf, type RecordView, stateCompartment } from './view.ts'

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

async function place(
  session: PatientSession,
  documentId: DocumentId,
  action: Extract<StateChangeAction, 'document.mask' | 'document.unmask'>,
  target: (view: RecordView, deposited: CompartmentId) => CompartmentId,
): Promise<Placed> {
  const { document, stored } = await openForReading(session, await session.view(), documentId)
  const deposit = document.deposit.payload
  const commitment = fromBase64url(deposit.commitment)
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

    const envelope = {
      recordId: view.patient.recordId,
      documentId,
      commitment,
    }
    const secret = await readerOf(session, view).epochSecret(lies, old?.epoch ?? deposit.epoch)
    const opened = open(
      secret,
      envelopeInfo({
        ...envelope,
        compartmentId: lies,
        epoch: old?.epoch ?? deposit.epoch,
        epochPublicKey: secret.publicKey.bytes,
      }),
      fromBase64url(here === null ? stored.envelope : (view.sealedPlacements.get(here.hash)?.envelope ?? '')),
    )
    const documentKey = DocumentKey.parse(opened)
    const next = stateCompartment(view, goes)
    const epochKey = SealPublicKey.parse(fromBase64url(next.publicKey))
    const sealed = seal(
      epochKey,
      envelopeInfo({ ...envelope, compartmentId: goes, epoch: next.epoch, epochPublicKey: epochKey.bytes }),
      documentKey.bytes,
    )
    documentKey.wipe()
    const payload: Placement = {
      deployment: session.trust.anchors.deployment,
      recordId: view.patient.recordId,
      documentId,
      from: lies,
      to: goes,
      epoch: next.epoch,
      envelope: hashText(sealed),
      t: instant(session.clock()),
    }
    const signer = ed25519Signer(view.sign, view.patient.identity.hash)
    const statement = await signStatement(StatementTyp.placement, payload, signer)
    return {
      action,
      placement: { statement, envelope: toBase64url(sealed) },
      ...(here === null ? {} : { dropPlacement: here.hash }),
      object: { document: documentId },
    }
  })
  return { documentId, from, to, state }
}

function checkMove(
  view: RecordView,
  action: 'document.mask' | 'document.unmask',
  { lies, goes }: { readonly lies: CompartmentId; readonly goes: CompartmentId },
): void {
  const masked = compartmentOf(view, 'masked').id
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
