/**
 * docs/protocol/state.md as a table: for each action, what it may make of a state, and everything it may not, with the
 * code of the refusal. Client, host and auditor run the function tested here.
 */
import t from 'tap'
import { freshSeed, rootsOf } from '../../src/log/sets.ts'
import {
  changesState,
  checkFirst,
  checkSuccessor,
  type StateAction,
  type StateInForce,
  verifyState,
} from '../../src/log/state-chain.ts'
import type { Verified } from '../../src/log/verified.ts'
import type { CompartmentId, DocumentId, Hash, Instant, NationalId, RecordId } from '../../src/protocol/ids.ts'
import type { StateSets } from '../../src/protocol/record.ts'
import type { Grant, GrantCompartment, Placement } from '../../src/protocol/statements.ts'
import { makePatient, newId } from '../fixtures/document.ts'
import {
  anyHash,
  compartment,
  DAY_2,
  makeVerifiedGrant,
  makeVerifiedPlacement,
  type StateChanges,
  signedState,
  stateInForce,
  successor,
} from '../fixtures/states.ts'

const patient = await makePatient()
const { previous, reports, imaging, masked, doctor, hospital, hidden } = await stateInForce(patient)
const { sets, state: old } = previous
const { compartments } = old.payload
const [reportsNow, imagingNow, maskedNow] = compartments as [
  (typeof compartments)[0],
  (typeof compartments)[0],
  (typeof compartments)[0],
]
const bundleNext = { version: 4, hash: anyHash() }

const pharmacist = await makeVerifiedGrant(patient, {
  grantee: { kind: 'professional', id: '810000000025' as NationalId, keyStatement: anyHash() },
  compartments: [{ id: reports, rights: ['read'], epoch: 2, seal: anyHash() }],
})

/** The doctor's grant said again, with other seals for what is rolled, and whatever else a cheat would change. */
const reissue = (
  grant: Verified<Grant>,
  epochs: Record<string, number>,
  changes: Partial<Grant> = {},
  each: (entry: GrantCompartment) => GrantCompartment = entry => entry,
) =>
  makeVerifiedGrant(patient, {
    ...grant.payload,
    t: DAY_2,
    compartments: grant.payload.compartments.map(entry =>
      each(epochs[entry.id] === undefined ? entry : { ...entry, epoch: epochs[entry.id] as number, seal: anyHash() }),
    ),
    ...changes,
  })

const reportsRolled = compartment(reports, 3)
const rolled = [reportsRolled, imagingNow, maskedNow]
const doctorAgain = await reissue(doctor, { [reports]: 3 })

const giving: StateChanges = {
  state: { bundle: bundleNext },
  sets: { grants: [...sets.grants, pharmacist.hash] },
  grants: [pharmacist],
}
const rolling: StateChanges = {
  state: { compartments: rolled, bundle: bundleNext },
  sets: { grants: [doctorAgain.hash, hospital.hash] },
  grants: [doctorAgain],
}
const masking = await makeVerifiedPlacement(patient, { from: imaging, to: masked, epoch: 0 })
const unmasking = await makeVerifiedPlacement(patient, {
  documentId: hidden.payload.documentId,
  from: masked,
  to: reports,
  epoch: 2,
})

type Line = readonly [what: string, changes: StateChanges | Promise<StateChanges>, code: string | null]

/** `giving` with the new grant otherwise than it should be. */
async function givingOf(changes: Partial<Grant>): Promise<StateChanges> {
  const grant = await makeVerifiedGrant(patient, { ...pharmacist.payload, ...changes })
  return { ...giving, sets: { grants: [...sets.grants, grant.hash] }, grants: [grant] }
}
/** `rolling` with the doctor's re-issue otherwise than it should be. */
async function rollingWith(grant: Promise<Verified<Grant>>): Promise<StateChanges> {
  const made = await grant
  return { ...rolling, sets: { grants: [made.hash, hospital.hash] }, grants: [made] }
}
const rollingTo = (...changed: (typeof compartments)[0][]): StateChanges => ({
  ...rolling,
  state: { ...rolling.state, compartments: changed },
})
async function placing(changes: Partial<Placement> & Pick<Placement, 'from' | 'to' | 'epoch'>, keep = true) {
  const placement = await makeVerifiedPlacement(patient, changes)
  return {
    sets: { placements: [...(keep ? sets.placements : []), placement.hash] },
    placements: [placement],
  } satisfies StateChanges
}

