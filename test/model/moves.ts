/** Everything that may happen next in a world. Client moves run the program's own planners and checks. */
import { openGrant } from '../../src/client/grant-seal.ts'
import { envelopeInfo } from '../../src/client/infos.ts'
import type { PlannedChange } from '../../src/client/patient/change.ts'
import { draftNext } from '../../src/client/patient/draft.ts'
import { planGrant, planRevocation } from '../../src/client/patient/grants.ts'
import { planPlacement } from '../../src/client/patient/placements.ts'
import { dueRolls, planNewEpochs, planRoll } from '../../src/client/patient/roll.ts'
import { type RecordView, readView } from '../../src/client/patient/view.ts'
import { acceptState, type Seen } from '../../src/client/seen.ts'
import { fromBase64url, toBase64url } from '../../src/crypto/bytes.ts'
import { CoffreError } from '../../src/crypto/errors.ts'
import { AccountKey, DocumentKey, SealPublicKey } from '../../src/crypto/keys.ts'
import { seal } from '../../src/crypto/seal.ts'
import { proveLeaf, verifyLeaf } from '../../src/log/sets.ts'
import { checkSuccessor } from '../../src/log/state-chain.ts'
import type { ChangeAction } from '../../src/log/state-changes.ts'
import type { Verified } from '../../src/log/verified.ts'
import type { Grant, Right } from '../../src/protocol/statements.ts'
import { secretsOf } from './knowledge.ts'
import {
  type Answer,
  anySlot,
  type Device,
  HOLDERS,
  type Holder,
  ids,
  type Laid,
  last,
  NOW,
  newCommitment,
  newDocumentId,
  patient,
  type Reader,
  trust,
  UNTIL,
  type World,
} from './world.ts'

/** A client took what it must not take: the model's own finding, beside the invariants. */
export class Broken extends Error {}

/** A step, in words, and the world after it; null when it cannot be made from here. */
export interface Move {
  readonly name: string
  make(): Promise<World | null>
}

/** How far a search goes. */
export interface Scope {
  readonly states: number
  readonly documents: number
  /** Whether devices are lost, and documents masked. */
  readonly losses: boolean
  readonly masks: boolean
  /** Whether a host serves parts of one state with another. */
  readonly mixes?: boolean
}

/** All moves from a world. */
export function movesOf(world: World, scope: Scope): Move[] {
  const moves: Move[] = []
  const replaced = (device: Device, changes: Partial<Device>): World => ({
    ...world,
    devices: world.devices.map(each => (each === device ? { ...each, ...changes } : each)),
  })
  for (const device of world.devices) {
    if (device.isLost) continue
    world.chain.forEach((answer, seq) => {
      moves.push({ name: `${device.name} is served state ${seq}`, make: () => look(world, device, answer) })
    })
    if (scope.mixes === true) moves.push(...mixturesFor(world, device))
    if (device.view !== null && device.pending === null && world.chain.length < scope.states) {
      for (const change of changesOf(world, device.view, scope)) {
        moves.push({
          name: `${device.name} plans: ${change.what}`,
          make: async () => {
            const answer = await drafted(device, change)
            if (answer === null) return null
            const on = device.view?.state.payload.seq ?? 0
            return replaced(device, { pending: { what: change.what, on, answer } })
          },
        })
      }
    }
    if (device.pending !== null) moves.push({ name: `${device.name} sends`, make: () => send(world, device) })
    if (device.view !== null) {
      const name = `${device.name} crashes`
      moves.push({ name, make: async () => replaced(device, { view: null, pending: null }) })
    }
    if (scope.losses && world.devices.every(each => !each.isLost)) {
      const name = `${device.name} is lost`
      moves.push({ name, make: async () => replaced(device, { isLost: true, pending: null }) })
    }
  }
  for (const reader of world.readers) {
    if (world.documents.length < scope.documents) {
      world.chain.forEach((answer, seq) => {
        const name = `${reader.name} is served state ${seq} and deposits`
        moves.push({ name, make: () => deposit(world, reader, answer) })
      })
    }
    for (const document of world.documents) {
      moves.push({ name: `${reader.name} reads`, make: () => read(world, reader, document) })
    }
  }
  return moves
}

