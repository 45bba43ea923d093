import t from 'tap'
import { nodeCrypto } from '../../src/crypto/platform.ts'

t.test('hands out what was named and nothing else', async t => {
  const native = nodeCrypto('hash', 'sign')
  t.same(Object.keys(native ?? {}).sort(), ['hash', 'sign'])
})

t.test('is null where there is no native crypto', async t => {
  const { process } = globalThis
  try {
    Reflect.deleteProperty(globalThis, 'process')
    t.equal(nodeCrypto('hash'), null)
  } finally {
    globalThis.process = process
  }
})

t.test('is null where a named function is missing', async t => {
  t.equal(nodeCrypto('hash', 'noSuchFunction' as 'sign'), null)
})
