/** Steps of `state.json` that change devices, compartments, who is blocked, and take a placement back: good and bad. */

import type { Hash, NationalId } from '../../src/protocol/ids.ts'
import type { StateSets } from '../../src/protocol/record.ts'
import { type Grant, type Placement, type State, StatementTyp } from '../../src/protocol/statements.ts'
import { following, type StateBefore, some, type TextState, textOnly } from './altered-state.ts'
import { story } from './story.ts'
import { once } from './vector-file.ts'
import { at, compartment, compartmentId, hashOf, patient, signByPatient } from './world.ts'

/** One step: the state before by name, the next one, and the code where it is refused. */
export interface Step {
  readonly name: string
  readonly action: string
  readonly before: string
  readonly next: TextState
  /** What lets a new identity follow. */
  readonly handover?: string | null
  readonly refused?: string
}

/** What these steps name beside the story: the grant re-issued for all compartments, placements of the masked document. */
export const moreStatements = once(async () => {
  const { patient: who, grants, mask } = await story()
  const reissued = grants.second.payload.compartments.map(each => ({
    ...each,
    epoch: each.epoch + 1,
    seal: some(`seal ${each.id}`),
  }))
  const grant = (changes: Partial<Grant>) =>
    signByPatient(StatementTyp.grant, { ...grants.second.payload, ...changes }, who)
  const back = (changes: Partial<Placement>) =>
    signByPatient(
      StatementTyp.placement,
      { ...mask.payload, from: mask.payload.to, to: compartmentId('reports'), epoch: 1, t: at('08:55:00'), ...changes },
      who,
    )
  return {
    reissue: await grant({ compartments: reissued, t: at('08:55:00') }),
    unmask: await back({}),
    tooOld: await back({ epoch: 0 }),
    fromElsewhere: await back({ from: compartmentId('laboratory') }),
  }
})

/** The state after `masked`, with these changes. */
async function after(changes: Partial<State>, sets: Partial<StateSets>): Promise<TextState & StateBefore> {
  return following((await story()).states.masked, changes, sets)
}

const DOCTOR = '810000000017' as NationalId
const OTHER = '810000000025' as NationalId

/** The state in which the doctor is blocked: from it they are unblocked. */
export const blockedState = once(() => after({}, { grants: [], blocked: [DOCTOR] }))

export const moreSteps = once(async (): Promise<Step[]> => {
  const { states } = await story()
  const { masked } = states
  const { recordId } = await patient()
  const { reissue, unmask, tooOld, fromElsewhere } = await moreStatements()
  const { devices, grants, placements } = masked.sets
  const next = { version: masked.payload.bundle.version + 1, hash: some('next bundle') }
  const list: Step[] = []
  const add = (
    action: string,
    good: TextState,
    bad: readonly (readonly [string, string, TextState])[],
    before = 'masked',
  ) => {
    list.push({ name: action, action, before, next: textOnly(good) })
    for (const [name, refused, state] of bad) list.push({ name, action, before, next: textOnly(state), refused })
  }
  const [one, two] = [some('device 1'), some('device 2')]

  add('device.add', await after({}, { devices: [...devices, one] }), [
    ['adding two devices', 'state-sets', await after({}, { devices: [...devices, one, two] })],
    ['adding a device takes a grant back', 'state-sets', await after({}, { devices: [...devices, one], grants: [] })],
  ])

  const all = (epochs: readonly [string, number][]) => epochs.map(([kind, epoch]) => compartment(recordId, kind, epoch))
  const rolled = all([
    ['reports', 2],
    ['laboratory', 1],
    ['masked', 1],
  ])
  const removed = { compartments: rolled, bundle: next }
  const lost = { devices: [one], grants: [hashOf(reissue)] }
  const halfRolled = all([
    ['reports', 2],
    ['laboratory', 1],
    ['masked', 0],
  ])
  add('device.remove', await after(removed, lost), [
    [
      'removing a device keeps another’s slot',
      'state-sets',
      await after(removed, { ...lost, devices: devices.slice(0, 1) }),
    ],
    ['removing a device removes none', 'state-sets', await after(removed, { ...lost, devices: [one, two] })],
    [
      'removing a device leaves a compartment',
      'state-compartments',
      await after({ ...removed, compartments: halfRolled }, lost),
    ],
    ['removing a device keeps the bundle', 'state-bundle', await after({ compartments: rolled }, lost)],
    ['removing a device drops a grant', 'state-sets', await after(removed, { ...lost, grants: [] })],
  ])

  const skipped = all([
    ['reports', 1],
    ['laboratory', 0],
    ['masked', 2],
  ])
  list.push({
    name: 'a roll that skips an epoch nobody was granted',
    action: 'compartment.roll',
    before: 'masked',
    next: textOnly(await after({ compartments: skipped, bundle: next }, {})),
    refused: 'state-compartments',
  })

  const before = masked.payload.compartments
  const fresh = compartment(recordId, 'psychiatry', 0)
  const added = (compartments: State['compartments']) => after({ compartments, bundle: next }, {})
  add('compartment.add', await added([...before, fresh]), [
    [
      'a new compartment in epoch 1',
      'state-compartments',
      await added([...before, compartment(recordId, 'psychiatry', 1)]),
    ],
    ['a new compartment at the beginning', 'state-compartments', await added([fresh, ...before])],
    ['a compartment’s id a second time', 'state-compartments', await added([...before, ...before.slice(0, 1)])],
    [
      'a new compartment and the bundle as it was',
      'state-bundle',
      await after({ compartments: [...before, fresh] }, {}),
    ],
  ])

  add('access.block', await blockedState(), [
    ['blocking leaves the grant', 'state-sets', await after({}, { blocked: [DOCTOR] })],
    ['blocking somebody takes another’s grant', 'state-sets', await after({}, { blocked: [OTHER], grants: [] })],
    ['blocking two', 'state-sets', await after({}, { blocked: [DOCTOR, OTHER], grants: [] })],
  ])

  const blocked = await blockedState()
  const unblocked = (sets: Partial<StateSets>) =>
    following(blocked, { t: at('08:56:00') }, { grants: [], blocked: [], ...sets })
  add(
    'access.unblock',
    await unblocked({}),
    [
      ['unblocking gives the grant again', 'state-sets', await unblocked({ grants })],
      ['unblocking blocks another', 'state-sets', await unblocked({ blocked: [OTHER] })],
    ],
    'blocked',
  )

  const placed = (...leaves: Hash[]) => after({}, { placements: leaves })
  add('document.unmask', await placed(hashOf(unmask)), [
    ['the earlier placement stays', 'state-sets', await placed(...placements, hashOf(unmask))],
    ['a placement into an epoch that is not current', 'state-epoch', await placed(hashOf(tooOld))],
    ['a placement from where the document does not lie', 'state-sets', await placed(hashOf(fromElsewhere))],
    ['a placement taken back', 'state-sets', await placed()],
  ])
  return list
})
