import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { randomBytes } from '../../src/crypto/bytes.ts'
import { deriveIns, nirFingerprint } from '../../src/ins/ins.ts'
import { InsKeyFile } from '../../src/ins/key-source.ts'
import { Nir } from '../../src/ins/nir.ts'
import { Register } from '../../src/ins/register.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const A = '255081416802538'
const B = '269054958815780'
const C = '295109912611193'
const nir = (text: string) => Nir.parse(text)

function fresh(folder: string) {
  const key = InsKeyFile.create(join(folder, 'ins.key'))
  const path = join(folder, 'register')
  return { key, path, register: Register.open(path, key) }
}

t.test('the same person has the same INS, also after a restart', async t => {
  const { key, path, register } = fresh(testFolder(t))
  const first = register.write(() => register.assign(nir(A)))
  t.equal(first.outcome, 'new')
  t.equal(first.ins, deriveIns(key, nir(A), { counter: 0 }))
  t.same(register.assign(nir(A)), { ins: first.ins, outcome: 'known' })
  register.close()
  const again = Register.open(path, key)
  t.same(again.assign(nir(A)), { ins: first.ins, outcome: 'known' })
  t.equal(again.find(nirFingerprint(key, nir(A))), first.ins)
  t.equal(again.find(nirFingerprint(key, nir(B))), null)
  again.close()
})

t.test('no NIR and no part of one is in the file; only its owner may read it', async t => {
  const { path, register } = fresh(testFolder(t))
  register.write(() => register.assign(nir(A)))
  register.close()
  const content = readFileSync(path, 'latin1')
  t.notMatch(content, A.slice(0, 13))
  t.notMatch(content, A.slice(1, 7))
  t.equal(statSync(path).mode & 0o777, 0o600)
})

t.test('a taken INS raises the counter, as often as it takes', async t => {
  const { key, register } = fresh(testFolder(t))
  // Another person already holds what B would get with counters 0, 1 and 2.
  for (const counter of [0, 1, 2]) {
    register.enter({ fingerprint: randomBytes(32), ins: deriveIns(key, nir(B), { counter }), counter: 0 })
  }
  const given = register.write(() => register.assign(nir(B)))
  t.same(given, { ins: deriveIns(key, nir(B), { counter: 3 }), outcome: 'new' })
  t.same(register.assign(nir(B)), { ins: given.ins, outcome: 'known' })
  t.same(
    [...register.entries()].map(({ counter }) => counter).sort(),
    [0, 0, 0, 3],
    'the counter is kept, to enter the same line elsewhere',
  )
  register.close()
})

t.test('256 collisions stop the work rather than give a number twice', async t => {
  const { key, register } = fresh(testFolder(t))
  register.write(() => {
    for (let counter = 0; counter < 256; counter++) {
      register.enter({ fingerprint: randomBytes(32), ins: deriveIns(key, nir(B), { counter }), counter: 0 })
    }
  })
  t.throws(() => register.assign(nir(B)), { code: 'ins-exhausted' })
  register.close()
})

t.test('a corrected NIR keeps its INS, and so does the next correction', async t => {
  const { register } = fresh(testFolder(t))
  const { ins } = register.assign(nir(A))
  t.same(register.assign(nir(B), { replaces: nir(A) }), { ins, outcome: 'corrected' })
  t.same(register.assign(nir(B), { replaces: nir(A) }), { ins, outcome: 'known' }, 'told twice')
  t.same(register.assign(nir(B)), { ins, outcome: 'known' })
  t.same(register.assign(nir(A)), { ins, outcome: 'known' }, 'the wrong number still leads to the person')
  t.same(register.assign(nir(C), { replaces: nir(B) }), { ins, outcome: 'corrected' })
  register.close()
})

t.test('a correction that makes no sense is refused', async t => {
  const { register } = fresh(testFolder(t))
  t.throws(() => register.assign(nir(B), { replaces: nir(A) }), { code: 'correction-unknown' })
  register.assign(nir(A))
  register.assign(nir(B))
  t.throws(() => register.assign(nir(B), { replaces: nir(A) }), { code: 'correction-conflict' })
  register.close()
})

t.test('lines that contradict each other are refused', async t => {
  const { register, key } = fresh(testFolder(t))
  const { ins } = register.assign(nir(A))
  const other = register.assign(nir(B)).ins
  t.throws(() => register.enter({ fingerprint: randomBytes(32), ins, counter: 0 }), { code: 'register-conflict' })
  t.throws(() => register.enter({ fingerprint: nirFingerprint(key, nir(A)), ins: other, counter: null }), {
    code: 'register-conflict',
  })
  register.close()
})

t.test('what throws in the middle of a write leaves nothing behind', async t => {
  const { register } = fresh(testFolder(t))
  t.throws(() =>
    register.write(() => {
      register.assign(nir(A))
      throw new Error('stop')
    }),
  )
  t.same([...register.entries()], [])
  register.close()
})

t.test('a register belongs to one key, and is a register', async t => {
  const folder = testFolder(t)
  const { path, register } = fresh(folder)
  register.assign(nir(A))
  register.close()
  const other = InsKeyFile.create(join(folder, 'other.key'))
  t.throws(() => Register.open(path, other), { code: 'register-other-key' })
  writeFileSync(join(folder, 'text'), 'this is no database, and longer than one hundred bytes '.repeat(4))
  t.throws(() => Register.open(join(folder, 'text'), other), { code: 'register-unusable' })
})
