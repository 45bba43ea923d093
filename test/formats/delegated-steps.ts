/** Steps of `state.json` by a delegation, by its card, and by a new identity: good and bad. */
import type { Instant, NationalId } from '../../src/protocol/ids.ts'
import type { StateSets } from '../../src/protocol/record.ts'
import { type Grant, type State, StatementTyp } from '../../src/protocol/statements.ts'
import { following, type StateBefore, some, type TextState, textOnly } from './altered-state.ts'
import type { Step } from './state-steps.ts'
import { story } from './story.ts'
import { draw, once, text64 } from './vector-file.ts'
import {
  at,
  compartment,
  compartmentId,
  hashOf,
  makeDelegation,
  nextPatient,
  patient,
  type Signatory,
  signByPatient,
} from './world.ts'

const NURSE = '810000000058' as NationalId

/** What these steps name: delegations of one card and of another that may do less, grants of the first. */
export const delegated = once(async () => {
  const { patient: who, states } = await story()
  const both = [
    ['reports', 1],
    ['laboratory', 0],
  ] as const
  const card = await makeDelegation(who, both)
  const lesser = await makeDelegation(who, [['reports', 1]], { may: ['revoke'] }, 'lesser card')
  const again = (changes: object) => signByPatient(StatementTyp.delegation, { ...card.payload, ...changes }, who)
  const rolled = card.payload.compartments.map((each, i) =>
    i === 0 ? { ...each, epoch: 2, seal: some('seal') } : each,
  )
  const reissued = { compartments: rolled, t: at('08:57:00') }
  const statements = {
    card: card.text,
    lesser: lesser.text,
    stale: await again({ delegationId: text64(draw('stale delegation', 16)), compartments: rolled }),
    reissued: await again(reissued),
    longer: await again({ ...reissued, maxUntil: '2036-11-24T08:00:00.000Z' }),
  }
  const given: Grant = {
    deployment: who.payload.deployment,
    recordId: who.recordId,
    grantId: text64(draw('card’s grant', 16)) as Grant['grantId'],
    grantee: { kind: 'professional', id: NURSE, keyStatement: some('nurse’s key') },
    compartments: [{ id: compartmentId('laboratory'), rights: ['read'], epoch: 0, seal: some('nurse’s seal') }],
    until: '2027-01-24T08:00:00.000Z' as Instant,
    t: at('08:56:00'),
  }
  const grant = (changes: object, by: Signatory = card.by) =>
    signByPatient(StatementTyp.grant, { ...given, ...changes }, by)
  const { payload: doctors } = (await story()).grants.second
  const [reports, ...rest] = doctors.compartments
  const rolledGrant = {
    ...doctors,
    t: at('08:57:00'),
    compartments: [{ ...reports, epoch: 2, seal: some('seal 2') }, ...rest],
  }
  const masked = [{ ...given.compartments[0], id: compartmentId('masked') }]
  const grants = {
    nurse: await grant({}),
    longer: await grant({ until: '2027-05-24T08:00:00.001Z' }),
    further: await grant({ compartments: masked }),
    own: await grant({}, who),
    /** The doctor’s, for the next epoch of the reports. */
    rolled: await signByPatient(StatementTyp.grant, rolledGrant, who),
    confirmed: await grant({ t: at('08:58:00') }, who),
    confirmedMore: await grant({ t: at('08:58:00'), until: '2027-02-24T08:00:00.000Z' }, who),
  }
  const inForce = await following(states.masked, {}, { delegations: [card.hash] })
  const inForceLesser = await following(states.masked, {}, { delegations: [lesser.hash] })
  const nurse = hashOf(grants.nurse)
  const withNurse = await following(
    inForce,
    { t: at('08:56:00') },
    { grants: [...inForce.sets.grants, nurse] },
    card.by,
  )
  return { card, lesser, statements, grants, inForce, inForceLesser, withNurse }
})

/** Handovers to the new identity, and to none that these steps take. */
export const handovers = once(async () => {
  const [who, next] = [await patient(), await nextPatient()]
  const { deployment } = who.payload
  const handover = { deployment, recordId: who.recordId, from: who.hash, to: next.hash, t: at('08:58:00') }
  return { good: await signByPatient(StatementTyp.handover, handover, who) }
})

export const delegatedSteps = once(
  async (): Promise<Step[]> => [
    ...(await givingSteps()),
    ...(await cardSteps()),
    ...(await endingSteps()),
    ...(await identitySteps()),
  ],
)

type Bad = readonly [name: string, refused: string, next: TextState, more?: Partial<Step>]

/** A good step, and others in its place. */
function steps(
  action: string,
  before: string,
  [name, good]: readonly [name: string, next: TextState],
  bad: readonly Bad[],
  more: Partial<Step> = {},
): Step[] {
  const made = (title: string, next: TextState, other: Partial<Step> = {}): Step => ({
    ...{ name: title, action, before, next: textOnly(next) },
    ...more,
    ...other,
  })
  return [made(name, good), ...bad.map(([title, refused, each, other]) => made(title, each, { ...other, refused }))]
}

