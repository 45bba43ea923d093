import t from 'tap'
import { MlDsaSigningKey } from '../../src/crypto/mldsa.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { addCosignatures, logKeys, parseCheckpoint, signCheckpoint } from '../../src/log/checkpoint.ts'
import { cosign, cosignerKeys } from '../../src/log/cosignature.ts'
import { formatSignatures, parseNote } from '../../src/log/note.ts'
import { makePolicy } from '../../src/log/policy.ts'
import { formatProof, parseProof, verifyProof } from '../../src/log/proof.ts'
import { inclusionProof, leafHash, treeRoot } from '../../src/log/tree.ts'

const TIME = 1_800_000_000
const log = { origin: 'log.example/a', ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
const witness = { name: 'witness.example/w', ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
const policy = makePolicy({
  log: { keys: logKeys(log) },
  witnesses: [{ name: 'w', keys: cosignerKeys(witness) }],
  threshold: 1,
})
const data = Array.from({ length: 11 }, (_, i) => new Uint8Array(32).fill(i))
const leaves = data.map(leafHash)

function checkpointOf(root: Uint8Array, { cosigned = true } = {}): string {
  const signed = signCheckpoint({ size: leaves.length, root }, log, TIME)
  if (!cosigned) return signed
  const { text } = parseNote(signed)
  const lines = formatSignatures(cosign({ text, ...parseCheckpoint(text) }, witness, TIME + 1))
  return addCosignatures(signed, lines, cosignerKeys(witness))
}

const root = treeRoot(leaves)
const checkpoint = checkpointOf(root)
const fileOf = (index: number) => formatProof({ index, proof: inclusionProof(leaves, index, 11), checkpoint })

t.test('a proof is verified with nothing but the policy', async t => {
  for (const [index, leaf] of data.entries()) {
    const verified = verifyProof(fileOf(index), leaf, { policy, now: TIME + 5 })
    t.match(verified, { index, witnessedAt: TIME + 1, checkpoint: { size: 11 } })
    t.equal('extra' in verified, false)
  }
})

t.test('the file is that of the specification', async t => {
  const lines = fileOf(3).split('\n')
  t.equal(lines[0], 'c2sp.org/tlog-proof@v1')
  t.equal(lines[1], 'index 3')
  t.equal(lines[6], '')
  t.equal(lines[7], 'log.example/a')
  const extra = formatProof({ index: 0, proof: [], checkpoint, extra: Uint8Array.of(1, 2) })
  t.equal(extra.split('\n')[1], 'extra AQI=')
  t.same(parseProof(extra).extra, Uint8Array.of(1, 2))
  t.equal(parseProof(extra).checkpoint, checkpoint)
})

t.test('another leaf, place, tree or signer is refused', async t => {
  const file = fileOf(3)
  const options = { policy, now: TIME + 5 }
  const leaf = data[3] as Uint8Array
  const other = data[4] as Uint8Array
  t.throws(() => verifyProof(file, other, options), { code: 'inclusion-proof' })
  t.throws(() => verifyProof(file.replace('index 3', 'index 2'), leaf, options), { code: 'inclusion-proof' })
  t.throws(() => verifyProof(file.replace('\n11\n', '\n12\n'), leaf, options), { code: 'checkpoint-signature' })
  const foreign = formatProof({ index: 3, proof: inclusionProof(leaves, 3, 11), checkpoint: checkpointOf(emptyOf()) })
  t.throws(() => verifyProof(foreign, leaf, options), { code: 'inclusion-proof' })
  const alone = formatProof({
    index: 3,
    proof: inclusionProof(leaves, 3, 11),
    checkpoint: checkpointOf(root, { cosigned: false }),
  })
  t.throws(() => verifyProof(alone, leaf, options), { code: 'checkpoint-quorum' })
  t.throws(() => verifyProof(file, leaf, { policy, now: TIME - 300 }), { code: 'checkpoint-quorum' })
})

t.test('what is no proof file is refused', async t => {
  const file = fileOf(3)
  const bad = {
    empty: '',
    'another version': file.replace('@v1', '@v2'),
    'no index': file.replace('index 3\n', ''),
    'index with leading zero': file.replace('index 3', 'index 03'),
    'negative index': file.replace('index 3', 'index -3'),
    'index too large': file.replace('index 3', 'index 9007199254740992'),
    'extra after index': file.replace('index 3', 'index 3\nextra AQI='),
    'extra not base64': file.replace('index 3', 'extra A\nindex 3'),
    'hash too short': file.replace('index 3', 'index 3\nAQI='),
    'hash in base64url': file.replace(
      'index 3',
      `index 3\n${new Uint8Array(32).fill(255).toBase64({ alphabet: 'base64url' })}`,
    ),
    'too many hashes': file.replace('index 3', `index 3${`\n${root.toBase64()}`.repeat(60)}`),
    'carriage returns': file.replaceAll('\n', '\r\n'),
    'no checkpoint': file.slice(0, file.indexOf('\n\n')),
    'extra too long': file.replace('index 3', `extra ${new Uint8Array(65_537).toBase64()}\nindex 3`),
  }
  for (const [why, text] of Object.entries(bad)) t.throws(() => parseProof(text), { code: 'proof-malformed' }, why)
})

/** Root of a tree of as many leaves, none of them ours. */
function emptyOf(): Uint8Array {
  return treeRoot(leaves.map(() => leafHash(new Uint8Array(0))))
}
