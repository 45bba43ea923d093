/** What each party can come to know, computed by opening things with the program's own functions. */
import { openBundle } from '../../src/client/bundle.ts'
import { walkBack } from '../../src/client/epochs.ts'
import { openGift } from '../../src/client/grant-seal.ts'
import { grantSealInfo } from '../../src/client/infos.ts'
import type { RecordKeys } from '../../src/client/patient/view.ts'
import { fromBase64url, toBase64url } from '../../src/crypto/bytes.ts'
import { CoffreError } from '../../src/crypto/errors.ts'
import { type AccountKey, SealSecretKey } from '../../src/crypto/keys.ts'
import type { CompartmentId } from '../../src/protocol/ids.ts'
import type { EpochLinks } from '../../src/protocol/messages.ts'
import type { StateCompartment } from '../../src/protocol/statements.ts'
import { type Answer, HOLDERS, patient, type World } from './world.ts'

/** Public keys of epochs whose secret is known: a seal to any other key is out of reach. */
export type Known = ReadonlySet<string>

/** The links of a compartment as the host keeps them, newest first, up to a state. */
function linksUpTo(chain: readonly Answer[], id: CompartmentId, epoch: number): EpochLinks['epochs'] {
  const links = new Map<number, EpochLinks['epochs'][number]>()
  for (const { inForce } of chain) {
    const each = inForce.state.payload.compartments.find(compartment => compartment.id === id)
    if (each !== undefined && each.epoch <= epoch) links.set(each.epoch, each)
  }
  return [...links.values()].sort((a, b) => b.epoch - a.epoch)
}

type Secrets = ReadonlyMap<CompartmentId, ReadonlyMap<number, SealSecretKey>>
const walked = new WeakMap<Answer['inForce']['state'], Secrets>()

/** Every epoch's secret that the holder of a bundle reaches, through the links that the host keeps. */
export function secretsOf(
  chain: readonly Answer[],
  view: Pick<RecordKeys, 'bundle'> & { readonly state: Answer['inForce']['state'] },
): Secrets {
  const known = walked.get(view.state)
  if (known !== undefined) return known
  const secrets: Secrets = new Map(
    view.bundle.compartments.map(({ id, secret }) => {
      const current = view.state.payload.compartments.find(each => each.id === id) as StateCompartment
      return [id, reach(chain, current, SealSecretKey.parse(fromBase64url(secret)))]
    }),
  )
  walked.set(view.state, secrets)
  return secrets
}

function reach(chain: readonly Answer[], current: StateCompartment, secret: SealSecretKey) {
  const links = linksUpTo(chain, current.id, current.epoch)
  return walkBack({ recordId: patient.recordId, current, secret, links })
}

const gifts = new WeakMap<Answer, Map<string, Known>>()

/** What a professional comes to know of a state together with the host: every seal to the own key, and all it links to. */
function giftsOf(chain: readonly Answer[], answer: Answer, name: string): Known {
  const known = gifts.get(answer)?.get(name)
  if (known !== undefined) return known
  const holder = HOLDERS.find(each => each.name === name)
  const found = new Set<string>()
  for (const { statement, seals } of answer.served.grants) {
    const grant = [...answer.inForce.grants.values()].find(({ text }) => text === statement)?.payload
    if (grant === undefined || holder === undefined || grant.grantee.id !== holder.key.payload.nationalId) continue
    grant.compartments.forEach(({ id, epoch }, index) => {
      const { recordId, grantId, grantee } = grant
      const info = grantSealInfo({ recordId, compartmentId: id, epoch, keyStatement: grantee.keyStatement, grantId })
      const { secret } = openGift(holder.seal, info, fromBase64url(seals[index] as string))
      const current = answer.inForce.state.payload.compartments.find(each => each.id === id)
      if (secret === null || current === undefined) return
      for (const key of reach(chain, current, secret).values()) found.add(toBase64url(key.publicKey.bytes))
    })
  }
  gifts.set(answer, (gifts.get(answer) ?? new Map()).set(name, found))
  return found
}

/** Everything that a professional and the host together ever could open keys with. */
export function knownTo({ chain }: Pick<World, 'chain'>, name: string): Known {
  const names = together.get(chain) ?? new Map<string, Known>()
  together.set(chain, names)
  const known = names.get(name) ?? new Set(chain.flatMap(answer => [...giftsOf(chain, answer, name)]))
  names.set(name, known)
  return known
}
const together = new WeakMap<World['chain'], Map<string, Known>>()

const stolen = new WeakMap<Answer, WeakMap<AccountKey, Known>>()

/** What an account key opens of a state: all compartments' secrets of its bundle and before; nothing if it is another's. */
export function openedBy(chain: readonly Answer[], answer: Answer, accountKey: AccountKey): Known {
  const known = stolen.get(answer)?.get(accountKey)
  if (known !== undefined) return known
  const found = new Set<string>()
  try {
    const { state } = answer.inForce
    const sealed = fromBase64url(answer.served.bundle)
    const { bundle } = openBundle({ accountKey, sealed, ...patient, state: state.payload })
    for (const { id, secret } of bundle.compartments) {
      const current = state.payload.compartments.find(each => each.id === id) as StateCompartment
      const keys = reach(chain, current, SealSecretKey.parse(fromBase64url(secret)))
      for (const key of keys.values()) found.add(toBase64url(key.publicKey.bytes))
    }
  } catch (error) {
    if (!CoffreError.is(error)) throw error
  }
  const byKey = stolen.get(answer) ?? new WeakMap<AccountKey, Known>()
  stolen.set(answer, byKey.set(accountKey, found))
  return found
}
