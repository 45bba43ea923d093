import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { saveContent } from '../../../src/client/document/save.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

async function* pieces(...texts: string[]) {
  for (const text of texts) yield new Uint8Array(Buffer.from(text))
}

async function* failing() {
  yield new Uint8Array(5)
  throw new Error('altered')
}

t.test('a content that fails its checks leaves nothing behind', async t => {
  const folder = testFolder(t)
  await t.rejects(saveContent(failing(), join(folder, 'a')), { message: 'altered' })
  t.same(await readdir(folder), [])
})

t.test('a whole one stands under its name, for its owner alone', async t => {
  const folder = testFolder(t)
  const path = join(folder, 'a')
  t.equal(await saveContent(pieces('one', 'two'), path), 6)
  t.equal(await readFile(path, 'utf8'), 'onetwo')
  t.equal((await stat(path)).mode & 0o777, 0o600)
  t.same(await readdir(folder), ['a'])
})

t.test('what is there already stays, unless told', async t => {
  const path = join(testFolder(t, { a: 'mine' }), 'a')
  await t.rejects(saveContent(pieces('other'), path), { code: 'file-exists' })
  t.equal(await readFile(path, 'utf8'), 'mine')
  await saveContent(pieces('other'), path, { overwrite: true })
  t.equal(await readFile(path, 'utf8'), 'other')
})

t.test('a folder that is not there', async t => {
  await t.rejects(saveContent(pieces(), join(testFolder(t), 'no', 'a')), { code: 'file-unwritable' })
})
