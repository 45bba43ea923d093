/** Writes the patient's own export of the trace: everything that shows it to somebody who trusts neither host nor patient. */

import { CoffreError } from '../../crypto/errors.ts'
import { filesByHand } from '../../log/by-hand.ts'
import { peek } from '../../log/verified.ts'
import { PublishedKey } from '../../protocol/directory.ts'
import type { Hash } from '../../protocol/ids.ts'
import { RegistrationFound } from '../../protocol/messages.ts'
import type { IdentityPaper } from '../../protocol/record.ts'
import { KeyStatement, StatementTyp } from '../../protocol/statements.ts'
import { HostRefusal, StepError, VerificationError } from '../errors.ts'
import type { LogView } from '../log-view.ts'
import { readWholeChain } from './chain.ts'
import type { PatientSession } from './session.ts'
import {
  CHECKPOINT_PATH,
  entryPath,
  erasurePath,
  grantPath,
  keyPath,
  PROOF_NAME,
  placementPath,
  README_PATH,
  RECORD_PATH,
  type TraceFile,
  type TraceRecord,
} from './trace-files.ts'
import { TRACE_README } from './trace-readme.ts'
import { compartmentOf, type RecordView } from './view.ts'

/**
 * Reads the whole trace, verifies it as `readTrace` does and gives the files of its export, one after the other. What
 * does not hold of single entries does not stop it: the export is then the evidence. No secret, INS, title or content is
 * in it; it tells who treated this patient. Throws as `readWholeChain`, `PatientSession.view`, `StepError`
 * `quorum-missing` while too few witnesses have cosigned the log, `VerificationError` `state-not-last`.
 */
export async function* exportTrace(session: PatientSession): AsyncIterable<TraceFile> {
  const { entries, erased, erasures, log } = await readWholeChain(session)
  const view = await session.view()
  const last = entries.at(-1)?.entry.parsed.event.state ?? null
  if (last !== view.state.hash) {
    throw new VerificationError(
      'The record changed while its trace was read, or the chain is not whole: export again',
      {
        code: 'state-not-last',
        evidence: { chain: last, state: view.state.text },
      },
    )
  }
  yield { path: README_PATH, content: TRACE_README }
  const record = await recordOf(session, view, entries.length + erased.length)
  const named = erasures.size === 0 ? record : { ...record, erasures: [...erasures.keys()] }
  yield { path: RECORD_PATH, content: `${JSON.stringify(named, null, 2)}\n` }
  yield { path: CHECKPOINT_PATH, content: log.checkpoint }

  const keys = new Map<Hash, PublishedKey | null>()
  for (const { entry, leaf } of entries) {
    const { actor } = entry.parsed.event
    const signKey =
      actor.kind === 'patient'
        ? session.patient.identity.payload.signKey
        : 'key' in actor
          ? signKeyOf(await published(session, actor.key, keys))
          : null
    const { n } = entry.parsed.link
    for (const [name, content] of Object.entries(filesByHand(entry, signKey)))
      yield { path: entryPath(n, name), content }
    yield { path: entryPath(n, PROOF_NAME), content: await proofOf(log, entry.hash, leaf) }
  }
  for (const { entry, leaf } of erased) {
    const { n } = entry.parsed.link
    for (const name of ['link', 'event'] as const) yield { path: entryPath(n, name), content: entry[name] }
    yield { path: entryPath(n, PROOF_NAME), content: await proofOf(log, entry.hash, leaf) }
  }
  for (const [order, shown] of erasures) yield { path: erasurePath(order), content: `${JSON.stringify(shown)}\n` }
  for (const [hash, key] of keys) if (key !== null) yield { path: keyPath(hash), content: `${JSON.stringify(key)}\n` }
  for (const [hash, text] of Object.entries(session.seen.grants)) yield { path: grantPath(hash), content: text }
  for (const { hash, text } of view.placements.values()) yield { path: placementPath(hash), content: text }
}

async function proofOf(log: LogView, hash: Hash, leaf: number): Promise<string> {
  const proof = await log.proveEntry(hash, leaf)
  if (proof !== null) return proof
  throw new StepError('Too few witnesses have cosigned the log: a proof would prove nothing. Try again later', {
    code: 'quorum-missing',
  })
}

async function recordOf(session: PatientSession, view: RecordView, entries: number): Promise<TraceRecord> {
  const { record, patient, trust, clock, host } = session
  const path = `/v1/registrations/${record.activation?.key}` as const
  const activation =
    record.activation === null
      ? null
      : (await host.call({ method: 'GET', path, answer: RegistrationFound })).registration
  return {
    v: 1,
    deployment: trust.anchors.deployment,
    recordId: patient.recordId,
    made: clock().toISOString() as TraceRecord['made'],
    entries,
    registration: record.registration,
    ...(record.earlier === undefined ? {} : { earlier: record.earlier.map(withoutSalt) }),
    identity: patient.identity.text,
    activation,
    state: view.state.text,
    sets: view.sets,
    masked: compartmentOf(view, 'masked').id,
  }
}

/** A key as the directory has it; null when it has none: whoever verifies the export finds that out. */
async function published(
  { host }: PatientSession,
  hash: Hash,
  known: Map<Hash, PublishedKey | null>,
): Promise<PublishedKey | null> {
  let key = known.get(hash)
  if (key === undefined) {
    key = await host.call({ method: 'GET', path: `/v1/keys/${hash}`, answer: PublishedKey }).catch(error => {
      if (HostRefusal.is(error)) return null
      throw error
    })
    known.set(hash, key)
  }
  return key
}

function signKeyOf(key: PublishedKey | null): string | null {
  if (key === null) return null
  try {
    return peek(key.statement, { typ: StatementTyp.key, schema: KeyStatement }).signKey
  } catch (error) {
    if (CoffreError.is(error)) return null
    throw error
  }
}

/** With the salt, whoever has the export could test which INS it is of. */
function withoutSalt({ identity, registration }: IdentityPaper): Omit<IdentityPaper, 'registrationSalt'> {
  return { identity, registration }
}
