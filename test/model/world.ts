/**
 * What the model is about: one record, its patient's devices, two professionals, and a host that keeps everything it was
 * ever sent and may serve any of it. Worlds are values: a move makes another one, so that all can be tried from each.
 * Every key, seal, statement and check is the program's own; docs/model.md says what is left out.
 */

import type { Trust } from '../../src/client/anchors.ts'
import { sealBundle } from '../../src/client/bundle.ts'
import { hashText } from '../../src/client/grant-seal.ts'
import { draftNext, signState } from '../../src/client/patient/draft.ts'
import type { RecordView } from '../../src/client/patient/view.ts'
import { marksOf, nothingSeen, type Seen } from '../../src/client/seen.ts'
import { makeSlot } from '../../src/client/slots.ts'
import { fromHex, randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { AccountKey, KitSecret, SealSecretKey } from '../../src/crypto/keys.ts'
import type { VerifiedKey } from '../../src/log/key-statement.ts'
import { freshSeed, rootsOf, slotLeaf } from '../../src/log/sets.ts'
import { checkFirst } from '../../src/log/state-chain.ts'
import type { ChangeAction } from '../../src/log/state-changes.ts'
import type { StateInForce } from '../../src/log/state-in-force.ts'
import type { Bundle } from '../../src/protocol/bundle.ts'
import type { CompartmentId, DocumentId, Hash, Instant, NationalId } from '../../src/protocol/ids.ts'
import type { RecordState } from '../../src/protocol/messages.ts'
import type { StateSets } from '../../src/protocol/record.ts'
import type { Deposit } from '../../src/protocol/statements.ts'
import { newId, type Patient } from '../fixtures/document.ts'
import { personOf } from '../fixtures/person.ts'

/** The only time there is. */
export const NOW = new Date('2026-11-24T08:00:00.000Z')
export const UNTIL = new Date('2027-11-24T08:00:00.000Z')

/** Compartments of the model's record, in their order. */
export const KINDS = ['reports', 'masked'] as const
export type Kind = (typeof KINDS)[number]

/** A state that came into force, with all the host keeps of it: what it may serve, then and for ever. */
export interface Answer {
  readonly served: RecordState
  readonly inForce: StateInForce
  readonly action: ChangeAction
  /** Whose account key seals its bundle. */
  readonly accountKey: AccountKey
}

/** A change that a device has made and not sent yet, or that is under way. */
export interface Pending {
  readonly what: string
  /** Number of the state it was made on. */
  readonly on: number
  readonly answer: Answer
}

/** One of the patient's devices. `seen` is on its disk; `view` and `pending` are gone when it crashes. */
export interface Device {
  readonly name: string
  readonly accountKey: AccountKey
  readonly seen: Seen
  readonly view: RecordView | null
  readonly pending: Pending | null
  /** In somebody else's hands. */
  readonly isLost: boolean
}

/** A professional, by name; `seen` is on the workstation's disk. */
export interface Reader {
  readonly name: string
  readonly seen: Seen
}

/** A document as the host keeps it: one envelope, the last one. */
export interface Laid {
  readonly deposit: Pick<Deposit, 'documentId' | 'compartment' | 'epoch' | 'commitment'>
  readonly compartment: CompartmentId
  readonly epoch: number
  readonly envelope: string
  /** Professionals who opened it, while they could. */
  readonly readBy: readonly string[]
}

export interface World {
  /** States in force, one after the other: the log is one list (witnesses see to that). */
  readonly chain: readonly Answer[]
  readonly devices: readonly Device[]
  readonly readers: readonly Reader[]
  readonly documents: readonly Laid[]
}

/** A professional's keys; the card behind them is not part of the model. */
export interface Holder {
  readonly name: string
  readonly key: VerifiedKey
  readonly seal: SealSecretKey
}

const hash = () => toBase64url(randomBytes(32)) as Hash

function holder(name: string, nationalId: string): Holder {
  const seal = SealSecretKey.generate()
  const payload = {
    kind: 'professional',
    nationalId: nationalId as NationalId,
    sealKey: toBase64url(seal.publicKey.bytes),
  } as const
  return { name, key: { hash: hash(), payload } as unknown as VerifiedKey, seal }
}

export const HOLDERS: readonly Holder[] = [holder('Anne', '810000000017'), holder('Bruno', '810000000025')]
const hex = (n: number, length = 32) => n.toString(16).padStart(2, '0').repeat(length)
const SEEDS = { sign: hex(0x11), seal: hex(0x12) }
export const patient: Patient = await personOf({
  deployment: newId<string>(),
  insurerSeed: hex(1),
  codeSeed: hex(0x10),
  signSeed: SEEDS.sign,
  sealSeed: SEEDS.seal,
  salt: hex(0x13),
  nonce: hex(0x14, 16),
  ins: '1234567890123456789042',
})
export const trust = { anchors: { deployment: patient.deployment, development: true } } as Trust
export const ids: Readonly<Record<Kind, CompartmentId>> = { reports: newId(), masked: newId() }
export const kindOf = (id: CompartmentId): Kind => (id === ids.reports ? 'reports' : 'masked')

/** A kit's slot for an account key: the model's stand-in for every slot. */
export function anySlot(accountKey: AccountKey, accountKeyVersion: number) {
  const opener = { kind: 'kit', kit: KitSecret.generate() } as const
  return makeSlot({ recordId: patient.recordId, accountKey, accountKeyVersion, opener })
}

/** A record just activated: two devices that have seen nothing, two professionals without access, no document. */
export async function opened(): Promise<World> {
  const accountKey = AccountKey.generate()
  const secrets = KINDS.map(() => SealSecretKey.generate())
  const bundle: Bundle = {
    v: 1,
    recordId: patient.recordId,
    version: 0,
    identity: { sign: toBase64url(fromHex(SEEDS.sign)), seal: toBase64url(fromHex(SEEDS.seal)) },
    compartments: KINDS.map((kind, i) => ({
      id: ids[kind],
      kind,
      epoch: 0,
      secret: toBase64url((secrets[i] as SealSecretKey).bytes),
      exposed: [],
    })),
    seen: marksOf(nothingSeen(), 0),
  }
  const sealed = sealBundle(accountKey, bundle)
  const none = { grants: [], delegations: [], blocked: [], placements: [] }
  const devices = [slotLeaf(anySlot(accountKey, 1))]
  const sets: StateSets = { seed: freshSeed(), ...none, devices }
  const { deployment, recordId, identity, signKey } = patient
  const state = await signState(
    {
      deployment,
      recordId,
      seq: 0,
      prev: null,
      identity: identity.hash,
      compartments: KINDS.map((kind, i) => ({
        id: ids[kind],
        epoch: 0,
        publicKey: toBase64url((secrets[i] as SealSecretKey).publicKey.bytes),
        link: null,
      })),
      ...rootsOf(sets),
      bundle: { version: 0, hash: hashText(sealed) },
      t: NOW.toISOString() as Instant,
    },
    { patient: { recordId, identity }, sign: signKey },
  )
  checkFirst({ state, sets })
  const maps = { grants: new Map(), delegations: new Map(), placements: new Map() }
  const inForce: StateInForce = { state, sets, identity, ...maps }
  const activated = await draftNext(
    inForce,
    { action: 'account.activate', device: anySlot(accountKey, 1), bundle: { ...bundle, version: 1 } },
    { deployment, patient: { recordId, identity }, sign: signKey, accountKey, now: NOW },
  )
  const served: RecordState = {
    state: activated.state.text,
    sets: activated.sets,
    grants: [],
    placements: [],
    bundle: activated.bundle ?? '',
  }
  const device = (name: string): Device => ({
    name,
    accountKey,
    seen: nothingSeen(),
    view: null,
    pending: null,
    isLost: false,
  })
  return {
    chain: [{ served, inForce: { ...inForce, ...activated }, action: 'account.activate', accountKey }],
    devices: [device('phone'), device('tablet')],
    readers: HOLDERS.map(({ name }) => ({ name, seen: nothingSeen() })),
    documents: [],
  }
}

export const newDocumentId = () => newId<DocumentId>()
export const newCommitment = () => toBase64url(randomBytes(32))
/** The last state in force. */
export const last = ({ chain }: World): Answer => chain.at(-1) as Answer
