import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { createKeyFile, KeyFileError, readKeyFile } from '../../src/ins/secret-file.ts'
import { testFolder } from '../fixtures/test-folder.ts'

t.test('a key is made once, for its owner alone, and read back', async t => {
  const path = join(testFolder(t), 'ins.key')
  createKeyFile(path)
  t.equal(statSync(path).mode & 0o777, 0o600)
  const key = readKeyFile(path)
  t.equal(key.length, 32)
  t.not(Buffer.from(key).toString('hex'), '0'.repeat(64))
  t.throws(() => createKeyFile(path), { code: 'key-file-exists' })
  t.same(readKeyFile(path), key, 'and it is still there')
  chmodSync(path, 0o400)
  t.same(readKeyFile(path), key)
})

t.test('a file that others may read is refused', async t => {
  const path = join(testFolder(t), 'ins.key')
  createKeyFile(path)
  for (const mode of [0o640, 0o604, 0o660, 0o601, 0o610, 0o644, 0o777]) {
    chmodSync(path, mode)
    t.throws(() => readKeyFile(path), { code: 'key-file-mode' })
  }
  symlinkSync(path, `${path}.link`)
  t.throws(() => readKeyFile(`${path}.link`), { code: 'key-file-mode' }, 'the mode is the file’s, not the link’s')
})

t.test('what is no key is refused and not shown', async t => {
  const folder = testFolder(t)
  const path = join(folder, 'ins.key')
  createKeyFile(path)
  const good = readFileSync(path, 'utf8').trimEnd()
  t.throws(() => readKeyFile(join(folder, 'none')), { code: 'key-file-missing' })
  mkdirSync(join(folder, 'folder'), { mode: 0o700 })
  t.throws(() => readKeyFile(join(folder, 'folder')), { code: 'key-file-malformed' })
  for (const content of ['', good.slice(1), `${good}=`, `${good}\n\n`, `${good} ${good}`, `${good.slice(0, -1)}B`]) {
    const wrong = join(folder, 'wrong')
    writeFileSync(wrong, content, { mode: 0o600 })
    try {
      readKeyFile(wrong)
      t.fail('accepted')
    } catch (error) {
      t.ok(KeyFileError.is(error, 'key-file-malformed'))
      t.notMatch(String(error), good.slice(1, 20))
    }
  }
})