/** A good change of each action; what follows spoils it in ways that no action allows. */
const GOOD: Record<Exclude<StateAction, 'record.open'>, StateChanges> = {
  'account.activate': { state: { bundle: bundleNext }, sets: { devices: [...sets.devices, anyHash()] } },
  'grant.give': giving,
  'grant.revoke': { state: { bundle: bundleNext }, sets: { grants: [hospital.hash] } },
  'compartment.roll': rolling,
  'document.mask': { sets: { placements: [hidden.hash, masking.hash] }, placements: [masking] },
  'document.unmask': { sets: { placements: [unmasking.hash] }, placements: [unmasking] },
}

const TABLE: Record<keyof typeof GOOD, readonly Line[]> = {
  'account.activate': [
    ['no new device', { state: { bundle: bundleNext } }, 'state-sets'],
    [
      'two new devices',
      { ...GOOD['account.activate'], sets: { devices: [...sets.devices, anyHash(), anyHash()] } },
      'state-sets',
    ],
    ['the device before is gone', { ...GOOD['account.activate'], sets: { devices: [anyHash()] } }, 'state-sets'],
    ['the same bundle', { sets: { devices: [...sets.devices, anyHash()] } }, 'state-bundle'],
  ],
  'grant.give': [
    ['the bundle may stay as it is', { ...giving, state: {} }, null],
    ['nothing given', { state: { bundle: bundleNext } }, 'state-sets'],
    ['the same grant twice', { ...giving, sets: { grants: [...sets.grants, doctor.hash] } }, 'state-sets'],
    ['another is taken back at once', { ...giving, sets: { grants: [hospital.hash, pharmacist.hash] } }, 'state-sets'],
    ['a grant that nobody signed', { ...giving, sets: { grants: [...sets.grants, anyHash()] } }, 'state-sets'],
    ['under the id of another', givingOf({ grantId: doctor.payload.grantId }), 'state-sets'],
    [
      'a second grant to one holder',
      givingOf({ grantee: { ...doctor.payload.grantee, keyStatement: anyHash() } }),
      'state-sets',
    ],
    [
      'the same number as an establishment is somebody else',
      givingOf({ grantee: { ...doctor.payload.grantee, kind: 'establishment' } }),
      null,
    ],
    [
      'in an epoch that is over',
      givingOf({ compartments: [{ id: reports, rights: ['read'], epoch: 1, seal: anyHash() }] }),
      'state-epoch',
    ],
    [
      'in an epoch to come',
      givingOf({ compartments: [{ id: reports, rights: ['read'], epoch: 3, seal: anyHash() }] }),
      'state-epoch',
    ],
    [
      'on a compartment that is not there',
      givingOf({ compartments: [{ id: newId<CompartmentId>(), rights: ['read'], epoch: 0, seal: anyHash() }] }),
      'state-epoch',
    ],
  ],
  'grant.revoke': [
    ['the bundle may stay as it is', { ...GOOD['grant.revoke'], state: {} }, null],
    ['nothing taken back', { state: { bundle: bundleNext } }, 'state-sets'],
    ['two at once', { sets: { grants: [] } }, 'state-sets'],
    [
      'one taken back, one given',
      { sets: { grants: [hospital.hash, pharmacist.hash] }, grants: [pharmacist] },
      'state-sets',
    ],
  ],
  'compartment.roll': [
    [
      'two compartments at once',
      (async () => {
        const [d, h] = [
          await reissue(doctor, { [reports]: 3, [imaging]: 1 }),
          await reissue(hospital, { [imaging]: 1 }),
        ]
        return {
          state: { compartments: [reportsRolled, compartment(imaging, 1), maskedNow], bundle: bundleNext },
          sets: { grants: [h.hash, d.hash] },
          grants: [d, h],
        }
      })(),
      null,
    ],
    [
      'a compartment that no grant names',
      { state: { compartments: [reportsNow, imagingNow, compartment(masked, 1)], bundle: bundleNext } },
      null,
    ],
    ['no compartment', { state: { bundle: bundleNext } }, 'state-compartments'],
    ['the same bundle', { ...rolling, state: { compartments: rolled } }, 'state-bundle'],
    [
      'an epoch skipped',
      (async () => {
        const again = await reissue(doctor, { [reports]: 4 })
        return {
          ...rollingTo(compartment(reports, 4), imagingNow, maskedNow),
          sets: { grants: [again.hash, hospital.hash] },
          grants: [again],
        }
      })(),
      'state-compartments',
    ],
    [
      'back to the epoch before',
      (async () => {
        const again = await reissue(doctor, { [reports]: 1 })
        return {
          ...rollingTo(compartment(reports, 1), imagingNow, maskedNow),
          sets: { grants: [again.hash, hospital.hash] },
          grants: [again],
        }
      })(),
      'state-compartments',
    ],
    ['without a link', rollingTo({ ...reportsRolled, link: null }, imagingNow, maskedNow), 'state-compartments'],
    [
      'with the old key',
      rollingTo({ ...reportsRolled, publicKey: reportsNow.publicKey }, imagingNow, maskedNow),
      'state-compartments',
    ],
    [
      'a new key in the same epoch',
      {
        state: {
          compartments: [{ ...reportsNow, publicKey: reportsRolled.publicKey }, imagingNow, maskedNow],
          bundle: bundleNext,
        },
      },
      'state-compartments',
    ],
    [
      'another link in the same epoch',
      {
        state: {
          compartments: [{ ...reportsNow, link: reportsRolled.link }, imagingNow, maskedNow],
          bundle: bundleNext,
        },
      },
      'state-compartments',
    ],
    ['a compartment added', rollingTo(...rolled, compartment(newId<CompartmentId>(), 0)), 'state-compartments'],
    ['a compartment removed', rollingTo(reportsRolled, imagingNow), 'state-compartments'],
    ['in another order', rollingTo(imagingNow, reportsRolled, maskedNow), 'state-compartments'],
    ['a grant not re-issued', { state: { compartments: rolled, bundle: bundleNext } }, 'state-epoch'],
    ['a grant left out', { ...rolling, sets: { grants: [hospital.hash] } }, 'state-sets'],
    [
      'a grant added',
      {
        ...rolling,
        sets: { grants: [doctorAgain.hash, hospital.hash, pharmacist.hash] },
        grants: [doctorAgain, await reissue(pharmacist, { [reports]: 3 })],
      },
      'state-sets',
    ],
    [
      'a grant in another’s place',
      (async () => {
        const stranger = await reissue(pharmacist, { [reports]: 3 })
        return { ...rolling, sets: { grants: [stranger.hash, hospital.hash] }, grants: [stranger] }
      })(),
      'state-sets',
    ],
    [
      'a re-issue with more rights',
      rollingWith(reissue(doctor, { [reports]: 3 }, {}, entry => ({ ...entry, rights: ['read', 'deposit'] }))),
      'state-sets',
    ],
    [
      'a re-issue on one more compartment',
      (async () => {
        const more = await reissue(doctor, { [reports]: 3 })
        return rollingWith(
          makeVerifiedGrant(patient, {
            ...more.payload,
            compartments: [...more.payload.compartments, { id: masked, rights: ['read'], epoch: 0, seal: anyHash() }],
          }),
        )
      })(),
      'state-sets',
    ],
    [
      'a re-issue until later',
      rollingWith(reissue(doctor, { [reports]: 3 }, { until: '2036-11-24T08:00:00.000Z' as Instant })),
      'state-sets',
    ],
    [
      'a re-issue to somebody else',
      rollingWith(
        reissue(doctor, { [reports]: 3 }, { grantee: { ...doctor.payload.grantee, id: '810000000033' as NationalId } }),
      ),
      'state-sets',
    ],
    [
      'a re-issue to another key',
      rollingWith(
        reissue(doctor, { [reports]: 3 }, { grantee: { ...doctor.payload.grantee, keyStatement: anyHash() } }),
      ),
      'state-sets',
    ],
    [
      'another seal where nothing was rolled',
      rollingWith(
        reissue(doctor, { [reports]: 3 }, {}, entry => (entry.id === imaging ? { ...entry, seal: anyHash() } : entry)),
      ),
      'state-sets',
    ],
    [
      'a re-issue of a grant that was not concerned',
      (async () => {
        const again = await reissue(hospital, {})
        return { ...rolling, sets: { grants: [doctorAgain.hash, again.hash] }, grants: [doctorAgain, again] }
      })(),
      'state-sets',
    ],
  ],
  'document.mask': [
    ['nothing placed', {}, 'state-sets'],
    [
      'two documents at once',
      { sets: { placements: [hidden.hash, masking.hash, unmasking.hash] }, placements: [masking, unmasking] },
      'state-sets',
    ],
    [
      'the next one of the same document, the one before still there',
      { sets: { placements: [hidden.hash, unmasking.hash] }, placements: [unmasking] },
      'state-sets',
    ],
    ['a placement that nobody signed', { sets: { placements: [hidden.hash, anyHash()] } }, 'state-sets'],
    [
      'one document placed, another’s placement gone',
      { sets: { placements: [masking.hash] }, placements: [masking] },
      'state-sets',
    ],
    [
      'from where the document does not lie',
      placing({ documentId: hidden.payload.documentId, from: imaging, to: reports, epoch: 2 }, false),
      'state-sets',
    ],
    ['in an epoch that is over', placing({ from: imaging, to: reports, epoch: 1 }), 'state-epoch'],
    [
      'to a compartment that is not there',
      placing({ from: imaging, to: newId<CompartmentId>(), epoch: 0 }),
      'state-epoch',
    ],
    ['with a new bundle', { ...GOOD['document.mask'], state: { bundle: bundleNext } }, 'state-bundle'],
  ],
  'document.unmask': [
    ['a placement taken out, none in its place', { sets: { placements: [] } }, 'state-sets'],
    [
      'the same document in another’s name',
      placing({ documentId: newId<DocumentId>(), from: masked, to: reports, epoch: 2 }, false),
      'state-sets',
    ],
  ],
}

