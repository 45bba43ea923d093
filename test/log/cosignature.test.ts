import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { concat, utf8 } from '../../src/crypto/bytes.ts'
import { MlDsaSigningKey } from '../../src/crypto/mldsa.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import { cosign, cosignatureTime, cosignerKeys, ed25519Message, mlDsaMessage } from '../../src/log/cosignature.ts'
import { isSignatureOf, parseSignatures, parseVkey } from '../../src/log/note.ts'

const VECTOR = JSON.parse(
  readFileSync(join(import.meta.dirname, '../vectors/cosignature/torchwood-subtree.json'), 'utf8'),
)
const TIME = 1_679_315_147
const root = new Uint8Array(32).fill(7)
const tree = { text: `log.example/a\n5\n${root.toBase64()}\n`, origin: 'log.example/a', size: 5, root }
const cosigner = {
  name: 'witness.example/w1',
  ed25519: SigningKey.generate(),
  mlDsa44: MlDsaSigningKey.generate(),
}

t.test('an ML-DSA-44 cosignature published by others verifies', async t => {
  const key = parseVkey(VECTOR.vkey)
  const [line] = parseSignatures(VECTOR.line)
  if (key.type !== 'mlDsa44Cosignature' || line === undefined) throw new Error('not parsed')
  t.ok(isSignatureOf(line, key))
  t.equal(line.signature.length, 8 + 2420)
  const { origin, start, end } = VECTOR
  const hash = Uint8Array.fromBase64(VECTOR.hash)
  const subtree = { cosigner: key.name, time: 0, origin, start, end, hash }
  t.ok(key.key.verify(mlDsaMessage(subtree), line.signature.subarray(8)))
  for (const other of [
    { origin: 'example.com/other' },
    { start: 0 },
    { end: 14 },
    { cosigner: 'witness.example/w2' },
  ]) {
    t.notOk(key.key.verify(mlDsaMessage({ ...subtree, ...other }), line.signature.subarray(8)))
  }
})

t.test('the Ed25519 message is that of the specification', async t => {
  const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n'
  t.same(
    ed25519Message(TIME, text),
    utf8(
      'cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n' +
        'CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n',
    ),
  )
})

t.test('the ML-DSA-44 message, byte by byte', async t => {
  t.same(
    mlDsaMessage({ cosigner: 'w', time: 258, origin: 'log', start: 0, end: 5, hash: root }),
    concat(
      utf8('subtree/v1\n\0'),
      Uint8Array.of(1, 0x77),
      Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 2),
      Uint8Array.of(3, 0x6c, 0x6f, 0x67),
      new Uint8Array(8),
      Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 5),
      root,
    ),
  )
  const message = { cosigner: 'w', time: 0, origin: 'log', start: 0, end: 5, hash: root }
  t.throws(() => mlDsaMessage({ ...message, start: 1, time: 9 }), { code: 'cosignature-malformed' })
  t.throws(() => mlDsaMessage({ ...message, cosigner: '' }), { code: 'cosignature-malformed' })
  t.throws(() => mlDsaMessage({ ...message, origin: 'é'.repeat(128) }), { code: 'cosignature-malformed' })
  t.throws(() => mlDsaMessage({ ...message, hash: new Uint8Array(31) }), { code: 'cosignature-malformed' })
})

t.test('both kinds are made, and neither holds for anything else', async t => {
  const keys = cosignerKeys(cosigner)
  const made = cosign(tree, cosigner, TIME)
  t.same(
    made.map(({ signature }) => signature.length),
    [8 + 64, 8 + 2420],
  )
  for (const [i, key] of keys.entries()) {
    const signature = made[i]
    if (signature === undefined) throw new Error('not made')
    t.ok(isSignatureOf(signature, key))
    t.equal(cosignatureTime(tree, signature, key), TIME)
    const other = { ...tree, text: tree.text.replace('\n5\n', '\n6\n'), size: 6 }
    t.equal(cosignatureTime(other, signature, key), null, 'another size')
    const later = signature.signature.slice()
    later[7] = (later[7] as number) ^ 1
    t.equal(cosignatureTime(tree, { ...signature, signature: later }, key), null, 'another time')
    t.equal(cosignatureTime(tree, { ...signature, signature: later.subarray(0, 8) }, key), null, 'no signature')
    later[0] = 0x80
    t.equal(cosignatureTime(tree, { ...signature, signature: later }, key), null, 'a time beyond 2^63')
  }
  for (const time of [0, -1, 1.5, Number.NaN]) {
    t.throws(() => cosign(tree, cosigner, time), { code: 'cosignature-malformed' })
  }
})
