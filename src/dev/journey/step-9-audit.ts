import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { toBase64url } from '../../crypto/bytes.ts'
import { newNonce, parseRequestSignature, signRequest } from '../../crypto/httpsig.ts'
import { formatSeen } from '../../log/seen.ts'
import type { Event } from '../../protocol/entry.ts'
import { type Hash, NationalId, RecordId } from '../../protocol/ids.ts'
import { insertEntry, type Place } from '../forge.ts'
import { CLINIC, OTHER_DOCTOR } from '../people.ts'
import { ensureLogSigner, ensureWitnessSigners } from '../signers.ts'
import { changeOneByte, copyStore, settled, storeFiles } from '../store-copy.ts'
import { check, type Stage, type Step } from './stage.ts'
import { openWorkstation } from './straight.ts'

/** The whole store is audited offline; two tampered copies are found out, each for what was done to it. */
export const audited: Step = {
  number: 9,
  title: 'The audit, and two tampered copies',
  async play(stage: Stage) {
    await audit(stage)
    await audit(stage, await copyWithOneByteChanged(stage))
    await audit(stage, await copyWithForgedRead(stage))
  },
}

/** A copy that was tampered with, and what an audit must say of it. */
interface Tampered {
  readonly folder: string
  /** Codes, all of which must be found; null: any finding will do. */
  readonly codes: readonly string[] | null
  readonly said: string
}

/** Audits the store, which must hold, or a tampered copy, which must not. */
export async function audit(stage: Stage, tampered: Tampered | null = null): Promise<void> {
  const { layout } = stage
  if (tampered === null) await settled(layout.host.store)
  const store = tampered?.folder ?? layout.host.store
  const words = ['audit', 'verify', store, '--anchors', layout.anchors]
  // A tampered copy is judged by itself alone; the store also by the receipts that its readers and authors keep.
  const receipts = tampered === null ? receiptFiles(stage) : []
  const { result, exitCode } = await stage.coffre([...words, ...receipts.flatMap(file => ['--receipts', file])])
  const findings = result.findings as { code: string }[]
  const codes = findings.map(({ code }) => code)
  if (tampered === null) {
    check(exitCode === 0 && findings.length === 0, `the audit finds nothing, not ${codes.join(', ')}`)
    stage.say('The audit holds, offline: chains, tree, checkpoints, signatures, receipts of all three workstations,')
    stage.say('every stored document, and the patient’s right behind each read and deposit.')
    return
  }
  check(exitCode >= 10 && findings.length > 0, 'the tampered copy is found out')
  const expected = tampered.codes
  check(
    expected === null || (codes.every(code => expected.includes(code)) && expected.every(code => codes.includes(code))),
    `the finding is ${expected?.join(', ')}, not ${codes.join(', ')}`,
  )
  stage.say(`${tampered.said}: found (${[...new Set(codes)].join(', ')}).`)
}

/** What each workstation kept of the host's promises. */
function receiptFiles({ layout }: Stage): string[] {
  return Object.values(layout.workstations).map(home => join(home, 'receipts.jsonl'))
}

async function copyWithOneByteChanged({ layout }: Stage): Promise<Tampered> {
  const folder = join(layout.data, 'tampered', 'one-byte')
  await copyStore(layout.host.store, folder)
  changeOneByte(folder)
  return { folder, codes: null, said: 'A copy with one byte changed' }
}

/**
 * A copy into which the host, with every key there is, wrote that a doctor without grant read the radiograph: the
 * doctor's request is well signed, the chain, the tree and the checkpoints agree.
 */
async function copyWithForgedRead(stage: Stage): Promise<Tampered> {
  const { layout, running } = stage
  const folder = join(layout.data, 'tampered', 'forged-read')
  await copyStore(layout.host.store, folder)
  const { database, log: tiles } = storeFiles(folder)
  const log = await ensureLogSigner(layout, running.world.anchors.deployment)
  const witnesses = await ensureWitnessSigners(layout)
  await insertEntry({ database, tiles, log, witnesses }, RecordId.parse(stage.fact('record')), place =>
    readWithoutGrant(stage, { ...place, database }),
  )
  return { folder, codes: ['no-grant'], said: 'A copy with a read without grant forged into it, every signature good' }
}

async function readWithoutGrant(
  stage: Stage,
  { previous, tree, database }: Place & { database: string },
): Promise<Omit<Event, 'salt'>> {
  const document = stage.fact('image')
  const workstation = await openWorkstation(stage, 'otherDoctor')
  const { signKey, keyStatement } = await workstation.workingKeys()
  const { t, state } = previous.parsed.event
  const request = {
    method: 'GET',
    authority: new URL(stage.running.world.anchors.urls.professionals).host,
    path: `/v1/records/${stage.fact('record')}/documents/${document}`,
    query: '',
    headers: { 'coffre-seen': formatSeen({ tree }) },
  }
  const signed = signRequest(
    { ...request, body: new Uint8Array(0) },
    { keyId: `key:${keyStatement}`, key: signKey, created: Math.floor(Date.parse(t) / 1000), nonce: newNonce() },
  )
  const { base, signature } = parseRequestSignature({ ...request, headers: { ...request.headers, ...signed } })
  return {
    t,
    actor: { kind: 'professional', id: NationalId.parse(OTHER_DOCTOR.id), key: keyStatement },
    action: 'document.read',
    object: { document },
    outcome: 'ok',
    grant: grantInForce(database, CLINIC.id),
    state,
    request: { base, signature: toBase64url(signature) },
  }
}

/** Some grant that is in force: the forger names one, as an honest entry would. */
function grantInForce(database: string, grantee: string): Hash {
  const reader = new DatabaseSync(database, { readOnly: true })
  const row = reader.prepare('SELECT hash FROM grants WHERE grantee = ? AND in_force = 1').get(grantee)
  reader.close()
  return (row as { hash: Hash }).hash
}
