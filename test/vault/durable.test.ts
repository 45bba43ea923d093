import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { replaceFile, syncFolder } from '../../src/vault/durable.ts'
import { testFolder } from '../fixtures/test-folder.ts'

t.test('a file is replaced whole, and nothing is left beside it', async t => {
  const folder = testFolder(t, { file: 'old' })
  await replaceFile(join(folder, 'file'), 'new')
  await replaceFile(join(folder, 'other'), new Uint8Array([1, 2]))
  t.equal(readFileSync(join(folder, 'file'), 'utf8'), 'new')
  t.same([...readFileSync(join(folder, 'other'))], [1, 2])
  await Promise.all(Array.from({ length: 8 }, (_, i) => replaceFile(join(folder, 'file'), `${i}`.repeat(1000))))
  t.match(readFileSync(join(folder, 'file'), 'utf8'), /^(.)\1{999}$/)
  t.same(readdirSync(folder).sort(), ['file', 'other'])
})

t.test('a folder that is not there is no success', async t => {
  await t.rejects(replaceFile(join(testFolder(t), 'missing', 'file'), 'x'), { code: 'ENOENT' })
  await t.rejects(syncFolder(join(testFolder(t), 'missing')), { code: 'ENOENT' })
})
