import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { Trust } from '../../src/client/anchors.ts'
import { isNew, verifyIdentityHistory } from '../../src/client/identity-history.ts'
import type { LogView } from '../../src/client/log-view.ts'
import { leadsTo, verifyPatient } from '../../src/client/trust.ts'
import { fromBase64url, toBase64url } from '../../src/crypto/bytes.ts'
import { sha256Text } from '../../src/crypto/hash.ts'
import { MlDsaSigningKey } from '../../src/crypto/mldsa.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { cosignStatement, ed25519Signer, signStatement, statementHash } from '../../src/crypto/statement.ts'
import { parseCertificate } from '../../src/crypto/x509.ts'
import { logKeys, signCheckpoint } from '../../src/log/checkpoint.ts'
import { cosign } from '../../src/log/cosignature.ts'
import { writeEntry } from '../../src/log/entry.ts'
import { formatNote, noteKey, parseNote } from '../../src/log/note.ts'
import { formatPolicy, makePolicy, parsePolicy } from '../../src/log/policy.ts'
import { formatProof } from '../../src/log/proof.ts'
import { RECOVERY_WAIT_MS } from '../../src/log/recovery.ts'
import { inclusionProof, leafHash, treeRoot } from '../../src/log/tree.ts'
import type { Actor, Event } from '../../src/protocol/entry.ts'
import type { DeploymentId, Hash, Ins, Instant } from '../../src/protocol/ids.ts'
import { StatementTyp } from '../../src/protocol/statements.ts'
import type { IdentityVersions } from '../../src/protocol/succession.ts'
import { DOCTOR } from '../fixtures/certificates.ts'
import { AT, makeAuthor, newId } from '../fixtures/document.ts'
import { makeIssuer } from '../fixtures/identities.ts'
import { anyHash } from '../fixtures/states.ts'

type Version = IdentityVersions['versions'][number]

const page = readFileSync(join(import.meta.dirname, '../../docs/protocol/recovery.md'), 'utf8')
/** The page's table of what a reader refuses. */
const [, section = ''] = page.split('## What a reader checks\n')
const rows = new Map(
  [...(section.split('\n## ')[0] as string).matchAll(/^\| (.+) \| `([a-z-]+)` \|$/gm)].map(([, what, code]) => [
    what as string,
    code as string,
  ]),
)

/** The page is written with straight apostrophes here and there. */
const straight = (text: string) => text.replaceAll('’', "'")

const HOUR = 3600_000
const at = (ms: number) => new Date(AT.getTime() + ms)
const instantAt = (ms: number) => at(ms).toISOString() as Instant
const deployment = newId<DeploymentId>()
const issuer = makeIssuer(deployment, AT)
const ins = issuer.ins

