import t from 'tap'
import { PassedHashes } from '../../../src/cli/audit/passed-hashes.ts'

const HASH = `${'abcd'.repeat(10)}xyA`
const noted = (hash = HASH, seq = 7) => {
  const passed = new PassedHashes()
  passed.note(Buffer.from(`--${hash}--`), 2, seq)
  return passed
}

t.test('what was noted is known, for what comes after it alone', t => {
  t.ok(noted().has(HASH, 8))
  t.notOk(noted().has(HASH, 7))
  t.ok(noted(HASH, 0).has(HASH, 1))
  t.notOk(new PassedHashes().has(HASH, 8))
  t.notOk(noted().has(HASH.slice(1), 8))
  t.end()
})

t.test('another hash is not known, whatever of it is the same', t => {
  for (let at = 0; at < HASH.length; at++) t.notOk(noted().has(`${HASH.slice(0, at)}-${HASH.slice(at + 1)}`, 8))
  const passed = noted()
  passed.note(Buffer.from(`abcd${'e'.repeat(39)}`), 0, 9)
  t.notOk(passed.has(HASH, 20), 'what came later has its place')
  t.end()
})
