/** What the patient, the insurer and the professionals sign, through the functions that verify it. */
import { fromBase64 } from '../../../src/crypto/bytes.ts'
import { parseCertificate, parseCrl } from '../../../src/crypto/x509.ts'
import { verifyActivation } from '../../../src/log/activation.ts'
import { verifyDelegation } from '../../../src/log/delegation.ts'
import { verifyErasure } from '../../../src/log/erasure.ts'
import { verifyGrant, verifyPlacement } from '../../../src/log/grant.ts'
import { verifyIdentity } from '../../../src/log/identity.ts'
import { verifyKeyStatement } from '../../../src/log/key-statement.ts'
import { verifyKeyWithdrawal } from '../../../src/log/key-withdrawal.ts'
import { verifyHandover, verifyRecovery } from '../../../src/log/recovery.ts'
import { verifyRegistration } from '../../../src/log/registration.ts'
import { rootsOf } from '../../../src/log/sets.ts'
import { checkSuccessor, verifyState } from '../../../src/log/state-chain.ts'
import { type ChangeAction, STATE_CHANGES } from '../../../src/log/state-changes.ts'
import type { StateInForce } from '../../../src/log/state-in-force.ts'
import type { Verified } from '../../../src/log/verified.ts'
import type { Anchors } from '../../../src/protocol/anchors.ts'
import { StateSets } from '../../../src/protocol/record.ts'
import { State, StatementTyp } from '../../../src/protocol/statements.ts'
import { delegated, handovers } from '../../formats/delegated-steps.ts'
import { erasure } from '../../formats/erasure.ts'
import { keyWithdrawal } from '../../formats/key-statement.ts'
import { verifiedIdentity, verifiedNext } from '../../formats/keys.ts'
import { recovery } from '../../formats/recovery.ts'
import { moreStatements, moreSteps } from '../../formats/state-steps.ts'
import { story } from '../../formats/story.ts'
import type { Format } from '../../formats/vector-file.ts'
import { activation, at, deployment, insurer, patientInsNumber, register, signByPatient } from '../../formats/world.ts'
import { mutateJson } from '../mutate.ts'
import { parsed } from '../parsed.ts'
import { target } from '../target.ts'
import { nearStatement, verification } from './statements.ts'

const { patient, doctor, states, grants, mask } = await story()
const [identity, next] = [await verifiedIdentity(), await verifiedNext()]
const { recordId } = patient
const record = { deployment, recordId, identity }
const opening = await register('opening')
const registrationCheck = { insurerKey: insurer().verifyKey, deployment } as const
const person = { ins: patientInsNumber, salt: opening.salt }
const registered = await verifyRegistration(opening.text, { ...registrationCheck, purpose: 'opening', person })
const activated = await activation()
const activationRegistration = await verifyRegistration(activated.registration.text, {
  ...registrationCheck,
  purpose: 'activation',
})
const { card, inForce, grants: byCard } = await delegated()
const delegation = await verifyDelegation(card.text, record)
const { good: handover } = await handovers()
const cards = {
  cardAuthorities: [parseCertificate(doctor.card.file.authority)],
  crls: doctor.card.file.crls.map(list => parseCrl(fromBase64(list))),
  at: new Date(at('09:00:00')),
}
const key = await verifyKeyStatement(doctor.text, { deployment, ...cards })
const recoveryText = (await recovery.cases()).flatMap(({ given, opens }) =>
  opens !== undefined && typeof given.recovery === 'string' ? [given.recovery] : [],
)

const erasing = { ...(await erasure.shared?.()), deployment } as unknown as Pick<Anchors, 'erasure' | 'deployment'>
/** Statements that a format's vectors take. */
const taken = async (format: Format, member: string) =>
  (await format.cases()).flatMap(({ given, opens }) => (opens === undefined ? [] : [String(given[member])]))
const [orders, withdrawals] = [await taken(erasure, 'order'), await taken(keyWithdrawal, 'withdrawal')]

const certificateCodes = [
  ...['malformed', 'identity', 'untrusted', 'usage', 'expired', 'not-yet-valid', 'revoked'].map(
    what => `certificate-${what}`,
  ),
  ...['crl-missing', 'crl-stale', 'base64-malformed'],
]
const ofRecord = [...verification, 'statement-record']
const PARTS_OF_A_STATE = [
  'seq',
  'prev',
  'time',
  'identity',
  'roots',
  'sets',
  'compartments',
  'epoch',
  'bundle',
  'signer',
  'warrant',
  'action',
]
const stateCodes = [...ofRecord, ...PARTS_OF_A_STATE.map(what => `state-${what}`)]

