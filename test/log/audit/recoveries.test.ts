import { join } from 'node:path'
import t from 'tap'
import { openStoreSource } from '../../../src/cli/audit/store-source.ts'
import { toBase64url } from '../../../src/crypto/bytes.ts'
import { SealSecretKey } from '../../../src/crypto/keys.ts'
import { SigningKey } from '../../../src/crypto/sign.ts'
import { cosignStatement, ed25519Signer, signStatement, statementHash } from '../../../src/crypto/statement.ts'
import { audit } from '../../../src/log/audit/audit.ts'
import { type AuditSource, type StoredEntry, type StoredText, WHOLE } from '../../../src/log/audit/source.ts'
import { type ParsedEntry, parseEntry, writeEntry } from '../../../src/log/entry.ts'
import { verifyIdentity } from '../../../src/log/identity.ts'
import { RECOVERY_WAIT_MS } from '../../../src/log/recovery.ts'
import { verifyRegistration } from '../../../src/log/registration.ts'
import type { StateInForce } from '../../../src/log/state-in-force.ts'
import type { Actor, Event } from '../../../src/protocol/entry.ts'
import { type Hash, Ins, type Instant } from '../../../src/protocol/ids.ts'
import { StatementTyp } from '../../../src/protocol/statements.ts'
import { newId, type Patient } from '../../fixtures/document.ts'
import { anyHash, compartment, makeCard, makeCardGrant, successor } from '../../fixtures/states.ts'
import { testFolder } from '../../fixtures/test-folder.ts'
import { change, compartmentOf, planGrant } from '../../fixtures/vault-acts.ts'
import {
  DOCTOR,
  letter,
  makeHolder,
  openRecord,
  openVaultWorld,
  publish,
  SECOND_DOCTOR,
  type Signer,
  signed,
} from '../../fixtures/vault-world.ts'

// A record that a vault opened, in which more is then entered than a host has routes for: what a card does for the
// patient, and how one identity follows another. All of it signed as it must be, unless the test says otherwise.
const folder = join(testFolder(t), 'store')
const world = await openVaultWorld(folder)
const { deployment } = world.anchors
const opened = await openRecord(world, Ins.parse('1234567890123456789042'))
const doctor = await publish(world, await makeHolder(world, DOCTOR))
const colleague = await publish(world, await makeHolder(world, SECOND_DOCTOR))
await change(world, opened, await planGrant(world, opened, doctor))
const letterOfNext = await letter(world, opened.ins, 'opening')
await world.vault.close()

const { recordId } = opened.patient
const patient: Patient = { deployment, recordId, identity: opened.patient.identity, signKey: opened.key }
const reports = compartmentOf(opened, 'reports')
const started = opened.inForce
const doctorsGrant = started.sets.grants[0] as Hash
const t0 = () => world.now().toISOString() as Instant
const inAYear = () => new Date(world.now().getTime() + 300 * 86_400_000).toISOString() as Instant

interface Entering {
  readonly actor: Actor
  readonly signer: Signer
  readonly action: Event['action']
  readonly object: Event['object']
  readonly path: string
  readonly state: StateInForce
  readonly grant?: Hash
}

/** The store, and what was entered after it. */
class Story {
  readonly entries: StoredEntry[]
  readonly texts: Map<string, string>
  readonly states: StateInForce[]

  constructor(before?: Story) {
    this.entries = [...(before?.entries ?? [])]
    this.texts = new Map(before?.texts)
    this.states = [...(before?.states ?? [])]
  }

  knows(text: string): Hash {
    const hash = toBase64url(statementHash(text)) as Hash
    this.texts.set(hash, text)
    return hash
  }

  async enter({ actor, signer, action, object, path, state, grant }: Entering): Promise<this> {
    const store = openStoreSource(folder, { bodies: false })
    const stored = await store.entries({ from: 0, to: await store.size(), part: WHOLE })
    store.close()
    const all = [...stored, ...this.entries]
    const head = parseEntry(all.findLast(({ chain }) => chain === recordId) as StoredEntry)
    world.advance(60_000)
    const caller = actor.kind === 'patient' ? opened.caller : doctor.caller
    const { base, signature } = signed(
      world,
      { ...signer, caller },
      { path: `/v1/records/${recordId}${path}`, body: {} },
    )
    const entry: ParsedEntry = writeEntry(
      { record: recordId, n: head.parsed.link.n + 1, prev: head.hash },
      {
        ...{ t: t0(), actor, action, object, outcome: 'ok', grant: grant ?? null },
        state: state.state.hash,
        request: { base, signature },
      },
    )
    this.entries.push({ seq: all.length, chain: recordId, link: entry.link, event: entry.event, hash: entry.hash })
    return this
  }

