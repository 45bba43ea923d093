import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { MlDsaSigningKey } from '../../src/crypto/mldsa.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import {
  addCosignatures,
  formatCheckpoint,
  logKeys,
  parseCheckpoint,
  requireQuorum,
  signCheckpoint,
  verifyCheckpoint,
  verifyLogSignatures,
} from '../../src/log/checkpoint.ts'
import { type Cosigner, cosign, cosignerKeys } from '../../src/log/cosignature.ts'
import { formatNote, formatSignatures, type NoteKey, parseNote, parseVkey } from '../../src/log/note.ts'
import { makePolicy, type Policy } from '../../src/log/policy.ts'
import { leafHash, treeRoot } from '../../src/log/tree.ts'

const VECTORS = join(import.meta.dirname, '../vectors/tlog')
const VKEY = 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx'
const TIME = 1_800_000_000

const signer = { origin: 'log.example/coffre', ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
const witness = (name: string) => ({ name, ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() })
const w1 = witness('witness.example/w1')
const w2 = witness('witness.example/w2')
const root = treeRoot([leafHash(new Uint8Array(32))])

function policyOf(threshold: number, keys: readonly NoteKey[] = logKeys(signer)): Policy {
  const witnesses = [
    { name: 'w1', keys: cosignerKeys(w1) },
    { name: 'w2', keys: cosignerKeys(w2) },
  ]
  return makePolicy({ log: { keys }, witnesses, threshold })
}

function cosigned(signed: string, by: Cosigner, time: number): string {
  const { text } = parseNote(signed)
  return addCosignatures(
    signed,
    formatSignatures(cosign({ text, ...parseCheckpoint(text) }, by, time)),
    cosignerKeys(by),
  )
}

t.test('published checkpoints verify, each with its own tree', async t => {
  const names = readdirSync(VECTORS).filter(name => name.startsWith('checkpoint'))
  t.equal(names.length, 17)
  for (const name of names) {
    const { checkpoint } = verifyLogSignatures(readFileSync(join(VECTORS, name), 'utf8'), [parseVkey(VKEY)])
    t.equal(checkpoint.origin, 'example.com/log/testdata')
    t.equal(checkpoint.size, Number(name.split('.')[1] ?? 15))
    const changed = readFileSync(join(VECTORS, name), 'utf8').replace(`\n${checkpoint.size}\n`, '\n77\n')
    t.throws(() => verifyLogSignatures(changed, [parseVkey(VKEY)]), { code: 'checkpoint-signature' })
  }
})

t.test('a log signs with both its keys, and both are wanted', async t => {
  const signed = signCheckpoint({ size: 1, root }, signer, TIME)
  const { checkpoint, note } = verifyLogSignatures(signed, logKeys(signer))
  t.same(checkpoint, { origin: signer.origin, size: 1, root, extensions: [] })
  t.same(
    note.signatures.map(({ name, signature }) => [name, signature.length]),
    [
      [signer.origin, 64],
      [signer.origin, 8 + 2420],
    ],
  )
  for (const signature of note.signatures) {
    const one = formatNote({ text: note.text, signatures: [signature] })
    t.throws(() => verifyLogSignatures(one, logKeys(signer)), { code: 'checkpoint-signature' })
  }
  t.throws(() => verifyLogSignatures(signed, logKeys({ ...signer, origin: 'log.example/other' })), {
    code: 'checkpoint-origin',
  })
})

t.test('a signature of one log under the name of another is refused', async t => {
  const thief = { ...signer, ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
  t.throws(() => verifyLogSignatures(signCheckpoint({ size: 1, root }, thief, TIME), logKeys(signer)), {
    code: 'checkpoint-signature',
  })
})

t.test('a key being replaced: either of one type will do', async t => {
  const next = { ...signer, ed25519: SigningKey.generate() }
  const keys = [...logKeys(signer), ...logKeys(next).slice(0, 1)]
  verifyLogSignatures(signCheckpoint({ size: 1, root }, signer, TIME), keys)
  verifyLogSignatures(signCheckpoint({ size: 1, root }, next, TIME), keys)
  t.pass()
})

t.test('witnesses are counted, with their times', async t => {
  const policy = policyOf(2)
  let signed = signCheckpoint({ size: 1, root }, signer, TIME)
  t.match(verifyCheckpoint(signed, policy), { quorum: false, cosigned: [], witnessedAt: null })
  t.throws(() => requireQuorum(verifyCheckpoint(signed, policy)), { code: 'checkpoint-quorum' })
  signed = cosigned(signed, w1, TIME + 1)
  t.match(verifyCheckpoint(signed, policy), { quorum: false, witnessedAt: null })
  t.match(verifyCheckpoint(signed, policyOf(1)), { quorum: true, witnessedAt: TIME + 1 })
  signed = cosigned(signed, w2, TIME + 9)
  const verified = verifyCheckpoint(signed, policy)
  t.same(
    verified.cosigned.map(({ name, time }) => [name, time]),
    [
      ['w1-0x04', TIME + 1],
      ['w1-0x06', TIME + 1],
      ['w2-0x04', TIME + 9],
      ['w2-0x06', TIME + 9],
    ],
  )
  t.equal(verified.quorum, true)
  t.equal(verified.witnessedAt, TIME + 1, 'the time at which the last one needed had cosigned')
  t.equal(verifyCheckpoint(signed, policyOf(1)).witnessedAt, TIME + 9)
  t.doesNotThrow(() => requireQuorum(verified))
  t.match(verifyCheckpoint(signed, policyOf(0)), { quorum: true, witnessedAt: null })
})

t.test('a witness counts with both its keys or not at all', async t => {
  for (const half of [
    { name: w1.name, ed25519: w1.ed25519 },
    { name: w1.name, mlDsa44: w1.mlDsa44 },
  ]) {
    const signed = cosigned(signCheckpoint({ size: 1, root }, signer, TIME), half, TIME)
    t.match(verifyCheckpoint(signed, policyOf(1)), { quorum: false })
  }
})

t.test('cosigning again replaces the older cosignatures', async t => {
  const once = cosigned(signCheckpoint({ size: 1, root }, signer, TIME), w1, TIME)
  const twice = cosigned(once, w1, TIME + 300)
  t.equal(parseNote(twice).signatures.length, parseNote(once).signatures.length)
  t.equal(verifyCheckpoint(twice, policyOf(1)).witnessedAt, TIME + 300)
})

t.test('a cosignature from the future does not count', async t => {
  const signed = cosigned(signCheckpoint({ size: 1, root }, signer, TIME), w1, TIME + 301)
  t.match(verifyCheckpoint(signed, policyOf(1), TIME), { quorum: false, cosigned: [] })
  t.match(verifyCheckpoint(signed, policyOf(1), TIME + 1), { quorum: true, witnessedAt: TIME + 301 })
})

t.test('a cosignature of another checkpoint refuses the note', async t => {
  const other = cosigned(signCheckpoint({ size: 2, root }, signer, TIME), w1, TIME)
  const mine = signCheckpoint({ size: 1, root }, signer, TIME)
  const [, , stolen] = parseNote(other).signatures
  const { text, signatures } = parseNote(mine)
  if (stolen === undefined) throw new Error('no cosignature')
  const forged = formatNote({ text, signatures: [...signatures, stolen] })
  t.throws(() => verifyCheckpoint(forged, policyOf(0)), { code: 'checkpoint-signature' })
  t.throws(() => addCosignatures(mine, formatSignatures([stolen]), cosignerKeys(w1)), { code: 'checkpoint-signature' })
})

t.test('what a witness answers is taken only from its own keys', async t => {
  const signed = signCheckpoint({ size: 1, root }, signer, TIME)
  const { text } = parseNote(signed)
  const tree = { text, ...parseCheckpoint(text) }
  const both = formatSignatures([...cosign(tree, w2, TIME), ...cosign(tree, w1, TIME)])
  t.equal(parseNote(addCosignatures(signed, both, cosignerKeys(w1))).signatures.length, 4)
  t.throws(() => addCosignatures(signed, formatSignatures(cosign(tree, w2, TIME)), cosignerKeys(w1)), {
    code: 'checkpoint-signature',
  })
  t.throws(() => addCosignatures(signed, 'no signature\n', cosignerKeys(w1)), { code: 'note-malformed' })
})

t.test('note texts that are no checkpoint are refused', async t => {
  const good = formatCheckpoint({ origin: 'o', size: 1, root, extensions: ['x', 'y z'] })
  t.same(parseCheckpoint(good).extensions, ['x', 'y z'])
  t.same(parseCheckpoint(good.replace('\n1\n', '\n0\n')).size, 0)
  const bad = {
    'no end': good.slice(0, -1),
    'two lines': 'o\n1\n',
    'empty origin': good.slice(1),
    'long origin': `${'o'.repeat(255)}${good}`,
    'leading zero': good.replace('\n1\n', '\n01\n'),
    sign: good.replace('\n1\n', '\n+1\n'),
    'too large': good.replace('\n1\n', '\n9007199254740992\n'),
    'short root': 'o\n1\nAAAA\n',
    'base64url root': `o\n1\n${new Uint8Array(32).fill(255).toBase64({ alphabet: 'base64url', omitPadding: false })}\n`,
    'unpadded root': good.replace('=\n', '\n'),
    'empty extension': `${good}\n`,
  }
  for (const [why, text] of Object.entries(bad)) {
    t.throws(() => parseCheckpoint(text), { code: 'checkpoint-malformed' }, why)
  }
  t.throws(() => signCheckpoint({ size: 1, root }, { ...signer, origin: 'a b' }, TIME), { code: 'key-name-malformed' })
  t.throws(() => signCheckpoint({ size: 1, root }, signer, 0), { code: 'cosignature-malformed' })
})

t.test('an origin that is not Unicode is refused with the code that is documented', async t => {
  const text = formatCheckpoint({ origin: 'log.example/a', size: 1, root, extensions: [] })
  for (const bad of [text.replace('log', 'lo\ud800'), `${text}ext\udc00\n`]) {
    t.throws(() => parseCheckpoint(bad), { code: 'checkpoint-malformed' })
  }
})