const looked = new WeakMap<Answer, Map<string, Promise<{ view: RecordView; seen: Seen } | CoffreError>>>()

/** The real check of what a host serves; the same question has the same answer, so it is asked once. */
export function checkedView(answer: Answer, accountKey: AccountKey, seen: Seen) {
  const asked = looked.get(answer) ?? new Map()
  looked.set(answer, asked)
  const question = `${keyName(accountKey)} ${seen.state?.seq} ${seen.state?.hash}`
  let known = asked.get(question)
  if (known === undefined) {
    known = readView(answer.served, { trust, patient, accountKey, seen }).catch(error => {
      if (CoffreError.is(error)) return error
      throw error
    })
    asked.set(question, known)
  }
  return known
}
const keyNames = new WeakMap<AccountKey, number>()
let keyCount = 0
function keyName(key: AccountKey): number {
  const known = keyNames.get(key) ?? ++keyCount
  keyNames.set(key, known)
  return known
}

/** The answer that a view was read from. */
const servedAs = new WeakMap<RecordView, Answer>()

/** The host serves a device any state it has. What is refused changes nothing. */
async function look(world: World, device: Device, answer: Answer): Promise<World | null> {
  const result = await checkedView(answer, device.accountKey, device.seen)
  if (result instanceof CoffreError) return null
  const { seq } = answer.inForce.state.payload
  const before = device.seen.state
  if (before !== null && (seq < before.seq || (seq === before.seq && answer.inForce.state.hash !== before.hash))) {
    throw new Broken(`${device.name} took state ${seq} after state ${before.seq}`)
  }
  servedAs.set(result.view, answer)
  const next: Device = { ...device, view: result.view, seen: result.seen, pending: null }
  return { ...world, devices: world.devices.map(each => (each === device ? next : each)) }
}

const MIXED = ['sets', 'grants', 'placements', 'bundle'] as const

/** A part of another state served with one: refused, always, unless both are the same. */
function mixturesFor(world: World, device: Device): Move[] {
  return world.chain.flatMap((answer, seq) =>
    world.chain.flatMap((other, from) =>
      MIXED.filter(part => JSON.stringify(answer.served[part]) !== JSON.stringify(other.served[part])).map(part => ({
        name: `${device.name} is served state ${seq} with the ${part} of state ${from}`,
        async make() {
          const served = { ...answer.served, [part]: other.served[part] }
          try {
            await readView(served, { trust, patient, accountKey: device.accountKey, seen: device.seen })
          } catch (error) {
            if (CoffreError.is(error)) return null
            throw error
          }
          throw new Broken(`${device.name} took state ${seq} with the ${part} of state ${from}`)
        },
      })),
    ),
  )
}

/** A change that a device may wish for. */
interface Wish {
  readonly what: string
  plan(view: RecordView, seen: Seen): Promise<PlannedChange & { readonly newAccountKey?: AccountKey }>
}

const give = (rights: readonly Right[]) => new Map([['reports', rights]])