/** What no action may do, each added to a good change of every action. */
const NEVER: readonly (readonly [what: string, (good: StateChanges) => StateChanges, code: string])[] = [
  ['a number skipped', good => also(good, { seq: 7 }), 'state-seq'],
  ['the number again', good => also(good, { seq: 5 }), 'state-seq'],
  ['a lower number', good => also(good, { seq: 4 }), 'state-seq'],
  ['on another predecessor', good => also(good, { prev: anyHash() }), 'state-prev'],
  ['on no predecessor', good => also(good, { prev: null }), 'state-prev'],
  ['dated before its predecessor', good => also(good, { t: '2026-11-24T07:59:59.999Z' as Instant }), 'state-time'],
  ['the bundle’s version skipped', good => also(good, { bundle: { version: 5, hash: anyHash() } }), 'state-bundle'],
  ['the bundle’s version lower', good => also(good, { bundle: { version: 2, hash: anyHash() } }), 'state-bundle'],
  [
    'another bundle under the same version',
    good => also(good, { bundle: { version: 3, hash: anyHash() } }),
    'state-bundle',
  ],
  ['a delegation added', good => sets_(good, { delegations: [...sets.delegations, anyHash()] }), 'state-sets'],
  ['a delegation taken out', good => sets_(good, { delegations: [] }), 'state-sets'],
  ['somebody blocked', good => sets_(good, { blocked: [...sets.blocked, '810000000017' as NationalId] }), 'state-sets'],
  ['somebody blocked no more', good => sets_(good, { blocked: [] }), 'state-sets'],
  ['a leaf twice', good => sets_(good, { delegations: [...sets.delegations, ...sets.delegations] }), 'state-sets'],
  ['a root of other sets', good => also(good, { devicesRoot: anyHash() }), 'state-roots'],
]
/** What only some actions may do. */
const ONLY: readonly (readonly [
  what: string,
  (good: StateChanges) => StateChanges,
  code: RegExp,
  but: readonly StateAction[],
])[] = [
  [
    'a device added',
    good => sets_(good, { devices: [...sets.devices, anyHash()] }),
    /^state-sets$/,
    ['account.activate'],
  ],
  ['a device taken out', good => sets_(good, { devices: [] }), /^state-sets$/, []],
  [
    'a grant taken out',
    good => sets_(good, { grants: (good.sets?.grants ?? sets.grants).slice(1) }),
    /^state-sets$/,
    [],
  ],
  [
    'a placement taken out',
    good => sets_(good, { placements: (good.sets?.placements ?? sets.placements).slice(1) }),
    /^state-sets$/,
    [],
  ],
  [
    'a compartment rolled',
    good => also(good, { compartments: [reportsNow, imagingNow, compartment(masked, 1)] }),
    /^state-(compartments|epoch)$/,
    [],
  ],
  [
    'compartments in another order',
    good => also(good, { compartments: [imagingNow, reportsNow, maskedNow] }),
    /^state-(compartments|epoch)$/,
    [],
  ],
]
const also = (good: StateChanges, state: StateChanges['state']): StateChanges => ({
  ...good,
  state: { ...good.state, ...state },
})
const sets_ = (good: StateChanges, changed: Partial<StateSets>): StateChanges => ({
  ...good,
  sets: { ...good.sets, ...changed },
})

