import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { codeSigningKey, parseCode } from '../../src/crypto/codes.ts'
import { SealSecretKey } from '../../src/crypto/keys.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { cosignStatement, ed25519Signer, statementHash } from '../../src/crypto/statement.ts'
import { spokenCode } from '../../src/dev/spoken-text.ts'
import { type HostOpening, Insurer } from '../../src/ins/insurer.ts'
import { Ledger } from '../../src/ins/insurer-ledger.ts'
import { type DeploymentId, type Hash, type Ins, type Instant, RecordId } from '../../src/protocol/ids.ts'
import { StatementTyp } from '../../src/protocol/statements.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const deployment = toBase64url(randomBytes(16)) as DeploymentId
const ins = '1541187387477485562488' as Ins
const person = { line: 2, ins, recipient: { name: 'DUPRÉ', givenNames: 'Éléonore', address: ['38000 GRENOBLE'] } }
const sender = { lines: ['Caisse'], place: 'Lyon', help: '36 46', portal: 'dossier.exemple.fr' }

function fresh(folder: string) {
  const key = SigningKey.generate()
  const letters = join(folder, 'letters')
  mkdirSync(letters)
  const time = { now: new Date('2026-11-24T08:00:00.000Z') }
  const path = join(folder, 'ledger.jsonl')
  const open = () =>
    new Insurer({ ledger: Ledger.open(path, deployment), key, deployment, sender, letters, clock: () => time.now })
  const code = (letter: string) => spokenCode(readFileSync(join(letters, letter)))
  return { key, letters, time, path, open, code, insurer: open() }
}

/** What a host tells once a patient has opened with the code of a letter. */
async function opened(
  { code, registration }: { code: string; registration: Hash },
  changes: Partial<HostOpening> & { codeKey?: SigningKey; registered?: Hash } = {},
): Promise<HostOpening> {
  const { codeKey = codeSigningKey(parseCode(code), ins), registered = registration, ...rest } = changes
  const sign = SigningKey.generate()
  const payload = {
    deployment,
    registration: registered,
    signKey: toBase64url(sign.verifyKey.bytes),
    sealKey: toBase64url(SealSecretKey.generate().publicKey.bytes),
    prevIdentity: null,
    nonce: toBase64url(randomBytes(16)),
  }
  const first = ed25519Signer(codeKey, registered)
  const identity = await cosignStatement(StatementTyp.identity, payload, first, ed25519Signer(sign, 'self'))
  const recordId = RecordId.parse(toBase64url(statementHash(identity).subarray(0, 16)))
  return { cursor: 1, registration, identity, recordId, t: '2026-11-25T08:00:00.000Z' as Instant, ...rest }
}

t.test('a letter is made once, its code stands on paper alone', async t => {
  const { insurer, letters, path, open, code } = fresh(testFolder(t))
  const issued = await insurer.issue(person, { purpose: 'opening' })
  t.equal(issued.made, true)
  t.same(readdirSync(letters), [issued.letter])
  t.equal(statSync(join(letters, issued.letter)).mode & 0o777, 0o600)
  const printed = code(issued.letter)
  t.equal(parseCode(printed), printed)
  const ledger = readFileSync(path, 'utf8')
  for (const part of [printed, printed.replaceAll('-', ''), printed.slice(0, 11), 'DUPRÉ', 'GRENOBLE']) {
    t.notOk(ledger.includes(part))
  }
  const again = open()
  t.match(await again.issue(person, { purpose: 'opening' }), { made: false, letter: issued.letter })
  t.equal(readdirSync(letters).length, 1)
  t.equal(again.unsent().length, 1)
})

t.test('a lost letter is superseded, one that ran out is followed by another', async t => {
  const { insurer, time, code } = fresh(testFolder(t))
  const first = await insurer.issue(person, { purpose: 'opening' })
  const second = await insurer.issue(person, { purpose: 'opening', again: true })
  t.equal(second.made, true)
  t.not(code(second.letter), code(first.letter))
  const supersedes = (registration: string) =>
    JSON.parse(Buffer.from(registration.split('.')[1] ?? '', 'base64url').toString()).supersedes
  t.same(
    insurer.unsent().map(entry => supersedes(entry.import.registration)),
    [undefined, first.registration],
  )
  time.now = new Date('2027-03-24T08:00:00.000Z')
  t.equal((await insurer.issue(person, { purpose: 'opening' })).made, true)
})