// A log with one witness, whose clock the test sets.
const origin = 'test.invalid/log'
const log = { origin, ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
const witness = { name: 'witness.invalid', ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
const policyOf = (threshold: number) =>
  parsePolicy(
    formatPolicy(
      makePolicy({
        log: { keys: logKeys(log) },
        witnesses: [
          {
            name: 'one',
            keys: [
              noteKey(witness.name, 'ed25519Cosignature', witness.ed25519.verifyKey),
              noteKey(witness.name, 'mlDsa44Cosignature', witness.mlDsa44.verifyKey),
            ],
          },
        ],
        threshold,
      } as never),
    ),
  )
const doctor = await makeAuthor(deployment)
const colleague = await makeAuthor(deployment, { ...DOCTOR, id: '810000000025' as typeof DOCTOR.id })
const root = parseCertificate(doctor.authority.anchor.replaceAll(/-----[A-Z ]+-----|\s/g, ''))
const otherRoot = parseCertificate(colleague.authority.anchor.replaceAll(/-----[A-Z ]+-----|\s/g, ''))
const trust = {
  anchors: { deployment, origin },
  insurerKey: issuer.insurerKey,
  cardAuthorities: [root, otherRoot],
  policy: policyOf(1),
} as unknown as Trust
const lists = await doctor.authority.crls(at(HOUR / 2))
const key = { statement: doctor.statement, crls: lists }

/** An entry as somebody without the chain is shown it, witnessed at a time; null when no witness has seen it. */
function shown(event: Omit<Event, 'salt'>, witnessedAt: number | null) {
  const entry = writeEntry({ record: first.recordId, n: 0, prev: null }, event)
  const leaves = [sha256Text('another'), fromBase64url(entry.hash)].map(data => leafHash(data))
  const tree = { size: 2, root: treeRoot(leaves) }
  const proof = inclusionProof(leaves, 1, 2)
  const seconds = Math.floor(at(witnessedAt ?? 0).getTime() / 1000)
  const { text, signatures } = parseNote(signCheckpoint(tree, log, seconds))
  const cosigned = cosign({ text, origin, ...tree }, witness, seconds)
  const checkpoint = formatNote({ text, signatures: [...signatures, ...cosigned] })
  const logged = {
    event: entry.event,
    linkHash: toBase64url(sha256Text(entry.link)) as Hash,
    proof: witnessedAt === null ? null : formatProof({ index: 1, proof, checkpoint }),
  }
  return { logged, hash: entry.hash }
}

const [first, second, third] = await (async () => {
  const a = await issuer.identity(null)
  const b = await issuer.identity(a)
  return [a, b, await issuer.identity(b)] as const
})()
type Person = typeof first
const { recordId } = first
const actorOf = ({ identity }: Person): Actor => ({ kind: 'patient', id: recordId, key: identity.hash })
const event = (action: Event['action'], actor: Actor, object: Event['object'], t: number): Omit<Event, 'salt'> => ({
  ...{ t: instantAt(t), actor, action, object, outcome: 'ok' as const, grant: null },
  ...{ state: anyHash(), request: null },
})

/** One identity as a host shows it. */
function versionOf(
  person: Person,
  options: { by: Version['by']; object: Event['object']; t: number; witnessedAt?: number | null; leaf?: number | null },
): Version {
  const { by, object, t, witnessedAt = t, leaf = 0 } = options
  const { identity } = person
  const named = { identity: identity.hash, registration: identity.payload.registration, ...object }
  const action = identity.payload.prevIdentity === null ? 'record.open' : 'identity.change'
  const { logged, hash } = shown(event(action, actorOf(person), named, t), witnessedAt)
  return { ...person.paper, entry: hash, leaf, ...logged, by }
}

const hashOf = (text: string) => toBase64url(statementHash(text)) as Hash
const opened = versionOf(first, { by: null, object: {}, t: 0 })

/** The second identity by a handover. */
async function handedOver(options: { by?: SigningKey; to?: Hash; names?: Hash; leaf?: null; witnessedAt?: null } = {}) {
  const { by = first.signKey, to = second.identity.hash, names, ...shownAs } = options
  const payload = { deployment, recordId, from: first.identity.hash, to, t: instantAt(HOUR) }
  const handover = await signStatement(StatementTyp.handover, payload, ed25519Signer(by, first.identity.hash))
  const object = { handover: names ?? hashOf(handover) }
  return versionOf(second, { by: { handover }, object, t: HOUR, ...shownAs })
}

/** The second identity by a recovery: started an hour in, changed when its time had come. */
async function recovered(
  options: {
    readonly signer?: typeof doctor
    readonly key?: Version['by'] extends infer B ? (B extends { key: infer K } ? K : never) : never
    readonly to?: Hash
    readonly startNames?: Hash
    readonly startSeen?: number | null
    readonly changedAt?: number
    readonly changeSeen?: number
    readonly changeNames?: Hash
    readonly startOf?: Event['action']
  } = {},
) {
  const { signer = doctor, to = second.identity.hash, startSeen = HOUR, changedAt = HOUR + RECOVERY_WAIT_MS } = options
  const payload = {
    ...{ deployment, recordId, from: first.identity.hash, to, t: instantAt(HOUR) },
    compartments: [{ id: newId(), epoch: 0, seal: anyHash() }],
  }
  const byKey = ed25519Signer(signer.signKey, signer.keyStatement)
  const recovery = await cosignStatement(StatementTyp.recovery, payload, doctor.byCard, byKey)
  const professional: Actor = { kind: 'professional', id: doctor.key.payload.nationalId, key: signer.keyStatement }
  const { registration } = second.identity.payload
  const named = { recovery: options.startNames ?? hashOf(recovery), identity: second.identity.hash, registration }
  const start = shown(event('recovery.start', professional, named, HOUR), startSeen).logged
  const by = { recovery, key: options.key ?? key, start }
  const { changeSeen: witnessedAt = changedAt } = options
  const object = { recovery: options.changeNames ?? hashOf(recovery) }
  return versionOf(second, { by, object, t: changedAt, witnessedAt })
}

/** The log as it is when somebody looks, `now` after the beginning. */
const lookAt = (now: number, witnessedAt: number | null = now) =>
  ({
    trust,
    clock: () => at(now),
    log: {
      tree: { size: 10, root: anyHash() },
      witnessedAt: witnessedAt === null ? null : Math.floor(at(witnessedAt).getTime() / 1000),
      checkEntry: async () => {},
    } as unknown as LogView,
  }) as const
const LATER = 2 * HOUR + RECOVERY_WAIT_MS

const verify = (versions: readonly Version[], now = lookAt(LATER), known = second.identity.hash) =>
  verifyIdentityHistory({ versions: [...versions] }, { recordId, ins, identity: known }, now)

/** Each line of the page's table: what is shown. */
const refused: Readonly<Record<string, () => Promise<unknown>>> = {
  'an identity that does not name the one before': async () => {
    const skipped = { ...(await handedOver()), ...third.paper }
    return verify([opened, skipped], lookAt(LATER), third.identity.hash)
  },
  'two identities from one letter': async () => {
    const twin = await issuer.identity(first, first)
    const change = versionOf(twin, { by: null, object: {}, t: HOUR })
    const payload = { deployment, recordId, from: first.identity.hash, to: twin.identity.hash, t: instantAt(HOUR) }
    const handover = await signStatement(
      StatementTyp.handover,
      payload,
      ed25519Signer(first.signKey, first.identity.hash),
    )
    const by = { handover }
    const version = versionOf(twin, { by, object: { handover: hashOf(handover) }, t: HOUR })
    return verify([opened, { ...change, ...version }], lookAt(LATER), twin.identity.hash)
  },
  'the letter of another person': async () =>
    verifyIdentityHistory(
      { versions: [opened] },
      { recordId, ins: '9'.repeat(22) as Ins, identity: first.identity.hash },
      lookAt(LATER),
    ),
  'an end at an older identity than the one in force': () => verify([opened]),
  'a step without a warrant': async () => verify([opened, { ...(await handedOver()), by: null }]),
  'a handover that another key signed': async () => verify([opened, await handedOver({ by: SigningKey.generate() })]),
  'a handover to another identity': async () => verify([opened, await handedOver({ to: third.identity.hash })]),
  'a recovery whose working key is another professional’s': async () =>
    verify([
      opened,
      await recovered({
        signer: colleague,
        key: { statement: colleague.statement, crls: [...(await colleague.authority.crls(at(HOUR / 2))), ...lists] },
      }),
    ]),
  'a recovery whose card was reported lost before': async () => {
    const lost = [{ certificate: doctor.certificate, at: at(HOUR / 4) }]
    const crls = await doctor.authority.crls(at(HOUR / 2), lost)
    return verify([opened, await recovered({ key: { ...key, crls } })])
  },
  'a recovery for another identity': async () => verify([opened, await recovered({ to: third.identity.hash })]),
  'a change whose entry is not in the log': async () =>
    verify([opened, await handedOver({ leaf: null, witnessedAt: null })]),
  'a change whose entry names another warrant': async () => {
    await t.rejects(verify([opened, await handedOver({ names: anyHash() })]), { code: 'identity-unlogged' })
    return verify([opened, await recovered({ changeNames: anyHash() })])
  },
  'a start that no quorum of witnesses has seen': async () => verify([opened, await recovered({ startSeen: null })]),
  'a start whose entry is another recovery’s': async () => verify([opened, await recovered({ startNames: anyHash() })]),
  'a proof that is another entry’s': async () => {
    const version = await handedOver()
    return verify([opened, { ...version, proof: opened.proof }])
  },
  'a change dated before the 72 hours ended': async () =>
    verify([opened, await recovered({ changedAt: RECOVERY_WAIT_MS })]),
  'a change served before the 72 hours ended': async () =>
    verify([opened, await recovered({ changeSeen: 3 * HOUR })], lookAt(RECOVERY_WAIT_MS)),
  'a log that too few witnesses have cosigned': async () => verify([opened, await recovered()], lookAt(LATER, null)),
}

t.test('what a reader refuses: each line of the page', async t => {
  t.strictSame(Object.keys(refused).map(straight).sort(), [...rows.keys()].map(straight).sort(), 'a case a line')
  for (const [what, show] of Object.entries(refused)) {
    const code = rows.get(what) ?? rows.get(straight(what))
    await t.rejects(show(), { code }, what)
  }
})

t.test('what a reader takes', async t => {
  const [, by] = await verify([opened, await handedOver()])
  t.match(by, { isLogged: true, warranted: { by: 'handover' } })
  const [from, given] = await verify([opened, await recovered()])
  t.match(given, { warranted: { by: 'recovery', professional: { payload: { nationalId: '810000000017' } } } })
  t.strictSame(from?.since, at(0))
  t.equal(given?.fingerprint.length, 29)
})

t.test('an identity is new until witnesses have known it for a day', async t => {
  const [version] = await verifyIdentityHistory(
    { versions: [opened] },
    { recordId, ins, identity: first.identity.hash },
    lookAt(HOUR),
  )
  if (version === undefined) throw new Error('none')
  t.equal(isNew(version, lookAt(24 * HOUR - 1000)), true)
  t.equal(isNew(version, lookAt(24 * HOUR)), false)
  t.equal(isNew(version, lookAt(24 * HOUR, null)), true, 'nobody tells the time')
  t.equal(isNew({ since: null }, lookAt(24 * HOUR)), true, 'no proof')
})

t.test('papers: a chain of letters that leads back to who was known, and no other', async t => {
  const claim = (person: Person, ...earlier: Person[]) => ({
    ...person.paper,
    recordId,
    ...(earlier.length === 0 ? {} : { earlier: earlier.map(({ paper }) => paper) }),
  })
  const patient = await verifyPatient(trust, ins, claim(third, first, second))
  t.strictSame(
    patient.earlier?.map(({ hash }) => hash),
    [first.identity.hash, second.identity.hash],
  )
  t.ok(leadsTo(patient, first.identity.hash))
  t.ok(leadsTo(patient, third.identity.hash))
  const fork = await issuer.identity(first)
  t.notOk(leadsTo(await verifyPatient(trust, ins, claim(fork, first)), second.identity.hash), 'a fork')
  t.notOk(leadsTo(await verifyPatient(trust, ins, claim(first)), second.identity.hash), 'an older one')
  for (const wrong of [claim(second), claim(third, first), claim(first, second), claim(second, third)]) {
    await t.rejects(verifyPatient(trust, ins, wrong), { code: 'record-identity' })
  }
  const twin = await issuer.identity(first, first)
  await t.rejects(verifyPatient(trust, ins, claim(twin, first)), { code: 'record-identity' }, 'one letter, twice')
})
