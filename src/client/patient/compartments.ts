import { randomBytes, toBase64url, utf8, wiping } from '../../crypto/bytes.ts'
import { SealSecretKey } from '../../crypto/keys.ts'
import type { CompartmentId } from '../../protocol/ids.ts'
import { InputError } from '../errors.ts'
import { changeState, nextBundle, type PlannedChange } from './change.ts'
import type { PatientSession } from './session.ts'
import { missingKinds } from './succeed.ts'
import type { RecordView } from './view.ts'

/** By protocol, of all compartments together. */
const COMPARTMENTS_MAX = 64
/** Bytes of a name: it goes along in the seal of a grant. */
const NAME_MAX = 63

/** A compartment that a patient made. */
export interface CompartmentAdded {
  readonly id: CompartmentId
  readonly name: string
}

/**
 * Makes an own compartment: nobody has access to it but who is given it by name. Its name is in the encrypted bundle and
 * in the seals of grants, never at the host. Throws `InputError` `compartment-name`, `compartment-exists`,
 * `compartments-full`; as `changeState`.
 */
export async function addCompartment(session: PatientSession, name: string): Promise<CompartmentAdded> {
  const text = checkName(name)
  const id = toBase64url(randomBytes(16)) as CompartmentId
  await changeState(session, async view => planCompartment(view, { session, id, name: text }))
  return { id, name: text }
}

/** Makes the kinds that a record should have and has not: a re-opening may have lost their names. Throws as `addCompartment`. */
export async function addMissingKinds(session: PatientSession): Promise<string[]> {
  const missing = missingKinds(await session.view())
  for (const kind of missing) await addCompartment(session, kind)
  return missing
}

function planCompartment(
  view: RecordView,
  { session, id, name }: { readonly session: PatientSession; readonly id: CompartmentId; readonly name: string },
): PlannedChange {
  const { compartments: held } = view.bundle
  if (held.some(({ kind }) => kind === name)) {
    throw new InputError(`The record has a compartment "${name}" already; choose another name`, {
      code: 'compartment-exists',
    })
  }
  if (held.length >= COMPARTMENTS_MAX) {
    throw new InputError(`A record has at most ${COMPARTMENTS_MAX} compartments`, { code: 'compartments-full' })
  }
  using secret = SealSecretKey.generate()
  const fresh = { id, epoch: 0 } as const
  return {
    action: 'compartment.add',
    compartments: [
      ...view.state.payload.compartments,
      { ...fresh, publicKey: toBase64url(secret.publicKey.bytes), link: null },
    ],
    bundle: nextBundle(session.seen, view, [
      ...held,
      { ...fresh, kind: name, secret: wiping(secret.bytes, toBase64url), exposed: [] },
    ]),
    object: { compartment: id },
  }
}

function checkName(name: string): string {
  const text = name.normalize('NFC').trim()
  if (utf8(text).length > 0 && utf8(text).length <= NAME_MAX && !/[=\p{Cc}]/u.test(text)) return text
  throw new InputError(`A compartment's name has 1 to ${NAME_MAX} bytes, without "=" or control characters`, {
    code: 'compartment-name',
  })
}