  /** An act that brings a state into force. */
  bring(state: StateInForce, act: Omit<Entering, 'state' | 'path'>): Promise<this> {
    this.knows(state.state.text)
    this.states.push(state)
    return this.enter({ ...act, path: act.action === 'identity.change' ? '/identity' : '/states', state })
  }

  async codes(): Promise<string[]> {
    const store = openStoreSource(folder, { bodies: false })
    const { entries: more, texts, states } = this
    const size = (await store.size()) + more.length
    const added = states.map(({ state: { hash, text } }): StoredText => ({ hash, statement: text, record: recordId }))
    const source: AuditSource = {
      ...store,
      size: () => size,
      async entries(range) {
        const stored = await store.entries(range)
        return [...stored, ...more.filter(({ seq }) => seq >= range.from && seq < range.to)]
      },
      statement: (kind, hash) => texts.get(hash) ?? store.statement(kind, hash),
      sets(hash) {
        const own = states.find(({ state }) => state.hash === hash)
        return own === undefined ? store.sets(hash) : JSON.stringify(own.sets)
      },
      async *statements(kind) {
        yield* store.statements(kind)
        if (kind === 'state') yield* added
      },
    }
    try {
      const { findings } = await audit(source, { anchors: world.anchors, now: world.now() })
      return findings.map(({ code }) => code).sort()
    } finally {
      store.close()
    }
  }
}

const self: Actor = { kind: 'patient', id: recordId, key: patient.identity.hash }
const bySelf = { actor: self, signer: { keyId: opened.keyId, key: opened.key } }

t.test('a card that the patient delegated gives a grant in the patient’s place', async t => {
  const within = { compartments: [{ id: reports, epoch: 0, seal: anyHash() }], maxUntil: inAYear(), t: t0() }
  const card = await makeCard(patient, within)
  const { delegation } = card
  const delegated = await successor(patient, started, {
    sets: { delegations: [delegation.hash] },
    delegations: [delegation],
    state: { t: t0() },
  })
  const story = new Story()
  story.knows(delegation.text)
  const give = { ...bySelf, action: 'delegation.give', object: { delegation: delegation.hash } } as const
  await story.bring(delegated, give)
  t.same(await story.codes(), [], 'the delegation')

  const grant = await makeCardGrant(patient, card, {
    grantee: { kind: 'professional', id: colleague.caller.id, keyStatement: colleague.hash },
    compartments: [{ id: reports, rights: ['read'], epoch: 0, seal: anyHash() }],
    until: within.maxUntil,
    t: t0(),
  })
  const given = await successor(patient, delegated, {
    card,
    sets: { grants: [...delegated.sets.grants, grant.hash] },
    grants: [grant],
    state: { t: t0() },
  })
  const signer = { keyId: `card:${delegation.payload.delegationId}`, key: card.signKey }
  const byCard = { actor: { ...self, key: delegation.hash }, signer } as const
  const object = { grant: grant.hash, grantee: grant.payload.grantee.id }
  const giving = async (before: Story, by: Pick<Entering, 'actor' | 'signer'>) => {
    const after = new Story(before)
    after.knows(grant.text)
    return after.bring(given, { ...by, action: 'grant.give', object })
  }
  const done = await giving(story, byCard)
  t.same(await done.codes(), [], 'the grant')

  t.same(await (await giving(story, bySelf)).codes(), ['actor-wrong'], 'the patient did not sign that state')
  const read = {
    action: 'document.list',
    object: { ids: anyHash(), count: 0 },
    path: '/documents',
    state: given,
  } as const
  const reading = await new Story(done).enter({ ...byCard, ...read })
  t.ok((await reading.codes()).includes('actor-wrong'), 'a card does not read')
  const byOther = { ...byCard, signer: { ...signer, key: SigningKey.generate() } }
  t.same(await (await giving(story, byOther)).codes(), ['request-signature'], 'the card’s own key')

  const missing = new Story(done)
  missing.texts.delete(delegation.hash)
  t.ok((await missing.codes()).includes('statement-missing'))
  const altered = new Story(done)
  altered.texts.set(delegation.hash, (await makeCard(patient, within, card.signKey)).delegation.text)
  t.ok((await altered.codes()).includes('statement-altered'))
  const taken = new Story(story)
  const revoked = await successor(patient, delegated, { sets: { delegations: [] }, state: { t: t0() } })
  await taken.bring(revoked, { ...bySelf, action: 'delegation.revoke', object: { delegation: delegation.hash } })
  t.same(await taken.codes(), [], 'taken back')
  t.ok((await (await giving(taken, byCard)).codes()).includes('state-broken'), 'and used all the same')
})