function changesOf(world: World, view: RecordView, { masks }: Scope): Wish[] {
  const giver = { deployment: patient.deployment, patient: view.patient, sign: view.sign }
  const context = { giver, now: NOW, keyOf: async (hash: string) => holderOf(hash).key }
  const wishes: Wish[] = []
  for (const { name, key } of HOLDERS) {
    const held = [...view.grants.values()].find(({ payload }) => payload.grantee.id === key.payload.nationalId)
    if (held === undefined) {
      const input = { giver, to: key, rights: give(['read', 'deposit']), until: UNTIL, now: NOW }
      wishes.push({
        what: `give ${name}`,
        plan: async (on, seen) => (await planGrant(on, { ...input, seen })).change,
      })
    } else {
      wishes.push({ what: `revoke ${name}`, plan: async on => planRevocation(on, held.payload.grantId) })
    }
  }
  if (dueRolls(view).length > 0) wishes.push({ what: 'roll', plan: (on, seen) => planRoll(on, { ...context, seen }) })
  const shown = world.documents.find(({ compartment }) => compartment !== ids.masked)
  if (masks && shown !== undefined) {
    const envelope = shown.envelope
    const secret = secretsOf(world.chain, view).get(shown.compartment)?.get(shown.epoch)
    if (secret !== undefined) {
      const target = {
        deployment: patient.deployment,
        deposit: shown.deposit,
        envelope,
        secret,
        goes: ids.masked,
        now: NOW,
      }
      wishes.push({ what: 'mask', plan: on => planPlacement(on, { action: 'document.mask', ...target }) })
    }
  }
  if (world.devices.some(({ isLost }) => isLost) && view.sets.devices.length > 1) {
    wishes.push({
      what: 'remove the lost device',
      plan: async (on, seen) => {
        const all = new Set(on.bundle.compartments.map(({ id }) => id))
        const newAccountKey = AccountKey.generate()
        const epochs = await planNewEpochs(on, all, { ...context, seen })
        return {
          action: 'device.remove' as never,
          ...epochs,
          slots: [anySlot(newAccountKey, 2)],
          newAccountKey,
          object: {},
        }
      },
    })
  }
  return wishes
}

const holderOf = (hash: string) => HOLDERS.find(({ key }) => key.hash === hash) as Holder
const drafts = new WeakMap<RecordView, Map<string, Promise<Answer | null>>>()

/** The next state, signed and checked by the client's own code; once for each view and wish. */
function drafted({ view, seen }: Device, wish: Wish): Promise<Answer | null> {
  if (view === null) return Promise.resolve(null)
  const made = drafts.get(view) ?? new Map<string, Promise<Answer | null>>()
  drafts.set(view, made)
  let answer = made.get(wish.what)
  if (answer === undefined) {
    answer = draft(view, seen, wish)
    made.set(wish.what, answer)
  }
  return answer
}

async function draft(view: RecordView, seen: Seen, wish: Wish): Promise<Answer> {
  const { newAccountKey, ...planned } = await wish.plan(view, seen)
  const key = newAccountKey ?? view.accountKey
  const context = { deployment: patient.deployment, patient: view.patient, sign: view.sign, accountKey: key, now: NOW }
  const { state, sets, bundle } = await draftNext(view, planned, context)
  const dropped = new Set<string>(planned.dropGrants ?? [])
  const sealed = [...view.sealedGrants].filter(([hash]) => !dropped.has(hash)).map(([, each]) => each)
  const placed = [...view.sealedPlacements].filter(([hash]) => hash !== planned.dropPlacement).map(([, each]) => each)
  const served = {
    state: state.text,
    sets,
    grants: [...sealed, ...(planned.grants ?? [])],
    placements: [...placed, ...(planned.placement === undefined ? [] : [planned.placement])],
    bundle: bundle ?? servedAs.get(view)?.served.bundle ?? '',
  }
  const answer = { served, action: planned.action as ChangeAction, accountKey: key }
  const parsed = await readView(served, { trust, patient, accountKey: key, seen: { ...seen, state: null } })
  const { identity, grants, delegations, placements } = parsed.view
  return { ...answer, inForce: { state, sets, identity, grants, delegations, placements } }
}

/** The host takes a change made on the state in force, or says that it is stale. Its check is the program's. */
async function send(world: World, device: Device): Promise<World | null> {
  const { pending } = device
  if (pending === null) return null
  const now = last(world).inForce
  const { answer } = pending
  const devices = (changes: Partial<Device>) =>
    world.devices.map(each => (each === device ? { ...each, pending: null, ...changes } : each))
  if (answer.inForce.state.payload.prev !== now.state.hash) return { ...world, devices: devices({}) }
  checkSuccessor(answer.action as ChangeAction, now, answer.inForce)
  const { accountKey } = answer
  return {
    ...world,
    chain: [...world.chain, answer],
    documents: world.documents.map(each => laid(each, answer)),
    // A new account key is on the device that made it, before it is sent: else a crash here would shut it out.
    devices: devices({ accountKey }),
  }
}

