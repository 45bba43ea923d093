/** What must hold in every world, in words; each gives what is wrong, null when it holds. docs/model.md has the list. */
import { openGrant } from '../../src/client/grant-seal.ts'
import { envelopeInfo } from '../../src/client/infos.ts'
import { dueRolls } from '../../src/client/patient/roll.ts'
import { nothingSeen } from '../../src/client/seen.ts'
import { fromBase64url, toBase64url } from '../../src/crypto/bytes.ts'
import { CoffreError } from '../../src/crypto/errors.ts'
import type { SealSecretKey } from '../../src/crypto/keys.ts'
import { open } from '../../src/crypto/seal.ts'
import type { CompartmentId } from '../../src/protocol/ids.ts'
import { knownTo, openedBy, secretsOf } from './knowledge.ts'
import { checkedView, grantOf } from './moves.ts'
import { type Answer, HOLDERS, type Laid, last, patient, type World } from './world.ts'

type Invariant = (world: World) => Promise<string | null> | string | null

const mayRead = (answer: Answer, name: string, compartment: CompartmentId): boolean =>
  grantOf(answer, name)?.payload.compartments.some(
    ({ id, rights }) => id === compartment && rights.includes('read'),
  ) === true

const epochOf = ({ inForce }: Answer, compartment: CompartmentId) =>
  inForce.state.payload.compartments.find(({ id }) => id === compartment)

const INVARIANTS: Readonly<Record<string, Invariant>> = {
  'nobody knows the secret of an epoch who was not given to read in it or in a later one': world => {
    for (const { name } of HOLDERS) {
      const known = knownTo(world, name)
      for (const answer of world.chain) {
        for (const { id, epoch, publicKey } of answer.inForce.state.payload.compartments) {
          if (!known.has(publicKey)) continue
          const given = world.chain.some(each => mayRead(each, name, id) && (epochOf(each, id)?.epoch ?? -1) >= epoch)
          if (!given) return `${name} knows epoch ${epoch}, and was never given it`
        }
      }
    }
    return null
  },
  'when nothing is due, nobody who may not read holds a current secret': async world => {
    const now = last(world)
    const view = await viewOf(now)
    if (dueRolls(view).length > 0) return null
    for (const { name } of HOLDERS) {
      const known = knownTo(world, name)
      for (const { id, publicKey } of now.inForce.state.payload.compartments) {
        if (known.has(publicKey) && !mayRead(now, name, id)) return `${name} holds a current secret and nothing is due`
      }
    }
    return null
  },
  'a removed reader opens nothing that was deposited after the roll': world => {
    for (const document of world.documents) {
      const key = publicKeyOf(world, document)
      const first = world.chain.findIndex(each => epochOf(each, document.compartment)?.epoch === document.epoch)
      for (const { name } of HOLDERS) {
        const since = world.chain.slice(first).some(each => mayRead(each, name, document.compartment))
        if (!since && key !== null && knownTo(world, name).has(key))
          return `${name} opens a document deposited after the roll`
      }
    }
    return null
  },
  'the patient opens every document': async world => {
    const secrets = secretsOf(world.chain, await viewOf(last(world)))
    for (const document of world.documents) {
      const secret = secrets.get(document.compartment)?.get(document.epoch)
      if (secret === undefined) return `a document in epoch ${document.epoch} is out of the patient’s reach`
      if (!opens(secret, document)) return 'a document does not open for the patient'
    }
    return null
  },
  'every grant in force has its seals, and they open': world => sealsHold(last(world)),
  'who has a grant opens every document it lets read': world => {
    const now = last(world)
    for (const document of world.documents) {
      for (const { name } of HOLDERS) {
        if (!mayRead(now, name, document.compartment)) continue
        const key = publicKeyOf(world, document)
        if (key === null || !knownTo(world, name).has(key)) return `${name} may read a document and cannot open it`
      }
    }
    return null
  },
  'a masked document opens for nobody without a grant on masked': world => {
    for (const document of world.documents) {
      const placed = [...last(world).inForce.placements.values()].find(
        ({ payload }) => payload.documentId === document.deposit.documentId,
      )
      if (placed === undefined) continue
      const key = publicKeyOf(world, document)
      for (const { name } of HOLDERS) {
        if (world.chain.some(each => mayRead(each, name, placed.payload.to))) continue
        if (key === null || knownTo(world, name).has(key)) return `${name} opens a masked document`
      }
    }
    return null
  },
  'a lost device opens nothing after it was removed': world => {
    const lost = world.devices.find(({ isLost }) => isLost)
    if (lost === undefined) return null
    const removed = world.chain.findIndex(({ action }) => action === 'device.remove')
    if (removed < 0) return null
    const known = new Set(world.chain.flatMap(answer => [...openedBy(world.chain, answer, lost.accountKey)]))
    for (const { inForce } of world.chain.slice(removed)) {
      if (inForce.state.payload.compartments.some(({ publicKey }) => known.has(publicKey))) {
        return 'a lost device holds a secret from after its removal'
      }
    }
    return null
  },
}

