import { type Bytes, utf8 } from '../../src/crypto/bytes.ts'
import { rootsOf, slotLeaf } from '../../src/log/sets.ts'
import type { Bundle, BundleCompartment } from '../../src/protocol/bundle.ts'
import type { GrantId, Hash, Instant } from '../../src/protocol/ids.ts'
import type { StateSets } from '../../src/protocol/record.ts'
import { type State, StatementTyp } from '../../src/protocol/statements.ts'
import { draw, once, text64 } from './vector-file.ts'

import {
  at,
  closeBundle,
  compartment,
  compartmentId,
  deployment,
  deviceSlot,
  doctor,
  epochSecret,
  hash,
  hashOf,
  kitSlot,
  makeGrant,
  patient,
  signByPatient,
} from './world.ts'

import { makeDocument, maskDocument } from './world-documents.ts'

/** A state with its sets and bundle. */
export interface MadeState {
  readonly payload: State
  readonly sets: StateSets
  readonly text: string
  readonly hash: Hash
  readonly bundle: Bundle
  readonly sealedBundle: Bytes
}

const KINDS = ['reports', 'laboratory', 'masked'] as const

/** Makes the next state; what is left out stays as it was. */
async function nextState(
  previous: MadeState | null,
  change: {
    readonly t: Instant
    readonly sets?: Partial<StateSets>
    readonly reports?: number
    readonly exposed?: readonly GrantId[]
    /** Whether a new bundle goes with it. */
    readonly bundle: boolean
  },
): Promise<MadeState> {
  const who = await patient()
  const { recordId } = who
  const seq = previous === null ? 0 : previous.payload.seq + 1
  const none = { grants: [], delegations: [], blocked: [], devices: [], placements: [] }
  const sets: StateSets = {
    ...(previous?.sets ?? none),
    ...change.sets,
    seed: text64(draw(`state ${seq} seed`, 32)),
  }
  const reports = change.reports ?? previous?.payload.compartments[0]?.epoch ?? 0
  const bundle = change.bundle || previous === null ? makeBundle() : previous.bundle
  function makeBundle(): Bundle {
    const compartments = KINDS.map((kind): BundleCompartment => {
      const epoch = kind === 'reports' ? reports : 0
      const exposed = kind === 'reports' ? [...(change.exposed ?? previous?.bundle.compartments[0]?.exposed ?? [])] : []
      return { id: compartmentId(kind), kind, epoch, secret: text64(epochSecret(kind, epoch).bytes), exposed }
    })
    return {
      v: 1,
      recordId,
      version: (previous?.bundle.version ?? 0) + 1,
      identity: { sign: text64(who.sign.seed), seal: text64(who.seal.bytes) },
      compartments,
      seen: { seq, chain: null, tree: { size: 0, root: hash(new Uint8Array(0)) } },
    }
  }
  const sealedBundle = closeBundle(bundle)
  const payload: State = {
    deployment,
    recordId,
    seq,
    prev: previous?.hash ?? null,
    identity: who.hash,
    compartments: KINDS.map(kind => compartment(recordId, kind, kind === 'reports' ? reports : 0)),
    ...rootsOf(sets),
    bundle: { version: bundle.version, hash: hash(sealedBundle) },
    t: change.t,
  }
  const text = await signByPatient(StatementTyp.state, payload, who)
  return { payload, sets, text, hash: hashOf(text), bundle, sealedBundle }
}

/** The whole story: five states, the doctor's grant before and after the roll, three documents. */
export const story = once(async () => {
  const [who, to] = [await patient(), await doctor()]
  const slots = [kitSlot(who.recordId), deviceSlot(who.recordId)] as const
  const opened = await nextState(null, { t: at('08:05:00'), sets: { devices: [slotLeaf(slots[0])] }, bundle: true })
  const devices = slots.map(slotLeaf)
  const activated = await nextState(opened, { t: at('08:10:00'), sets: { devices }, bundle: true })
  const first = await makeGrant(who, to, 0, at('08:15:00'))
  const exposed = [first.payload.grantId]
  const granted = await nextState(activated, {
    t: at('08:15:00'),
    sets: { grants: [first.hash] },
    exposed,
    bundle: true,
  })
  const early = await makeDocument({
    name: 'document 1',
    title: 'Compte rendu de consultation',
    content: utf8('Consultation du 24 novembre 2026. Rien à signaler.\n'),
    epoch: 0,
    state: granted.hash,
    t: at('08:20:00'),
  })
  const second = await makeGrant(who, to, 1, at('08:30:00'))
  const rolled = await nextState(granted, {
    t: at('08:30:00'),
    sets: { grants: [second.hash] },
    reports: 1,
    exposed,
    bundle: true,
  })
  const late = await makeDocument({
    name: 'document 2',
    title: 'Compte rendu d’hospitalisation',
    content: utf8('Hospitalisation, jour après jour.\n'.repeat(500)),
    epoch: 1,
    state: rolled.hash,
    t: at('08:40:00'),
  })
  const private_ = await makeDocument({
    name: 'document 3',
    title: 'Suivi confidentiel',
    content: utf8('Ce que la personne ne veut montrer à personne.\n'),
    epoch: 1,
    state: rolled.hash,
    t: at('08:45:00'),
  })
  const mask = await maskDocument(private_, at('08:50:00'))
  const masked = await nextState(rolled, { t: at('08:50:00'), sets: { placements: [mask.hash] }, bundle: false })
  return {
    patient: who,
    doctor: to,
    slots,
    states: { opened, activated, granted, rolled, masked },
    grants: { first, second },
    documents: { early, late, masked: private_ },
    mask,
  }
})