t.test('no activation letter before an opening that holds', async t => {
  const { insurer, open, code, letters } = fresh(testFolder(t))
  await t.rejects(insurer.issue(person, { purpose: 'activation' }), { code: 'not-opened' })
  const letter = await insurer.issue(person, { purpose: 'opening' })
  await t.rejects(insurer.issue(person, { purpose: 'activation' }), { code: 'not-opened' })
  await t.rejects(insurer.issue(person, { purpose: 'activation', again: true }), { code: 'not-opened' })
  t.equal(readdirSync(letters).length, 1)
  const opening = await opened({ code: code(letter.letter), registration: letter.registration })
  t.match(await insurer.takeOpening(opening), { ins, recordId: opening.recordId })
  t.match(await insurer.takeOpening(opening), { ins }, 'told twice')
  const again = open()
  t.same(again.awaitingActivation(), [ins])
  const activation = await again.issue(person, { purpose: 'activation' })
  t.equal(activation.made, true)
  t.same(again.awaitingActivation(), [])
  t.match(await again.issue(person, { purpose: 'activation' }), { made: false })
  await t.rejects(again.issue(person, { purpose: 'opening' }), { code: 'already-opened' })
  t.equal((await again.issue(person, { purpose: 'opening', again: true })).made, true, 'kit and devices lost')
})

t.test('attacks: a host that invents openings gets no activation letter', async t => {
  const attacks: [string, (letter: { code: string; registration: Hash }) => Promise<HostOpening>, string][] = [
    ['a code key of its own', letter => opened(letter, { codeKey: SigningKey.generate() }), 'statement-signature'],
    [
      'an identity under another registration',
      letter => opened(letter, { registered: toBase64url(randomBytes(32)) as Hash }),
      'identity-registration',
    ],
    [
      'another record',
      letter => opened(letter, { recordId: RecordId.parse(toBase64url(randomBytes(16))) }),
      'opening-refused',
    ],
    [
      'an opening after the code ran out',
      letter => opened(letter, { t: '2027-06-01T00:00:00.000Z' as Instant }),
      'registration-expired',
    ],
    ['no statement', letter => opened(letter, { identity: 'a.b.c' }), 'statement-malformed'],
  ]
  for (const [what, attack, code] of attacks) {
    const made = fresh(testFolder(t))
    const letter = await made.insurer.issue(person, { purpose: 'opening' })
    const opening = await attack({ code: made.code(letter.letter), registration: letter.registration })
    t.match(await made.insurer.takeOpening(opening), { refusal: { code } }, what)
    await t.rejects(made.insurer.issue(person, { purpose: 'activation' }), { code: 'opening-refused' }, what)
    t.same(made.insurer.awaitingActivation(), [])
    t.match(readFileSync(made.path, 'utf8'), opening.identity, 'the evidence is kept')
    t.equal((await made.insurer.issue(person, { purpose: 'opening' })).made, true, 'a new letter supersedes it')
  }
})

t.test('attack: two identities under one code spoil it', async t => {
  const { insurer, code } = fresh(testFolder(t))
  const { letter, registration } = await insurer.issue(person, { purpose: 'opening' })
  const made = { code: code(letter), registration }
  t.match(await insurer.takeOpening(await opened(made)), { ins })
  t.match(await insurer.takeOpening(await opened(made)), { refusal: { code: 'opening-refused' } })
  await t.rejects(insurer.issue(person, { purpose: 'activation' }), { code: 'opening-refused' })
})

t.test('an opening of a registration that is not ours is refused and changes nothing', async t => {
  const { insurer, path } = fresh(testFolder(t))
  const before = readFileSync(path)
  const registration = toBase64url(randomBytes(32)) as Hash
  const opening = await opened({ code: '', registration }, { codeKey: SigningKey.generate() })
  t.match(await insurer.takeOpening(opening), { registration, refusal: { code: 'opening-refused' } })
  t.same(readFileSync(path), before)
})

t.test('a letter of an interrupted run is found, and its code opens nothing', async t => {
  const { insurer, letters } = fresh(testFolder(t))
  await insurer.issue(person, { purpose: 'opening' })
  t.same(insurer.strayLetters(), [])
  const name = `opening-${'x'.repeat(16)}.pdf`
  for (const file of [name, 'note.txt']) writeFileSync(join(letters, file), '')
  t.same(insurer.strayLetters(), [name])
})