/** Where the new state puts a document; its envelope before is destroyed. */
function laid(document: Laid, { served, inForce }: Answer): Laid {
  const placement = [...inForce.placements.values()].find(
    ({ payload }) => payload.documentId === document.deposit.documentId,
  )
  const sealed = served.placements.find(({ statement }) => statement === placement?.text)
  if (placement === undefined || sealed === undefined) return document
  const { to: compartment, epoch } = placement.payload
  return { ...document, compartment, epoch, envelope: sealed.envelope }
}

/** The grant in a state of whoever asks. */
export function grantOf({ inForce }: Answer, name: string): Verified<Grant> | null {
  const holder = HOLDERS.find(each => each.name === name)
  const grants = [...inForce.grants.values()]
  return grants.find(({ payload }) => payload.grantee.id === holder?.key.payload.nationalId) ?? null
}

/** A professional is served a state, checks it as the program does, and deposits; the log takes only a current epoch. */
async function deposit(world: World, reader: Reader, answer: Answer): Promise<World | null> {
  const grant = grantOf(answer, reader.name)
  const holder = HOLDERS.find(({ name }) => name === reader.name)
  if (grant === null || holder === undefined) return null
  const { state, sets } = answer.inForce
  let seen: Seen
  try {
    seen = acceptState(reader.seen, state)
  } catch (error) {
    if (CoffreError.is(error)) return null
    throw error
  }
  const before = reader.seen.state
  if (before !== null && state.payload.seq < before.seq) throw new Broken(`${reader.name} took an older state`)
  const proof = proveLeaf(sets, 'grants', grant.hash)
  if (!verifyLeaf(state.payload, proof, grant.hash)) throw new Broken('A leaf that is there does not prove')
  const seals = answer.served.grants.find(({ statement }) => statement === grant.text)?.seals ?? []
  openGrant({ grant, seals, state: state.payload, key: holder.seal })
  const readers = world.readers.map(each => (each === reader ? { ...each, seen } : each))
  const current = last(world).inForce.state.payload.compartments.find(({ id }) => id === ids.reports)
  const target = state.payload.compartments.find(({ id }) => id === ids.reports)
  const stillHolds = grantOf(last(world), reader.name) !== null
  // Refused and logged: the host's rule and the auditor's (`epoch-stale`, `no-grant`).
  if (target === undefined || current?.epoch !== target.epoch || !stillHolds) return { ...world, readers }
  const documentId = newDocumentId()
  const commitment = newCommitment()
  const epochKey = SealPublicKey.parse(fromBase64url(target.publicKey))
  const place = { recordId: patient.recordId, documentId, commitment: fromBase64url(commitment) }
  const info = envelopeInfo({ ...place, compartmentId: target.id, epoch: target.epoch, epochPublicKey: epochKey.bytes })
  const document: Laid = {
    deposit: { documentId, compartment: target.id, epoch: target.epoch, commitment },
    compartment: target.id,
    epoch: target.epoch,
    envelope: toBase64url(seal(epochKey, info, DocumentKey.generate().bytes)),
    readBy: [],
  }
  return { ...world, readers, documents: [...world.documents, document] }
}

/** A professional with a grant reads, and may keep what was read. */
async function read(world: World, reader: Reader, document: Laid): Promise<World | null> {
  const grant = grantOf(last(world), reader.name)
  const within = grant?.payload.compartments.some(
    ({ id, rights }) => id === document.compartment && rights.includes('read'),
  )
  if (within !== true || document.readBy.includes(reader.name)) return null
  const readBy = [...document.readBy, reader.name].sort()
  return { ...world, documents: world.documents.map(each => (each === document ? { ...each, readBy } : each)) }
}