async function givingSteps(): Promise<Step[]> {
  const { masked } = (await story()).states
  const { card, lesser, statements, inForce } = await delegated()
  const give = (...delegations: StateSets['delegations']) => following(masked, {}, { delegations })
  return steps(
    'delegation.give',
    'masked',
    ['delegation.give', inForce],
    [
      ['a delegation that nobody gave', 'state-sets', await give(some('delegation'))],
      ['two delegations at once', 'state-sets', await give(card.hash, lesser.hash)],
      ['no delegation', 'state-sets', await give()],
      ['a delegation for an epoch that is not current', 'state-epoch', await give(hashOf(statements.stale))],
      [
        'delegating takes a grant back',
        'state-sets',
        await following(masked, {}, { delegations: [card.hash], grants: [] }),
      ],
      [
        'a delegation given by the card itself',
        'statement-signature',
        await following(masked, {}, { delegations: [card.hash] }, card.by),
      ],
    ],
  )
}

async function cardSteps(): Promise<Step[]> {
  const { masked } = (await story()).states
  const { card, lesser, grants, inForce, inForceLesser, withNurse } = await delegated()
  const t = at('08:56:00')
  const by = (sets: Partial<StateSets>, changes: Partial<State> = {}, from: StateBefore = inForce, who = card.by) =>
    following(from, { t, ...changes }, sets, who)
  const giving = (text: string, changes: Partial<State> = {}) =>
    by({ grants: [...inForce.sets.grants, hashOf(text)] }, changes)
  const bundle = { version: inForce.payload.bundle.version + 1, hash: some('next bundle') }
  const blocked = await by({ grants: [], blocked: ['810000000017' as NationalId] })
  const late = '2027-05-24T08:00:00.000Z' as Instant
  const revoking = await by({ grants: [] })
  const [rolled, ...others] = inForce.payload.compartments
  const keyed = [{ ...rolled, publicKey: compartment((await patient()).recordId, 'reports', 0).publicKey }, ...others]
  return [
    ...steps(
      'grant.give',
      'delegated',
      ['a card gives', withNurse],
      [
        ['a card gives for longer than it may', 'state-sets', await giving(grants.longer)],
        ['a card gives a compartment that is not delegated', 'state-sets', await giving(grants.further)],
        ['a card gives what the patient signed', 'state-signer', await giving(grants.own)],
        ['a card makes a bundle', 'state-bundle', await giving(grants.nurse, { bundle })],
        ['a card gives when its term is over', 'state-signer', await giving(grants.nurse, { t: late })],
        [
          'a card gives, and changes a key',
          'state-compartments',
          await giving(grants.nurse, { compartments: keyed as never }),
        ],
        [
          'a card gives, and adds a device',
          'state-sets',
          await by({
            grants: [...inForce.sets.grants, hashOf(grants.nurse)],
            devices: [...inForce.sets.devices, some('device')],
          }),
        ],
        ['a card gives, and takes another’s back', 'state-sets', await by({ grants: [hashOf(grants.nurse)] })],
      ],
    ),
    {
      name: 'a card that may only take back gives',
      action: 'grant.give',
      before: 'delegatedLesser',
      next: textOnly(
        await by({ grants: [...inForce.sets.grants, hashOf(grants.nurse)] }, {}, inForceLesser, lesser.by),
      ),
      refused: 'state-sets',
    },
    {
      name: 'a card gives without a delegation in force',
      action: 'grant.give',
      before: 'masked',
      next: textOnly(await by({ grants: [...masked.sets.grants, hashOf(grants.nurse)] }, {}, masked)),
      refused: 'statement-signature',
    },
    ...steps(
      'grant.revoke',
      'delegated',
      ['a card takes back', revoking],
      [
        ['a card takes nothing back', 'state-sets', await by({})],
        ['a card makes a bundle when it takes back', 'state-bundle', await by({ grants: [] }, { bundle })],
      ],
    ),
    {
      name: 'a card takes back what reaches further than its delegation',
      action: 'grant.revoke',
      before: 'delegatedLesser',
      next: textOnly(await by({ grants: [] }, {}, inForceLesser, lesser.by)),
      refused: 'state-signer',
    },
    {
      name: 'a card blocks somebody',
      action: 'access.block',
      before: 'delegated',
      next: textOnly(blocked),
      refused: 'state-signer',
    },
    {
      name: 'a card revokes its delegation',
      action: 'delegation.revoke',
      before: 'delegated',
      next: textOnly(await by({ delegations: [] })),
      refused: 'state-signer',
    },
  ]
}

