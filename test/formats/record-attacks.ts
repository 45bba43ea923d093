/** What a lying host, or a wrong kit, would change in `record.json`, and what its reader says. */

import { formatKitSecret } from '../../src/crypto/kit-code.ts'
import { ed25519Signer, signStatement } from '../../src/crypto/statement.ts'
import { StatementTyp } from '../../src/protocol/statements.ts'
import { altered, some } from './altered-state.ts'
import { flipped64 } from './keys.ts'
import { type RecordFile, recordFile, type ServedDocument } from './record.ts'
import { story } from './story.ts'
import { draw, hex, type Json, once, text64 } from './vector-file.ts'
import { at, compartment, compartmentId, host, signByPatient } from './world.ts'
import { documentAttacks } from './wrong-documents.ts'

/** A change of the file after which its reader must refuse. */
export interface RecordAttack {
  readonly name: string
  readonly reader: 'patient' | 'doctor'
  /** Members from the top, then the value to put there. */
  readonly path: readonly (string | number)[]
  readonly value: Json
  readonly refused: string
}

/** What a lying host, or a wrong kit, would change. */
export const recordAttacks = once(async (): Promise<RecordAttack[]> => {
  const { documents, states, grants, patient, doctor, slots } = await story()
  const file = await recordFile()
  const [early, late, masked] = [documents.early, documents.late, documents.masked].map(
    ({ place }) => place.documentId,
  ) as unknown as [string, string, string]
  const served = (id: string) => file.documents[id] as ServedDocument
  const attack = (
    name: string,
    reader: RecordAttack['reader'],
    refused: string,
    path: RecordAttack['path'],
    value: Json,
  ): RecordAttack => ({
    name,
    reader,
    path,
    value,
    refused,
  })
  const reports = compartmentId('reports')
  const links = file.patient.epochs[reports]?.epochs ?? []
  const another = {
    slotId: slots[0].slotId,
    kind: 'kit',
    accountKeyVersion: 1,
    parameters: '',
    wrapped: flipped64(slots[0].wrapped, 3),
  }
  const withDelegation = await altered(states.masked, {}, { delegations: [some('delegation')] })
  const delegated = {
    ...file.patient,
    keys: { ...file.patient.keys, ...withDelegation },
    state: { ...file.patient.state, ...withDelegation },
  }
  const byCard = await signByPatient(StatementTyp.state, states.masked.payload, {
    ...patient,
    sign: host(),
    hash: text64(draw('delegation', 16)) as never,
  })
  const of = (id: string, ...rest: string[]) => ['documents', id, ...rest]
  const { payload } = documents.late
  const unreadable: readonly (readonly [string, string])[] = [
    ['a deposit that is no statement', documents.late.deposit.replaceAll('.', '')],
    ['a deposit that names no key', await signStatement(StatementTyp.deposit, payload, ed25519Signer(doctor.sign))],
    [
      'a deposit of another form',
      await signStatement(StatementTyp.deposit, { ...payload, t: 0 }, ed25519Signer(doctor.sign, doctor.hash)),
    ],
  ]
  return [
    attack('another kit', 'patient', 'slot-open', ['kit', 'text'], formatKitSecret(draw('another kit', 16))),
    attack('another person’s record', 'patient', 'registration-subject', ['ins'], '0315466963029986519437'),
    attack(
      'another record id',
      'patient',
      'record-identity',
      ['patient', 'keys', 'recordId'],
      text64(draw('another record', 16)),
    ),
    attack('a slot the patient never made', 'patient', 'slot-unknown', ['patient', 'keys', 'slots', 0], another),
    attack(
      'sets of an older state',
      'patient',
      'record-state',
      ['patient', 'keys', 'sets'],
      JSON.parse(JSON.stringify(states.rolled.sets)),
    ),
    attack(
      'an older bundle',
      'patient',
      'bundle-hash',
      ['patient', 'keys', 'bundle'],
      text64(states.granted.sealedBundle),
    ),
    attack(
      'an older state after a newer one',
      'patient',
      'state-rolled-back',
      ['patient', 'state', 'state'],
      states.rolled.text,
    ),
    attack('a grant withheld', 'patient', 'record-state', ['patient', 'state', 'grants'], []),
    attack('a placement withheld from the state', 'patient', 'record-state', ['patient', 'state', 'placements'], []),
    attack(
      'a document served without its placement',
      'patient',
      'placement-unknown',
      of(masked, 'document', 'placement'),
      null,
    ),
    attack(
      'the old envelope of a masked document',
      'patient',
      'envelope-hash',
      of(masked, 'document', 'envelope'),
      documents.masked.stored.envelope,
    ),
    attack(
      'a link altered',
      'patient',
      'envelope-open',
      ['patient', 'epochs', reports, 'epochs'],
      [
        links[0] as never,
        { ...links[1], publicKey: compartment(patient.recordId, 'laboratory', 0).publicKey } as never,
      ],
    ),
    attack(
      'another document',
      'doctor',
      'deposit-document',
      of(late, 'document', 'deposit'),
      served(early).document.deposit,
    ),
    attack(
      'a deposit altered',
      'doctor',
      'deposit-signature',
      of(late, 'document', 'deposit'),
      documents.late.deposit.slice(0, -4) + (documents.late.deposit.endsWith('AAAA') ? 'BBBA' : 'AAAA'),
    ),
    attack(
      'another envelope',
      'doctor',
      'envelope-hash',
      of(late, 'document', 'envelope'),
      served(early).document.envelope,
    ),
    attack(
      'another manifest',
      'doctor',
      'manifest-hash',
      of(late, 'document', 'manifest'),
      served(early).document.manifest,
    ),
    attack(
      'another compartment said',
      'doctor',
      'compartment-other',
      of(late, 'document', 'compartment'),
      compartmentId('laboratory'),
    ),
    attack('a body altered', 'doctor', 'body-block', of(late, 'body'), flipped64(served(late).body, 100)),
    attack(
      'a body cut short',
      'doctor',
      'body-truncated',
      of(late, 'body'),
      text64(documents.late.body.subarray(0, -1)),
    ),
    attack(
      'a body that goes on',
      'doctor',
      'body-extended',
      of(late, 'body'),
      text64(Uint8Array.from([...documents.late.body, 0])),
    ),
    attack('block hashes of another body', 'doctor', 'body-blocks', of(late, 'blocks'), served(early).blocks),
    ...unreadable.map(([name, text]) =>
      attack(name, 'doctor', 'deposit-author', of(late, 'document', 'deposit'), text),
    ),
    attack('an author nobody shows', 'doctor', 'deposit-author', ['keys'], {}),
    attack('lists nobody signed', 'doctor', 'deposit-author', ['keys', file.doctor.keyStatement, 'crls'], []),
    attack(
      'the grant from before the roll',
      'doctor',
      'grant-not-in-force',
      ['doctor', 'access', 'grant'],
      JSON.parse(JSON.stringify(grants.first.sealed)),
    ),
    attack(
      'the state from before the roll',
      'doctor',
      'grant-not-in-force',
      ['doctor', 'access', 'state'],
      states.granted.text,
    ),
    attack('a proof of another leaf', 'doctor', 'grant-not-in-force', ['doctor', 'access', 'proof', 'index'], 1),
    attack('somebody else’s grant', 'doctor', 'grant-other', ['doctor', 'nationalId'], '810000000025'),
    attack(
      'a grant sealed to other working keys',
      'doctor',
      'keys-missing',
      ['doctor', 'keyStatement'],
      grants.first.hash,
    ),
    attack('a grant whose term has passed', 'doctor', 'grant-other', ['now'], '2027-05-24T08:00:00.000Z'),
    attack(
      'seals swapped',
      'doctor',
      'grant-seal',
      ['doctor', 'access', 'grant', 'seals'],
      grants.second.sealed.seals.toReversed(),
    ),
    attack(
      'a working key that is not the grant’s',
      'doctor',
      'seal-open',
      ['doctor', 'sealSecret'],
      hex(draw('another seal', 32)),
    ),
    attack(
      'another insurer',
      'doctor',
      'statement-signature',
      ['anchors', 'insurerKey'],
      text64(host().verifyKey.bytes),
    ),
    attack(
      'another card authority',
      'doctor',
      'deposit-author',
      ['anchors', 'cardAuthorities'],
      [doctor.card.file.chain[0] as string],
    ),
    attack(
      'another identity',
      'doctor',
      'statement-signature',
      ['doctor', 'access', 'identity'],
      patient.text.replace(/~.*/, `~${patient.text.split('~')[1]?.slice(0, -4)}AAAA`),
    ),
    attack('another state of the same number', 'patient', 'state-forked', ['patient', 'state'], {
      ...(JSON.parse(JSON.stringify(file.patient.state)) as object),
      ...(await altered(states.masked, { t: at('08:51:00') })),
    } as never),
    attack('a delegation in the state', 'patient', 'record-state', ['patient'], delegated as never),
    attack('seals of a grant withheld', 'patient', 'record-state', ['patient', 'state', 'grants', 0, 'seals'], []),
    attack(
      'the placement’s old envelope',
      'patient',
      'record-state',
      ['patient', 'state', 'placements', 0, 'envelope'],
      documents.masked.stored.envelope,
    ),
    attack('a state signed by a card', 'doctor', 'statement-signature', ['doctor', 'access', 'state'], byCard),
    attack('a proof in another set', 'doctor', 'grant-not-in-force', ['doctor', 'access', 'proof', 'set'], 'devices'),
    ...(await documentAttacks(file)),
  ]
})

/** The file with one member changed. */
export function attacked(file: RecordFile, { path, value }: Pick<RecordAttack, 'path' | 'value'>): RecordFile {
  const copy = structuredClone(file)
  let at = copy as unknown as Record<string | number, unknown>
  for (const member of path.slice(0, -1)) at = at[member] as typeof at
  at[path.at(-1) as string] = value
  return copy
}