const codeOf = (action: StateAction, next: StateInForce): string | null => {
  try {
    checkSuccessor(action, previous, next)
    return null
  } catch (error) {
    return (error as { code: string }).code
  }
}

for (const [name, lines] of Object.entries(TABLE)) {
  const action = name as keyof typeof GOOD
  t.test(action, async t => {
    t.equal(codeOf(action, await successor(patient, previous, GOOD[action])), null, 'a good one')
    for (const [what, changes, code] of lines) {
      t.equal(codeOf(action, await successor(patient, previous, await changes)), code, what)
    }
    for (const [what, spoil, code] of NEVER) {
      t.equal(codeOf(action, await successor(patient, previous, spoil(GOOD[action]))), code, what)
    }
    for (const [what, spoil, code, but] of ONLY) {
      if (but.includes(action)) continue
      t.match(codeOf(action, await successor(patient, previous, spoil(GOOD[action]))) ?? 'taken', code, what)
    }
  })
}

t.test('a change under another action’s name', async t => {
  const changes = await successor(patient, previous, giving)
  for (const action of ['account.activate', 'grant.revoke', 'compartment.roll', 'document.mask'] as const) {
    t.not(codeOf(action, changes), null, action)
  }
  t.equal(codeOf('record.open', changes), 'state-action')
})