async function endingSteps(): Promise<Step[]> {
  const { recordId } = await patient()
  const { statements, grants, inForce, withNurse } = await delegated()
  const t = at('08:58:00')
  const end = (others: readonly string[], sets: Partial<StateSets> = {}) =>
    following(withNurse, { t }, { delegations: [], grants: [...inForce.sets.grants, ...others.map(hashOf)], ...sets })
  const next = { version: inForce.payload.bundle.version + 1, hash: some('next bundle') }
  const rolled = inForce.payload.compartments.map((each, i) => (i === 0 ? compartment(recordId, 'reports', 2) : each))
  const roll = (delegations: readonly string[]) =>
    following(
      inForce,
      { compartments: rolled as State['compartments'], bundle: next, t },
      {
        grants: [hashOf(grants.rolled)],
        delegations: delegations.map(hashOf),
      },
    )
  return [
    ...steps(
      'delegation.revoke',
      'givenByCard',
      ['a delegation is revoked, its grant with it', await end([])],
      [
        ['a grant of the card stays as it signed it', 'state-sets', await end([grants.nurse])],
        ['a grant of the card is confirmed for longer', 'state-sets', await end([grants.confirmedMore])],
        ['a delegation is revoked, and another’s grant goes', 'state-sets', await end([], { grants: [] })],
        [
          'no delegation is revoked',
          'state-sets',
          await end([grants.nurse], { delegations: inForce.sets.delegations }),
        ],
      ],
    ),
    ...steps(
      'delegation.revoke',
      'givenByCard',
      ['a delegation is revoked, its grant confirmed', await end([grants.confirmed])],
      [],
    ),
    ...steps(
      'compartment.roll',
      'delegated',
      ['a roll re-issues the delegation', await roll([statements.reissued])],
      [
        ['a roll without the delegation’s re-issue', 'state-epoch', await roll([statements.card])],
        ['a roll drops the delegation', 'state-sets', await roll([])],
        ['a roll re-issues the delegation for longer', 'state-sets', await roll([statements.longer])],
      ],
    ),
  ]
}

async function identitySteps(): Promise<Step[]> {
  const { masked } = (await story()).states
  const { withNurse } = await delegated()
  const [who, next] = [await patient(), await nextPatient()]
  const { good } = await handovers()
  const epochs = withNurse.payload.compartments.map(({ epoch }, i) =>
    compartment(who.recordId, ['reports', 'laboratory', 'masked'][i] as string, epoch + 1),
  ) as State['compartments']
  const anew = epochs.map(each => ({ ...each, link: null })) as State['compartments']
  const change: Partial<State> = {
    identity: next.hash,
    compartments: epochs,
    bundle: { version: withNurse.payload.bundle.version + 1, hash: some('next bundle') },
    t: at('08:59:00'),
  }
  const begun: Partial<StateSets> = { grants: [], delegations: [], devices: [some('next kit')] }
  const made = (changes: Partial<State> = {}, sets: Partial<StateSets> = {}, by: Signatory = next) =>
    following(withNurse, { ...change, ...changes }, { ...begun, ...sets }, by)
  const one = [...epochs.slice(0, 2), withNurse.payload.compartments[2]] as State['compartments']
  return [
    ...steps(
      'identity.change',
      'givenByCard',
      ['identity.change', await made()],
      [
        ['a new identity without a warrant', 'state-warrant', await made(), { handover: null }],
        ['a new identity, and its old one signs', 'statement-signature', await made({}, {}, who)],
        ['a new identity keeps a grant', 'state-sets', await made({}, { grants: masked.sets.grants })],
        [
          'a new identity keeps a delegation',
          'state-sets',
          await made({}, { delegations: withNurse.sets.delegations }),
        ],
        ['a new identity keeps the devices', 'state-sets', await made({}, { devices: withNurse.sets.devices })],
        [
          'a new identity with two devices',
          'state-sets',
          await made({}, { devices: [some('next kit'), some('device')] }),
        ],
        ['a new identity drops a placement', 'state-sets', await made({}, { placements: [] })],
        ['a new identity leaves a compartment in its epoch', 'state-compartments', await made({ compartments: one })],
        ['a new identity keeps the bundle', 'state-bundle', await made({ bundle: withNurse.payload.bundle })],
      ],
      { handover: good },
    ),
    ...steps(
      'identity.change',
      'givenByCard',
      ['a new identity whose epochs begin anew', await made({ compartments: anew })],
      [],
      {
        handover: good,
      },
    ),
    {
      name: 'a roll whose epoch begins anew',
      action: 'compartment.roll',
      before: 'masked',
      next: textOnly(
        await following(
          masked,
          { compartments: anew, bundle: change.bundle as State['bundle'], t: at('08:59:00') },
          { grants: [] },
        ),
      ),
      refused: 'state-compartments',
    },
  ]
}