const { reissue, unmask } = await moreStatements()
const byHash = <T>(list: readonly Verified<T>[]) => new Map(list.map(each => [each.hash, each]))
const known = {
  identity,
  grants: byHash(
    await Promise.all(
      [grants.first.statement, grants.second.statement, reissue].map(text => verifyGrant(text, record)),
    ),
  ),
  delegations: byHash([delegation]),
  placements: byHash(await Promise.all([mask.statement, unmask].map(text => verifyPlacement(text, record)))),
}

/** Good steps, as what they say: signed anew, so that only the rules of the chain speak against a change. */
const steps = (await moreSteps())
  .filter(({ before, refused }) => before === 'masked' && refused === undefined)
  .map(({ action, next: { state, sets } }) => ({
    action,
    state: JSON.parse(Buffer.from(state.split('.')[1] as string, 'base64url').toString()),
    sets,
  }))
const before: StateInForce = {
  ...known,
  state: await verifyState(states.masked.text, record),
  sets: states.masked.sets,
}

async function step(json: string): Promise<null> {
  const value = parsed(json) as { action?: unknown; state?: unknown; sets?: unknown } | null
  const [state, sets] = [State.safeParse(value?.state), StateSets.safeParse(value?.sets)]
  if (!state.success || !sets.success || !json.isWellFormed()) return null
  const payload = { ...state.data, ...rootsOf(sets.data) }
  const text = await signByPatient(StatementTyp.state, payload, patient)
  const after: StateInForce = { ...known, state: await verifyState(text, record), sets: sets.data }
  const action = value?.action as ChangeAction
  checkSuccessor(action, before, after)
  if (!Object.hasOwn(STATE_CHANGES, action) || payload.seq !== before.state.payload.seq + 1) {
    throw new Error('a step was taken that no line of the table allows')
  }
  return null
}

const statement = (
  name: string,
  samples: readonly string[],
  take: (text: string) => Promise<unknown>,
  refusals: readonly string[],
  share = 0.5,
) => target({ name, share, samples, near: nearStatement(samples), take, refusals, authentic: true })

export default [
  statement(
    'registration',
    [opening.text],
    text => verifyRegistration(text, { ...registrationCheck, purpose: 'opening', person, usedAt: cards.at }),
    [
      ...verification,
      ...['key-id', 'deployment', 'dates', 'purpose', 'subject', 'not-yet-valid', 'expired'].map(
        what => `registration-${what}`,
      ),
    ],
  ),
  statement('identity', [patient.text], text => verifyIdentity(text, { registration: registered }), [
    ...verification,
    ...['identity-registration', 'identity-key-id', 'key-length', 'key-malformed'],
  ]),
  statement(
    'activation',
    [activated.text],
    text => verifyActivation(text, { registration: activationRegistration, identity, recordId: record.recordId }),
    [...verification, 'activation-registration', 'activation-record'],
  ),
  statement('grant', [grants.first.statement, grants.second.statement], text => verifyGrant(text, record), ofRecord),
  statement(
    'grant-by-card',
    [byCard.nurse, grants.second.statement],
    text => verifyGrant(text, { ...record, delegations: [delegation] }),
    ofRecord,
  ),
  statement('delegation', [card.text], text => verifyDelegation(text, record), [
    ...ofRecord,
    ...['delegation-compartments', 'key-length', 'key-malformed'],
  ]),
  statement('handover', [handover], text => verifyHandover(text, { ...record, next }), [
    ...ofRecord,
    'recovery-identity',
  ]),
  statement(
    'recovery',
    recoveryText,
    text => verifyRecovery(text, { ...record, next, key, ...cards }),
    [
      ...ofRecord,
      ...['recovery-identity', 'recovery-holder', 'recovery-compartments', 'key-certificate'],
      ...certificateCodes,
    ],
    0.05,
  ),
  statement('erasure', orders, text => verifyErasure(text, erasing), [
    ...verification,
    ...['erasure-key-id', 'erasure-deployment', 'erasure-range'],
  ]),
  statement(
    'key-withdrawal',
    withdrawals,
    text => verifyKeyWithdrawal(text, { deployment, ...cards, key }),
    [...verification, ...['key-certificate', 'key-holder', 'withdrawal-key'], ...certificateCodes],
    0.05,
  ),
  statement(
    'state',
    [states.granted.text, states.masked.text, inForce.state],
    text => verifyState(text, { ...record, delegations: [delegation] }),
    [...ofRecord, 'state-identity'],
  ),
  target({
    name: 'state-step',
    share: 0.1,
    samples: steps.map(each => JSON.stringify(each)),
    near: random => mutateJson(random, random.pick(steps)),
    take: step,
    refusals: stateCodes,
  }),
]