t.test('a refusal shows both states', async t => {
  const next = await successor(patient, previous, also(giving, { seq: 9 }))
  t.throws(() => checkSuccessor('grant.give', previous, next), {
    code: 'state-seq',
    evidence: { action: 'grant.give', previous: old.text, next: next.state.text },
  })
})

t.test('the first state', async t => {
  const empty: StateSets = {
    seed: freshSeed(),
    grants: [],
    delegations: [],
    blocked: [],
    devices: [anyHash()],
    placements: [],
  }
  const first = (state: object = {}, changed: Partial<StateSets> = {}) => {
    const sets = { ...empty, ...changed }
    const compartments = [compartment(reports, 0), compartment(masked, 0)]
    return signedState(patient, { ...old.payload, seq: 0, prev: null, compartments, ...rootsOf(sets), ...state }).then(
      state => ({ state, sets }),
    )
  }
  const refused: [string, ReturnType<typeof first>, string][] = [
    ['not the first number', first({ seq: 1 }), 'state-seq'],
    ['a predecessor', first({ prev: anyHash() }), 'state-seq'],
    ['a compartment in epoch 1', first({ compartments: [compartment(reports, 1)] }), 'state-compartments'],
    ['a link in epoch 0', first({ compartments: [{ ...compartment(reports, 1), epoch: 0 }] }), 'state-compartments'],
    [
      'one compartment twice',
      first({ compartments: [compartment(reports, 0), compartment(reports, 0)] }),
      'state-compartments',
    ],
    ['a grant', first({}, { grants: [doctor.hash] }), 'state-sets'],
    ['a delegation', first({}, { delegations: [anyHash()] }), 'state-sets'],
    ['somebody blocked', first({}, { blocked: ['810000000017' as NationalId] }), 'state-sets'],
    ['a placement', first({}, { placements: [hidden.hash] }), 'state-sets'],
    ['no device', first({}, { devices: [] }), 'state-sets'],
    ['two devices', first({}, { devices: [anyHash(), anyHash()] }), 'state-sets'],
    ['other sets', first({ grantsRoot: anyHash() }), 'state-roots'],
  ]
  checkFirst(await first())
  for (const [what, made, code] of refused) {
    const state = await made
    t.throws(() => checkFirst(state), { code }, what)
  }
})

t.test('a state is its patient’s, of this record, in this installation', async t => {
  const other = await makePatient(patient.deployment)
  const payload = old.payload
  t.equal((await verifyState(old.text, patient)).hash, old.hash)
  await t.rejects(verifyState(old.text, other), { code: 'statement-signature' })
  await t.rejects(verifyState(old.text, { ...patient, recordId: other.recordId }), { code: 'statement-record' })
  await t.rejects(verifyState(old.text, { ...patient, deployment: newId() }), { code: 'statement-record' })
  await t.rejects(signedState(patient, { ...payload, identity: anyHash() }), { code: 'state-identity' })
  await t.rejects(signedState(patient, { ...payload, recordId: newId<RecordId>() }), { code: 'statement-record' })
  await t.rejects(verifyState(doctor.text, patient), { code: 'statement-type' })
})

t.test('a state of another identity of the same record never follows', async t => {
  const other = await makePatient(patient.deployment)
  const foreign = await stateInForce(other)
  const next = await successor(other, foreign.previous, { state: { seq: 6, prev: old.hash } })
  t.equal(codeOf('grant.give', next), 'state-identity')
})

t.test('which actions bring a state into force', async t => {
  for (const action of [...Object.keys(GOOD), 'record.open'] as StateAction[]) t.ok(changesState(action), action)
  for (const action of ['document.read', 'session.start', 'host.start', 'access.deny'] as const)
    t.notOk(changesState(action), action)
})

t.test('the order of a list says nothing', async t => {
  const next = await successor(patient, previous, {
    ...giving,
    sets: { grants: [pharmacist.hash, ...[...sets.grants].reverse()] as Hash[] },
  })
  t.equal(codeOf('grant.give', next), null)
})