const judged = new WeakMap<World['chain'], WeakMap<World['documents'], Map<boolean, Promise<string | null>>>>()

/**
 * The name of an invariant that does not hold, with what is wrong; null when all do. They speak of states, documents and
 * the lost device alone: worlds that differ in nothing else are judged together.
 */
export function broken(world: World): Promise<string | null> {
  const { chain, documents, devices } = world
  const ofChain = judged.get(chain) ?? new WeakMap<World['documents'], Map<boolean, Promise<string | null>>>()
  judged.set(chain, ofChain)
  const verdicts = ofChain.get(documents) ?? new Map<boolean, Promise<string | null>>()
  ofChain.set(documents, verdicts)
  const isLost = devices.some(each => each.isLost)
  const verdict =
    verdicts.get(isLost) ?? judge(world).catch(error => (error instanceof Error ? error.message : String(error)))
  verdicts.set(isLost, verdict)
  return verdict
}

async function judge(world: World): Promise<string | null> {
  for (const [name, holds] of Object.entries(INVARIANTS)) {
    const wrong = await holds(world)
    if (wrong !== null) return `${name}: ${wrong}`
  }
  return null
}

/** The record as a device that has the account key would see it, whatever it saw before. */
async function viewOf(answer: Answer) {
  const result = await checkedView(answer, answer.accountKey, nothingSeen())
  if (result instanceof CoffreError) throw new Error(`the state in force does not open: ${result.message}`)
  return result.view
}

function publicKeyOf({ chain }: World, { compartment, epoch }: Laid): string | null {
  for (const answer of chain) {
    const found = epochOf(answer, compartment)
    if (found?.epoch === epoch) return found.publicKey
  }
  return null
}

const opened = new Map<string, boolean>()
function opens(secret: SealSecretKey, { deposit, compartment, epoch, envelope }: Laid): boolean {
  const question = `${toBase64url(secret.publicKey.bytes).slice(0, 32)} ${compartment} ${epoch} ${envelope}`
  let answer = opened.get(question)
  if (answer === undefined) {
    const { documentId, commitment } = deposit
    const place = { recordId: patient.recordId, documentId, commitment: fromBase64url(commitment) }
    const info = envelopeInfo({ ...place, compartmentId: compartment, epoch, epochPublicKey: secret.publicKey.bytes })
    try {
      open(secret, info, fromBase64url(envelope))
      answer = true
    } catch (error) {
      if (!CoffreError.is(error)) throw error
      answer = false
    }
    opened.set(question, answer)
  }
  return answer
}

const sealed = new WeakMap<Answer, string | null>()
function sealsHold(answer: Answer): string | null {
  const known = sealed.get(answer)
  if (known !== undefined) return known
  let wrong: string | null = null
  for (const grant of answer.inForce.grants.values()) {
    const holder = HOLDERS.find(({ key }) => key.payload.nationalId === grant.payload.grantee.id)
    const seals = answer.served.grants.find(({ statement }) => statement === grant.text)?.seals ?? []
    try {
      openGrant({ grant, seals, state: answer.inForce.state.payload, key: holder?.seal as SealSecretKey })
    } catch (error) {
      if (!CoffreError.is(error)) throw error
      wrong = `${holder?.name}’s seals: ${error.message}`
    }
  }
  sealed.set(answer, wrong)
  return wrong
}
