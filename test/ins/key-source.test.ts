import { join } from 'node:path'
import { inspect } from 'node:util'
import t from 'tap'
import { toHex, utf8 } from '../../src/crypto/bytes.ts'
import { hmacSha256 } from '../../src/crypto/hash.ts'
import { InsKeyFile } from '../../src/ins/key-source.ts'
import { readKeyFile } from '../../src/ins/secret-file.ts'
import { testFolder } from '../fixtures/test-folder.ts'

t.test('two tags under two keys, and neither is K', async t => {
  const path = join(testFolder(t), 'ins.key')
  const key = InsKeyFile.create(path)
  const again = InsKeyFile.read(path)
  const message = utf8('message')
  t.same(key.tag(message), hmacSha256(readKeyFile(path), message))
  t.same(key.tag(message), again.tag(message))
  t.not(toHex(key.tag(message)), toHex(key.registerTag(message)))
  const secret = toHex(readKeyFile(path))
  for (const text of [JSON.stringify({ key }), inspect(key, { showHidden: true }), String(key)]) {
    t.notMatch(text, secret)
  }
  t.equal(JSON.stringify({ key }), '{"key":"[INS key]"}')
  t.throws(() => InsKeyFile.create(path), { code: 'key-file-exists' })
  key.close()
  t.throws(() => key.tag(message), TypeError)
  t.throws(() => key.registerTag(message), TypeError)
  t.equal(again.tag(message).length, 32)
})
