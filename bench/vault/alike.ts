import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import * as patientSide from '../../src/crypto/opaque/client.ts'
import { createSetup, finishLogin, registrationResponse, startLogin } from '../../src/crypto/opaque/server.ts'
import type { DocumentId, Ins } from '../../src/protocol/ids.ts'
import { newId } from '../../test/fixtures/document.ts'
import { insOf } from '../../test/fixtures/patient.ts'
import { change, deposit, planGrant, planPlacement } from '../../test/fixtures/vault-acts.ts'
import { DOCTOR, makeHolder, openRecord, openVaultWorld, publish, signed } from '../../test/fixtures/vault-world.ts'
import type { Figure } from '../harness/figure.ts'
import { TELLING_T, welch } from '../samples/welch.ts'

/** Masked documents, each asked for many times; those that never were are new each time. */
const DOCUMENTS = 16
/** Measurements of each kind. */
const READS = 4000
/** Patients with an account; each is tried four times, a fifth would lock. */
const ACCOUNTS = 250
const TRIES = 4

export default {
  what: `Welch's t, in absolute value, of how long a host takes to refuse, in random order: a masked document or one that never was to a professional (${READS} of each, opening and body in turn), and a wrong secret code or an unknown INS (${ACCOUNTS * TRIES} of each: looking up, OPAQUE's two steps on the host's side, the failure's entry). Below ${TELLING_T} the two are not told apart.`,
  unit: 't',
  async *contests() {
    const folder = mkdtempSync(join(tmpdir(), 'coffre-bench-alike-'))
    const world = await openVaultWorld(folder)
    yield {
      variant: 'masked or never',
      rounds: 3,
      sides: { coffre: await maskedOrNever(world) },
      comparisons: [{ of: 'coffre', target: { most: TELLING_T } }],
    }
    let round = 0
    yield {
      variant: 'wrong or unknown',
      rounds: 2,
      sides: { coffre: await wrongOrUnknown(world, () => round++) },
      comparisons: [{ of: 'coffre', target: { most: TELLING_T } }],
    }
    await world.vault.close()
    rmSync(folder, { recursive: true, force: true })
  },
} satisfies Figure

type World = Awaited<ReturnType<typeof openVaultWorld>>

async function maskedOrNever(world: World) {
  const patient = await openRecord(world, insOf('1'))
  const doctor = await publish(world, await makeHolder(world, DOCTOR))
  await change(world, patient, await planGrant(world, patient, doctor))
  const masked: DocumentId[] = []
  for (let i = 0; i < DOCUMENTS; i++) {
    const { document } = await deposit(world, patient, doctor)
    await change(world, patient, await planPlacement(world, patient, { document, from: 'reports', to: 'masked' }))
    masked.push(document)
  }
  const { recordId } = patient.caller
  const { documents } = world.vault
  const path = `/v1/records/${recordId}/documents/x`
  let asked = 0
  const ask = (document: DocumentId) => {
    const request = signed(world, doctor, { path })
    const answer =
      asked++ % 4 < 2 ? documents.open(request, recordId, document) : documents.body(request, recordId, document, null)
    return answer.then(
      () => {
        throw new TypeError('It was not refused')
      },
      () => undefined,
    )
  }
  const pair = {
    first: () => ask(masked[asked % DOCUMENTS] as DocumentId),
    second: () => ask(newId<DocumentId>()),
  }
  return async () => Math.abs(await welch(pair, READS))
}

async function wrongOrUnknown(world: World, roundOf: () => number) {
  const setup = createSetup()
  const { deployment } = world.anchors
  const identifiersOf = (ins: string) => ({ client: ins, server: deployment })
  const accounts: Ins[] = []
  for (let i = 0; i < ACCOUNTS; i++) accounts.push(insOf(`${1000 + i}`))
  const secretCode = 'canal-Violette-38'
  const registering = patientSide.startRegistration(secretCode)
  const answered = registrationResponse({ setup, userIdentifier: 'one for all', request: registering.request })
  // Of one registration for all: what it costs the host does not depend on whose it is.
  const { record: opaque } = patientSide.finishRegistration({
    secretCode,
    state: registering.state,
    response: answered,
    identifiers: identifiersOf('one for all'),
  })
  for (const ins of accounts) {
    const { caller } = await openRecord(world, ins)
    await world.vault.store.write(tx =>
      tx.run(
        `INSERT INTO accounts (record, opaque, contact_kind, contact, contact_salt, activated)
         VALUES (@record, @opaque, 'mail', 'p@test.invalid', 'x', 0)`,
        { record: caller.recordId, opaque },
      ),
    )
  }
  const { request } = patientSide.startLogin('Autre-chose-51')
  const { signIns } = world.vault
  const attempt = async (ins: Ins) => {
    const at = world.now()
    const candidate = signIns.lookUp({ ins, device: null, at })
    const { state, response: _ } = startLogin({
      setup,
      record: candidate.opaque,
      request,
      userIdentifier: ins,
      identifiers: identifiersOf(ins),
    })
    const { handle } = await signIns.begin(candidate, state, at)
    const taken = await signIns.take(handle, at)
    try {
      finishLogin({ state: taken.opaqueState, finish: toBase64url(randomBytes(64)), identifiers: identifiersOf(ins) })
    } catch {
      await signIns.fail(taken).catch(() => {})
    }
  }
  return async () => {
    // Past every lock of the round before.
    if (roundOf() > 0) world.advance(24 * 3600_000)
    const turns = { known: 0, unknown: 0 }
    const base = 100_000 + Math.floor(Math.random() * 1e9)
    const pair = {
      first: () => attempt(accounts[turns.known++ % ACCOUNTS] as Ins),
      second: () => attempt(insOf(`${base + (turns.unknown++ % ACCOUNTS)}`)),
    }
    return Math.abs(await welch(pair, ACCOUNTS * TRIES))
  }
}