/** The identity that comes next, by a letter of its own. */
async function makeNext(): Promise<Patient> {
  const { key: code, hash, import: imported } = letterOfNext
  const registration = await verifyRegistration(imported.registration, {
    ...{ insurerKey: world.insurer.verifyKey, deployment, purpose: 'opening' },
  })
  const signKey = SigningKey.generate()
  const text = await cosignStatement(
    StatementTyp.identity,
    {
      deployment,
      registration: hash,
      signKey: toBase64url(signKey.verifyKey.bytes),
      sealKey: toBase64url(SealSecretKey.generate().publicKey.bytes),
      prevIdentity: patient.identity.hash,
      nonce: newId(),
    },
    ed25519Signer(code, hash),
    ed25519Signer(signKey, 'self'),
  )
  return { deployment, recordId, identity: await verifyIdentity(text, { registration }), signKey }
}

t.test('one identity follows another: by its own word, or by a doctor’s card and 72 hours', async t => {
  const next = await makeNext()
  const names = { identity: next.identity.hash, registration: letterOfNext.hash }
  const byNext = {
    actor: { ...self, key: next.identity.hash },
    signer: { keyId: `identity:${next.identity.hash}`, key: next.signKey },
  } as const
  /** The new identity comes in, by what `warrant` names. */
  const comesIn = async (before: Story, warrant: Record<string, string>) => {
    const after = new Story(before)
    const now = started.state.payload
    const state = await successor(patient, started, {
      by: next,
      state: {
        compartments: now.compartments.map(({ id, epoch }) => compartment(id, epoch + 1)),
        bundle: { version: now.bundle.version + 1, hash: anyHash() },
        t: t0(),
      },
      sets: { grants: [], delegations: [], devices: [anyHash()] },
    })
    await after.bring(state, { ...byNext, action: 'identity.change', object: { ...names, ...warrant } })
    return after.codes()
  }
  const story = new Story()
  story.knows(next.identity.text)
  const said = { deployment, recordId, from: patient.identity.hash, to: next.identity.hash, t: t0() }
  const handOver = (key: SigningKey) =>
    signStatement(StatementTyp.handover, said, ed25519Signer(key, patient.identity.hash))
  const handedOver = story.knows(await handOver(patient.signKey))
  t.same(await comesIn(story, { handover: handedOver }), [])
  const forged = story.knows(await handOver(SigningKey.generate()))
  t.ok((await comesIn(story, { handover: forged })).includes('recovery-broken'), 'another’s word')
  t.ok((await comesIn(story, { handover: anyHash() })).includes('statement-missing'), 'no word at all')

  const cardsOwn = doctor.card.certificates.map(({ der }) => der.toBase64())
  const card = { alg: 'RS256', x5c: cardsOwn, sign: (bytes: Uint8Array) => doctor.card.sign(bytes, 'RS256') } as const
  const recover = (compartments: object[]) =>
    cosignStatement(StatementTyp.recovery, { ...said, compartments }, card, ed25519Signer(doctor.key, doctor.hash))
  const starting = async (text: string, grant: Hash | undefined = doctorsGrant) => {
    const after = new Story(story)
    const recovery = after.knows(text)
    const actor: Actor = { kind: 'professional', id: doctor.caller.id, key: doctor.hash }
    const object = { recovery, ...names }
    const act = { action: 'recovery.start', object, path: '/recoveries', state: started } as const
    await after.enter({ actor, signer: doctor, ...act, ...(grant && { grant }) })
    return { after, recovery }
  }
  const sealed = await recover([{ id: reports, epoch: 0, seal: anyHash() }])
  const { after, recovery } = await starting(sealed)
  t.same(await after.codes(), [], 'a recovery')
  t.ok((await comesIn(after, { recovery })).includes('recovery-broken'), 'too early')
  t.ok((await comesIn(story, { recovery })).includes('recovery-broken'), 'never entered')
  const masked = started.state.payload.compartments.find(({ id }) => id === compartmentOf(opened, 'masked'))
  const beyond = await starting(await recover([{ id: masked?.id as string, epoch: 0, seal: anyHash() }]))
  t.same(await beyond.after.codes(), ['recovery-broken'], 'of what the doctor may not read')
  t.same(await (await starting(sealed, anyHash())).after.codes(), ['no-grant'], 'without a grant')

  const stopped = await new Story(after).enter({
    ...bySelf,
    ...{ action: 'recovery.stop', object: { identity: next.identity.hash }, state: started },
    path: `/recoveries/${next.identity.hash}/stop`,
  })
  t.same(await stopped.codes(), [])
  world.advance(RECOVERY_WAIT_MS)
  t.ok((await comesIn(stopped, { recovery })).includes('recovery-broken'), 'stopped')
  t.same(await comesIn(after, { recovery }), [], 'after 72 hours')
})
